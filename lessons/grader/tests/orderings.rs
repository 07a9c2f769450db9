//! The model of threads and the orderings of atomics: code that relies on `std`'s promises is green
//! in every order, and code that relies on more is red.

use std::ptr::dangling_mut;
use std::sync::Arc;

use grader::model::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
use grader::model::sync::atomic::{AtomicBool, AtomicPtr, fence};
use grader::model::sync::thread::{self as sleep, Thread};
use grader::model::{Ending, Tally, calls, every_order, must_see, rings, thread};
use grader::{Check, Checked, Explanation, Steps, Verdict, judge};

/// The flags of a sleeper and its caller.
#[derive(Default)]
struct Flags {
    called: AtomicBool,
    asleep: AtomicBool,
}

/// The caller's part; it is given the sleeper's thread.
type Call = fn(&Flags, &Thread);

impl Flags {
    /// Says that it sleeps, and then looks whether it was called: with `SeqCst`.
    fn says_then_looks(&self) {
        self.asleep.store(true, SeqCst);
        while !self.called.load(SeqCst) {
            sleep::park();
        }
    }

    /// The same with a fence in between.
    fn says_then_looks_beyond_a_fence(&self) {
        self.asleep.store(true, Relaxed);
        fence(SeqCst);
        while !self.called.load(Acquire) {
            sleep::park();
        }
    }

    /// Calls, and then looks whether somebody sleeps: with `SeqCst`.
    fn calls_then_looks(&self, sleeper: &Thread) {
        self.called.store(true, SeqCst);
        if self.asleep.load(SeqCst) {
            sleeper.unpark();
        }
    }

    /// The same with a fence in between.
    fn calls_then_looks_beyond_a_fence(&self, sleeper: &Thread) {
        self.called.store(true, Release);
        fence(SeqCst);
        if self.asleep.load(Relaxed) {
            sleeper.unpark();
        }
    }

    /// Calls, and wakes the sleeper without a look.
    fn calls_in_any_case(&self, sleeper: &Thread) {
        self.called.store(true, SeqCst);
        sleeper.unpark();
    }

    /// Sleeps until it can take a call.
    fn takes_in_one_step(&self) {
        while !self.called.swap(false, AcqRel) {
            sleep::park();
        }
    }
}

#[test]
fn two_threads_that_look_after_they_have_told_are_never_both_late() {
    is_green(|c| c.isolated(one_call(Flags::calls_then_looks, Flags::says_then_looks)));
}

#[test]
fn pointers_do_the_same() {
    is_green(|c| {
        c.isolated(|steps| {
            every_order(
                steps,
                "each points, then looks",
                4,
                "left",
                explanation,
                || {
                    let [left, right] = [(); 2].map(|()| Arc::new(AtomicPtr::<u8>::default()));
                    let (mine, yours) = (Arc::clone(&right), Arc::clone(&left));
                    let seen = Arc::new(Tally::new());
                    let counted = Arc::clone(&seen);
                    let points_then_looks =
                        |mine: &AtomicPtr<u8>, yours: &AtomicPtr<u8>, seen: &Tally| {
                            mine.store(dangling_mut(), SeqCst);
                            if !yours.load(SeqCst).is_null() {
                                seen.add_one();
                            }
                        };
                    let other = thread("right", move || points_then_looks(&mine, &yours, &counted));
                    points_then_looks(&left, &right, &seen);
                    other.join().expect("no panic");
                    must_see(&seen, 1, "neither has seen the other");
                },
            );
            Ok(())
        })
    });
}

#[test]
fn a_fence_on_both_sides_does_the_same() {
    is_green(|c| {
        c.isolated(one_call(
            Flags::calls_then_looks_beyond_a_fence,
            Flags::says_then_looks_beyond_a_fence,
        ))
    });
}

#[test]
fn a_fence_of_the_sleepers_knows_what_the_caller_does_in_one_order() {
    is_green(|c| {
        c.isolated(one_call(
            Flags::calls_then_looks,
            Flags::says_then_looks_beyond_a_fence,
        ))
    });
}

#[test]
fn a_fence_of_the_callers_knows_what_the_sleeper_does_in_one_order() {
    is_green(|c| {
        c.isolated(one_call(
            Flags::calls_then_looks_beyond_a_fence,
            Flags::says_then_looks,
        ))
    });
}

