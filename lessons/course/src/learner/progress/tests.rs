//! What is remembered from one run to the next.

use super::{Or, Progress, Record};
use crate::Workspace;
use crate::catalog::cards;
use crate::catalog::lessons::Lesson;

const GRADER: &str = "/// It holds.\n///\n/// # Hint\n/// Read.\n///\n/// # Hint: it spins\n/// Sleep.\n///\n\
                      /// # Hint\n/// Read on.\n#[test]\nfn holds() {}\n";

fn record(json: &str) -> Record {
    let text = format!("{{ \"lessons\": {{ \"01-tiny\": {json} }} }}");
    let progress: Progress = serde_json::from_str(&text).expect("it is read");
    progress.lessons["01-tiny"].clone()
}

/// How many hints are opened, and all of them.
fn offered(record: &Record) -> (usize, String) {
    let cards = cards::parse(GRADER);
    let offer = record.offer(&cards[0]);
    let words: Vec<_> = offer.hints().map(|hint| hint.words.as_str()).collect();
    (offer.opened, words.join(" "))
}

#[test]
fn a_file_that_counts_hints_means_the_first_of_them() {
    let old = record(
        r#"{ "green_since": 7, "last": [{ "check": "holds", "word": "does not hold", "red": true }],
             "hints": { "holds": 1 } }"#,
    );
    assert_eq!(offered(&old), (1, "Read. Read on. Sleep.".into()));
    assert_eq!(old.green_since, Some(7));
}

#[test]
fn the_next_hint_fits_what_the_last_run_said() {
    let spins = record(
        r#"{ "last": [{ "check": "holds", "word": "does not hold", "red": true, "said": "it spins" }],
             "hints": { "holds": [0] } }"#,
    );
    assert_eq!(offered(&spins), (1, "Read. Sleep. Read on.".into()));
    let written = serde_json::to_string(&spins).expect("plain data");
    assert_eq!(record(&written), spins);
}

/// Numbers, and whether the lesson is on the short path.
const LESSONS: [(&str, bool); 11] = [
    ("01", true),
    ("02", false),
    ("03", true),
    ("04", false),
    ("05", true),
    ("06", false),
    ("07", true),
    ("08", true),
    ("09", false),
    ("16", false),
    ("17", true),
];

/// The lessons, and what of them is done.
struct Way {
    lessons: Vec<Lesson>,
    progress: Progress,
}

impl Way {
    /// These are green, and the last of them was checked last.
    fn green(names: &[&str]) -> Self {
        let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let first = Lesson::all(&Workspace::around(here).unwrap())
            .unwrap()
            .remove(0);
        let lesson = |(number, is_short): (&str, bool)| {
            let mut lesson = first.clone();
            lesson.name = format!("{number}-lesson");
            lesson.about.short_path = is_short;
            lesson
        };
        let lessons: Vec<_> = LESSONS.into_iter().map(lesson).collect();
        let mut progress = Progress::default();
        for name in names {
            let lesson = Lesson::named(name, &lessons).unwrap();
            let record = progress.lessons.entry(lesson.name.clone()).or_default();
            record.green_since = Some(7);
            progress.go_to(lesson);
        }
        Self { lessons, progress }
    }

    /// What comes next, and what else could.
    fn next(&self) -> String {
        let Some(next) = self.progress.next(&self.lessons) else {
            return "nothing".into();
        };
        let lesson = next.lesson.number();
        match next.or {
            None => lesson.into(),
            Some(Or::Short(or)) => format!("{lesson}, short {}", or.number()),
            Some(Or::InOrder(or)) => format!("{lesson}, in order {}", or.number()),
        }
    }
}

#[test]
fn the_way_goes_on_from_where_one_is() {
    assert_eq!(Way::green(&[]).next(), "01");
    assert_eq!(Way::green(&["01", "02"]).next(), "03");
    assert_eq!(Way::green(&["02", "06"]).next(), "07");
    // Round the end, to what was left out.
    let all = ["02", "04", "06", "07", "08", "09", "16", "17"];
    assert_eq!(Way::green(&all).next(), "01");
    assert_eq!(
        Way::green(&[&all[..], &["01", "03", "05"]].concat()).next(),
        "nothing"
    );
}

#[test]
fn the_short_path_is_offered_and_then_kept_to() {
    assert_eq!(Way::green(&["01"]).next(), "02, short 03");
    assert_eq!(Way::green(&["01", "03"]).next(), "05, in order 04");
    assert_eq!(Way::green(&["01", "03", "05"]).next(), "07, in order 06");
    assert_eq!(Way::green(&["01", "03", "05", "07"]).next(), "08");
    assert_eq!(
        Way::green(&["01", "03", "05", "07", "08"]).next(),
        "17, in order 09"
    );
    let short = ["01", "03", "05", "07", "08", "17"];
    assert_eq!(Way::green(&short).next(), "02");
    assert_eq!(Way::green(&["01", "02"]).next(), "03");
}

#[test]
fn a_lesson_that_was_begun_is_gone_on_with() {
    let mut way = Way::green(&["01"]);
    let seven = Lesson::named("07", &way.lessons).unwrap().clone();
    way.progress.go_to(&seven);
    assert_eq!(way.next(), "07");
    // A file that does not say where one is.
    let mut way = Way::green(&["05"]);
    way.progress.at = None;
    assert_eq!(way.next(), "07, in order 06");
}
