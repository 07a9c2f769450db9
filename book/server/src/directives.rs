//! The directives a chapter may use, one file each.
//!
//! Invariant: only the table below knows the directives by name.
//!
//! | in a chapter | becomes |
//! |---|---|
//! | `{{#lesson 06}}` | motto, estimate, the files to write in, the command that grades |
//! | `{{#checks 06}}` | what the grader holds the learner to, from its cards |
//! | `{{#mistakes 06}}` | the wrong programs of `mistakes.toml`, folded; after "Compare" |
//! | `{{#measured 06}}` | its server's costs, by `cargo course ladder --solution --book` |
//! | `{{#quiz NAME}}` | `book/src/quizzes/NAME.toml`, each answer with its explanation |
//! | `{{#diagram NAME}}` | `book/src/diagrams/NAME.svg`, in the theme's colours |
//! | `{{#transcript NAME}}` | `book/src/transcripts/NAME.txt`, a recorded run |
//! | `{{#source FILE}}`, `FILE:anchor`, `FILE:fn name` | code, without marker comments |
//! | `{{#cite CRATE:FILE:SYMBOL}}` | where something stands in a pinned crate; within a sentence |
//! | `{{#claim NAME}}` | a statement, with the test of `book/claims` that holds it |
//! | `{{#held CHECK, CHECK}}` | the checks that hold a sentence of a contract; within its line |
//! | `{{#unseen REASON}}` | why no check can hold such a sentence; within its line |
//! | `{{#unheld NAME}}` | `book/claims/unheld/NAME.toml`, a statement that no test holds |
//! | `{{#map}}`, `{{#short-path}}` | the lessons that have a chapter |

pub mod checks;
pub mod cite;
pub mod claim;
pub mod contract;
pub mod diagram;
pub mod include;
pub mod lesson;
pub mod map;
pub mod measured;
pub mod mistakes;
pub mod quiz;
pub mod source;
pub mod transcript;
pub mod unheld;

use crate::fault::Problem;
use crate::page::Page;

/// How a directive becomes markdown: from the page it stands on and what follows its name.
pub type Render = fn(&Page<'_>, &str) -> Result<String, Problem>;

/// One directive.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// What stands after `{{#`.
    pub name: &'static str,
    /// How it is written.
    pub usage: &'static str,
    /// Whether it becomes a block, and so must stand alone on its line.
    pub block: bool,
    /// What it becomes.
    pub render: Render,
}

/// Every directive of the course, by name.
pub const KINDS: &[Kind] = &[
    Kind {
        name: "checks",
        usage: "{{#checks 06}}",
        block: true,
        render: checks::render,
    },
    Kind {
        name: "cite",
        usage: "{{#cite tokio:src/runtime/io/driver.rs:add_source}}",
        block: false,
        render: cite::render,
    },
    Kind {
        name: "claim",
        usage: "{{#claim NAME}}",
        block: true,
        render: claim::render,
    },
    Kind {
        name: "diagram",
        usage: "{{#diagram NAME}}",
        block: true,
        render: diagram::render,
    },
    Kind {
        name: "held",
        usage: "{{#held accepts_every_pending_client}}",
        block: false,
        render: contract::held,
    },
    Kind {
        name: "lesson",
        usage: "{{#lesson 06}}",
        block: true,
        render: lesson::render,
    },
    Kind {
        name: "map",
        usage: "{{#map}}",
        block: true,
        render: map::render,
    },
    Kind {
        name: "measured",
        usage: "{{#measured 06}}",
        block: true,
        render: measured::render,
    },
    Kind {
        name: "mistakes",
        usage: "{{#mistakes 06}}",
        block: true,
        render: mistakes::render,
    },
    Kind {
        name: "quiz",
        usage: "{{#quiz NAME}}",
        block: true,
        render: quiz::render,
    },
    Kind {
        name: "short-path",
        usage: "{{#short-path}}",
        block: true,
        render: map::short_path,
    },
    Kind {
        name: "source",
        usage: "{{#source path/to/file.rs:anchor}}",
        block: true,
        render: source::render,
    },
    Kind {
        name: "transcript",
        usage: "{{#transcript NAME}}",
        block: true,
        render: transcript::render,
    },
    Kind {
        name: "unheld",
        usage: "{{#unheld NAME}}",
        block: true,
        render: unheld::render,
    },
    Kind {
        name: "unseen",
        usage: "{{#unseen REASON}}",
        block: false,
        render: contract::unseen,
    },
];

/// The folders of files that exist for one directive each, with their extension. A file in one of
/// them that no page uses is refused: it would rot unread.
pub const SHELVES: &[(&str, &str, &str)] = &[
    ("quiz", quiz::FOLDER, "toml"),
    ("diagram", diagram::FOLDER, "svg"),
    ("transcript", transcript::FOLDER, "txt"),
    ("unheld", unheld::FOLDER, "toml"),
];

/// The directive called `name`.
///
/// # Errors
/// When there is none, and mdBook knows none either.
pub fn find(name: &str) -> Result<&'static Kind, Problem> {
    KINDS.iter().find(|kind| kind.name == name).ok_or_else(|| {
        let usages: Vec<&str> = KINDS.iter().map(|kind| kind.usage).collect();
        Problem::new(
            format!("there is no directive `{{{{#{name}}}}}`"),
            format!(
                "write one of\n    {}\n    or mdBook's {{{{#include FILE}}}}",
                usages.join("\n    ")
            ),
        )
    })
}