#[test]
fn two_threads_that_look_with_less_are_both_late() {
    let why = why_red(|c| {
        c.isolated(one_call(
            |flags, sleeper| {
                flags.called.store(true, Release);
                if flags.asleep.load(Acquire) {
                    sleeper.unpark();
                }
            },
            |flags| {
                flags.asleep.store(true, Release);
                while !flags.called.load(Acquire) {
                    sleep::park();
                }
            },
        ))
    });
    assert!(why.is_none_or(|why| why == "uncalled"));
}

#[test]
fn a_park_sees_what_was_done_before_every_unpark_that_it_takes() {
    is_green(|c| c.isolated(two_calls(|_, sleeper| sleeper.unpark(), |_| sleep::park())));
}

#[test]
fn a_call_that_finds_another_and_leaves_hides_what_was_done_before_it() {
    let why = why_red(|c| {
        c.isolated(two_calls(
            |flags, sleeper| {
                if !flags.called.load(SeqCst) {
                    flags.calls_in_any_case(sleeper);
                }
            },
            Flags::takes_in_one_step,
        ))
    });
    assert!(why.is_none_or(|why| why == "hidden"));
}

#[test]
fn a_call_that_comes_between_the_look_and_the_taking_is_lost() {
    let why = why_red(|c| {
        c.isolated(two_calls(Flags::calls_in_any_case, |flags| {
            while !flags.called.load(SeqCst) {
                sleep::park();
            }
            flags.called.store(false, SeqCst);
        }))
    });
    assert!(why.is_none_or(|why| why == "unheard"));
}

#[test]
fn a_store_acquires_nothing_from_what_it_overwrites() {
    let why = why_red(|c| {
        c.isolated(one_call(Flags::calls_in_any_case, |flags| {
            while !flags.called.load(Relaxed) {
                sleep::park();
            }
            flags.called.store(false, SeqCst);
        }))
    });
    assert!(why.is_none_or(|why| why == "hidden"));
}

/// One thread does something and calls, the other waits and must see what was done.
fn one_call(call: Call, wait: fn(&Flags)) -> impl FnOnce(&Steps) -> Checked {
    move |steps| {
        every_order(
            steps,
            "one calls one",
            10,
            "sleeper",
            explanation,
            move || {
                let (flags, done) = (Arc::new(Flags::default()), Arc::new(Tally::new()));
                let caller = caller("caller", &flags, &done, call);
                calls("wait", || wait(&flags));
                must_see(&done, 1, "nobody had called");
                caller.join().expect("no panic");
            },
        );
        Ok(())
    }
}

/// Two threads do something and call, a third waits until it sees both.
fn two_calls(call: Call, wait: fn(&Flags)) -> impl FnOnce(&Steps) -> Checked {
    move |steps| {
        every_order(
            steps,
            "two call one",
            2,
            "sleeper",
            explanation,
            move || {
                let (flags, done) = (Arc::new(Flags::default()), Arc::new(Tally::new()));
                let callers =
                    ["one caller", "another caller"].map(|name| caller(name, &flags, &done, call));
                while done.count() < 2 {
                    calls("wait", || wait(&flags));
                }
                for caller in callers {
                    caller.join().expect("no panic");
                }
            },
        );
        Ok(())
    }
}

/// Starts a thread that does something, and then calls the present one.
fn caller(
    name: &'static str,
    flags: &Arc<Flags>,
    done: &Arc<Tally>,
    call: Call,
) -> grader::model::Thread {
    let (flags, done) = (Arc::clone(flags), Arc::clone(done));
    let sleeper = sleep::current();
    thread(name, move || {
        done.add_one();
        rings("call", || call(&flags, &sleeper));
    })
}

/// Judges `body`, which must stand in the test itself: a check is named after its closure.
fn is_green(body: impl FnOnce(&mut Check) -> Checked) {
    if let Some(report) = judge(body) {
        assert_eq!(report.verdict, Verdict::Green, "{report:?}");
    }
}

/// As [`is_green`], for a red check; returns the name of the ending.
fn why_red(body: impl FnOnce(&mut Check) -> Checked) -> Option<String> {
    match judge(body)?.verdict {
        Verdict::Red { failure } => Some(failure.why),
        other => panic!("not red: {other:?}"),
    }
}

/// Explains an ending by its name.
fn explanation(ending: &Ending) -> Explanation {
    let why = match ending {
        Ending::Hidden => "hidden",
        Ending::Uncalled => "uncalled",
        Ending::Unheard => "unheard",
        Ending::Silent => "silent",
        _ => "another",
    };
    Explanation {
        expected: "each call is heard, and what was done before it is seen",
        why,
        look: "the orderings",
    }
}
