//! What is remembered from one run to the next.

use super::{Progress, Record};
use crate::cards;

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
