//! One run of a grader, shown while it happens.

use anyhow::Result;
use course::catalog::cards::Card;
use course::catalog::workspace::Workspace;
use course::grade::compile::Broken;
use course::grade::diagnostics::Diagnostics;
use course::grade::run::{Event, Judged};
use course::grade::session::{Conclusion, GradeSession, When};
use course::grade::subject::Subject;
use course::show::report;
use course::show::style::{QUIET, paint};
use course::system::process::Cancel;

use crate::cli::screen;

/// The result of a run.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Every check that was asked for has a result.
    Judged(Vec<Judged>),
    /// It does not compile; cargo has said why.
    DoesNotCompile(Broken),
    /// A newer run has taken over.
    Cancelled,
}

/// How results are shown while they come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Telling<'a> {
    /// This heading, once the program compiles, then a line for each check.
    Lines(&'a str),
    /// Only the check that is running, and only on a terminal.
    Quietly,
    /// A JSON object for each check of the lesson with this name.
    Json(&'a str),
}

/// Builds `subject`, runs its checks (`only` one of them, if named), and shows the results.
pub(crate) fn grade_and_show(
    workspace: &Workspace,
    subject: &Subject,
    only: Option<&str>,
    telling: Telling<'_>,
    cancel: &Cancel,
) -> Result<Outcome> {
    let session = GradeSession {
        workspace,
        subject,
        only,
        model: When::OthersHold,
        diagnostics: Diagnostics::Shown,
    };
    let mut teller = Teller::new(telling);
    let conclusion = session.run(cancel, &mut |event| teller.hear(&event))?;
    teller.wipe();
    Ok(match conclusion {
        Conclusion::Judged(judged) => Outcome::Judged(judged),
        Conclusion::Broken(broken) => Outcome::DoesNotCompile(broken),
        Conclusion::Cancelled => Outcome::Cancelled,
    })
}

/// Shows results as they come in.
struct Teller<'a> {
    telling: Telling<'a>,
    /// The width of the longest check name.
    room: usize,
    /// How many checks there are.
    all: usize,
    /// Whether a line is drawn that the next one replaces.
    drawn: bool,
    /// The number of the next picture of the spinner.
    turn: usize,
}

impl<'a> Teller<'a> {
    fn new(telling: Telling<'a>) -> Self {
        Self {
            telling,
            room: 0,
            all: 0,
            drawn: false,
            turn: 0,
        }
    }

    /// Shows that the program compiles and these checks are about to run.
    fn begin(&mut self, checks: &[Card]) {
        let widths = checks.iter().map(|card| card.check.len());
        self.room = widths.max().unwrap_or(0);
        self.all = checks.len();
        if let Telling::Lines(heading) = self.telling {
            out!("{heading}");
        }
    }

    /// Shows that the check with a model is about to be built.
    fn announce(&mut self, model: &Card) {
        self.room = self.room.max(model.check.len());
        self.all = self.all.max(1);
        self.wipe();
        if let Telling::Lines(_) = self.telling {
            let words = "Last, a model of threads: your code is built once more, and run in every order that its \
                         steps can come in. That takes a few seconds; the first time, the model itself is built, and a minute may pass.";
            out!(
                "\n{}\n",
                paint(QUIET, report::paragraph(words, screen::width(), "  "))
            );
        }
    }

    fn hear(&mut self, event: &Event<'_>) {
        match event {
            Event::Built { checks, .. } => self.begin(checks),
            Event::Model(card) => self.announce(card),
            Event::Waiting {
                check,
                done,
                elapsed,
            } => {
                if !matches!(self.telling, Telling::Json(_)) && screen::is_lively() {
                    let line = format!(
                        "{check}, {done} of {} done, {}",
                        self.all,
                        report::seconds(*elapsed)
                    );
                    self.draw(&line);
                }
            }
            Event::Judged(judged) => {
                self.wipe();
                match self.telling {
                    Telling::Lines(_) => {
                        out!("{}", report::line(judged, self.room, screen::width()));
                    }
                    Telling::Json(lesson) => outln!("{}", json(lesson, judged)),
                    Telling::Quietly => {}
                }
            }
        }
    }

    fn draw(&mut self, line: &str) {
        const PICTURES: [char; 4] = ['|', '/', '-', '\\'];
        let picture = PICTURES[self.turn % PICTURES.len()];
        let line: String = line
            .chars()
            .take(screen::width().saturating_sub(5))
            .collect();
        self.turn += 1;
        self.drawn = true;
        out!("\r\x1b[2K  {}", paint(QUIET, format!("{picture} {line}")));
        screen::flush();
    }

    fn wipe(&mut self) {
        if std::mem::take(&mut self.drawn) {
            out!("\r\x1b[2K");
            screen::flush();
        }
    }
}

/// One check as one object on a line.
pub(crate) fn json(lesson: &str, judged: &Judged) -> String {
    let mut object = serde_json::json!({ "lesson": lesson });
    if let (Some(object), Ok(serde_json::Value::Object(judged))) =
        (object.as_object_mut(), serde_json::to_value(judged))
    {
        object.extend(judged);
    }
    report::json(&object)
}
