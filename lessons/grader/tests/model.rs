//! A model of threads: what is right is green in every order, and what is wrong is told as a story.

use std::sync::Arc;

use grader::model::sync::{Condvar, Mutex};
use grader::model::{calls, every_order, thread};
use grader::{Check, Checked, Failure, Steps, Verdict, judge};

/// A door that one thread waits at until another has opened it.
#[derive(Default)]
struct Door {
    open: Mutex<bool>,
    bell: Condvar,
}

impl Door {
    fn open(&self) {
        *self.open.lock().expect("no panic") = true;
        self.bell.notify_one();
    }

    /// Looks and sleeps under one lock.
    fn wait(&self) {
        let open = self.open.lock().expect("no panic");
        drop(self.bell.wait_while(open, |open| !*open));
    }

    /// Looks, and then sleeps.
    fn look_then_wait(&self) {
        while !*self.open.lock().expect("no panic") {
            drop(self.bell.wait(self.open.lock().expect("no panic")));
        }
    }
}

/// One thread waits in this way, another opens.
fn story(wait: fn(&Door)) -> impl Fn() + Send + Sync {
    move || {
        let door = Arc::new(Door::default());
        let opened = Arc::clone(&door);
        let opener = thread("opener", move || calls("open", || opened.open()));
        calls("wait", || wait(&door));
        opener.join().expect("no panic");
    }
}

#[test]
fn what_is_right_is_green_and_says_how_much_was_tried() {
    let Some(report) = judge(|c| c.apart(opened(Door::wait))) else {
        return;
    };
    assert_eq!(report.verdict, Verdict::Green);
    assert!(
        report.notes[0].ends_with("orders tried: a door is opened"),
        "{report:?}"
    );
}

#[test]
fn a_lost_call_is_told_as_a_story_in_order() {
    let Some(failure) = red(|c| c.apart(opened(Door::look_then_wait))) else {
        return;
    };
    let told: Vec<_> = failure.autopsy.iter().map(|line| in_short(line)).collect();
    let expected = [
        "1 waiter calls wait",
        "2 waiter locks, finds false",
        "3 waiter unlocks",
    ];
    assert_eq!(told[..3], expected, "{failure}");
    let unheard = told
        .iter()
        .position(|line| line.ends_with("notifies: nobody is asleep there"));
    let asleep = told
        .iter()
        .position(|line| line.ends_with("gives up the lock and sleeps"));
    assert!(unheard.is_some() && unheard < asleep, "{failure}");
    assert_eq!(asleep, Some(told.len() - 1), "it ends there:\n{failure}");
}

#[test]
fn a_panic_within_a_story_is_told_as_one() {
    let Some(failure) = red(|c| c.apart(opened(|_| todo!("wait for it")))) else {
        return;
    };
    assert_eq!(failure.unwritten.expect("a todo").words, "wait for it");
}

/// Judges `body`, which must stand in the test itself: a check is named after that.
fn red(body: impl FnOnce(&mut Check) -> Checked) -> Option<Failure> {
    match judge(body)?.verdict {
        Verdict::Red { failure } => Some(failure),
        other => panic!("not red: {other:?}"),
    }
}

fn opened(wait: fn(&Door)) -> impl FnOnce(&Steps) -> Checked {
    move |steps| {
        every_order(steps, "a door is opened", 2, "waiter", story(wait));
        Ok(())
    }
}

/// A line without its place and without the room between its columns.
fn in_short(line: &str) -> String {
    let words = line
        .split_whitespace()
        .filter(|word| !word.starts_with("model.rs:"));
    words.collect::<Vec<_>>().join(" ")
}
