//! The model of threads: correct code is green in every order, and wrong code is red with a diary
//! of the order that shows it.
//!
//! Longer than others: a list of stories, each read by itself.

use std::sync::Arc;
use std::time::Duration;

use grader::model::sync::atomic::AtomicBool;
use grader::model::sync::atomic::Ordering::{self, Acquire, Relaxed, Release, SeqCst};
use grader::model::sync::{Condvar, Instant, Mutex, thread as sleep};
use grader::model::{Ending, Tally, calls, every_order, must, must_see, rings, thread};
use grader::{Check, Checked, Explanation, Failure, Steps, Verdict, judge};

/// A time-out that only the model's clock can bring to its end.
const HOUR: Duration = Duration::from_secs(3600);

/// A door that one thread waits at until another has opened it.
#[derive(Default)]
struct Door {
    open: Mutex<bool>,
    changed: Condvar,
}

impl Door {
    fn open(&self) {
        *self.open.lock().expect("no panic") = true;
        self.changed.notify_one();
    }

    /// Looks and sleeps under one lock.
    fn wait(&self) {
        let open = self.open.lock().expect("no panic");
        drop(self.changed.wait_while(open, |open| !*open));
    }

    /// Looks, and then sleeps.
    fn look_then_wait(&self) {
        while !*self.open.lock().expect("no panic") {
            drop(self.changed.wait(self.open.lock().expect("no panic")));
        }
    }
}

/// A bed: one thread sleeps in it until another has called. It has a flag, and the sleeper.
#[derive(Default)]
struct Bed {
    called: AtomicBool,
    sleeper: Mutex<Option<sleep::Thread>>,
}

impl Bed {
    /// Sets the flag and takes the sleeper under one lock, and wakes it.
    fn call(&self, order: Ordering) {
        let mut sleeper = self.sleeper.lock().expect("no panic");
        self.called.store(true, order);
        let taken = sleeper.take();
        drop(sleeper);
        if let Some(taken) = taken {
            taken.unpark();
        }
    }

    /// Takes the sleeper, and wakes it.
    fn take(&self) {
        let taken = self.sleeper.lock().expect("no panic").take();
        if let Some(taken) = taken {
            taken.unpark();
        }
    }

    /// Wakes the sleeper.
    fn ring(&self) {
        let sleeper = self.sleeper.lock().expect("no panic").clone();
        if let Some(sleeper) = sleeper {
            sleeper.unpark();
        }
    }

    fn names_itself(&self) {
        *self.sleeper.lock().expect("no panic") = Some(sleep::current());
    }

    /// Names itself as the sleeper, looks, and sleeps, until it can take the flag in this way.
    fn wait_until(&self, taken: impl Fn(&AtomicBool) -> bool) {
        loop {
            self.names_itself();
            if taken(&self.called) {
                return;
            }
            sleep::park();
        }
    }

    fn wait(&self, order: Ordering) {
        self.wait_until(|called| called.swap(false, order));
    }
}

/// A story: one thread waits in this way, another opens.
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
    let Some(report) = judge(|c| c.isolated(opened(Door::wait))) else {
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
    let Some(failure) = red(|c| c.isolated(opened(Door::look_then_wait))) else {
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
fn each_bad_ending_has_an_explanation_of_its_own() {
    let Some(failure) = red(|c| c.isolated(opened(Door::look_then_wait))) else {
        return;
    };
    assert_eq!(failure.why, "unheard", "{failure}");
}

#[test]
fn a_thread_that_is_never_called_is_told_so() {
    let Some(failure) = red(|c| {
        c.isolated(|steps| {
            every_order(steps, "nobody opens", 2, "waiter", explanation, || {
                Door::default().wait();
            });
            Ok(())
        })
    }) else {
        return;
    };
    assert_eq!(failure.why, "uncalled", "{failure}");
}

#[test]
fn a_thread_that_is_called_too_early_goes_back_to_sleep() {
    let Some(failure) = red(|c| {
        c.isolated(|steps| {
            every_order(steps, "rings, then opens", 2, "waiter", explanation, || {
                let door = Arc::new(Door::default());
                let opened = Arc::clone(&door);
                let open = door.open.lock().expect("no panic");
                let opener = thread("opener", move || {
                    let open = opened.open.lock().expect("no panic");
                    opened.changed.notify_one();
                    drop(open);
                    *opened.open.lock().expect("no panic") = true;
                });
                drop(door.changed.wait_while(open, |open| !*open));
                opener.join().expect("no panic");
            });
            Ok(())
        })
    }) else {
        return;
    };
    assert_eq!(failure.why, "back to sleep", "{failure}");
}

#[test]
fn a_lock_that_is_never_given_up_is_named_by_the_thread_that_waits_and_its_line() {
    let Some(failure) = red(|c| {
        c.isolated(|steps| {
            every_order(steps, "locks twice", 2, "waiter", explanation, || {
                let lock = Mutex::new(());
                let _first = lock.lock().expect("no panic");
                drop(lock.lock());
            });
            Ok(())
        })
    }) else {
        return;
    };
    assert_eq!(failure.why, "locked", "{failure}");
    assert!(
        failure.saw.contains("the waiter waits at model.rs:"),
        "{failure}"
    );
}

#[test]
fn a_loop_without_end_is_told_as_one() {
    let Some(failure) = red(|c| {
        c.isolated(|steps| {
            every_order(steps, "turns and turns", 0, "waiter", explanation, || {
                let open = AtomicBool::new(false);
                while !open.load(Ordering::SeqCst) {}
            });
            Ok(())
        })
    }) else {
        return;
    };
    assert_eq!(failure.why, "endless", "{failure}");
}

#[test]
fn a_thousand_looks_before_the_sleep_are_no_loop_without_end() {
    let Some(report) = judge(|c| {
        c.isolated(|steps| {
            every_order(
                steps,
                "looks, then sleeps",
                1,
                "waiter",
                explanation,
                || {
                    let (called, waiter) = (Arc::new(AtomicBool::new(false)), sleep::current());
                    let calling = Arc::clone(&called);
                    let caller = thread("caller", move || {
                        calling.store(true, SeqCst);
                        waiter.unpark();
                    });
                    if !(0..1000).any(|_| called.swap(false, SeqCst)) {
                        while !called.swap(false, SeqCst) {
                            sleep::park();
                        }
                    }
                    caller.join().expect("no panic");
                },
            );
            Ok(())
        })
    }) else {
        return;
    };
    assert_eq!(report.verdict, Verdict::Green, "{report:?}");
}

#[test]
fn a_story_of_too_many_orders_says_how_far_it_came() {
    let Some(report) = judge(|c| {
        c.isolated_for_long(|steps| {
            every_order(steps, "three count", 9, "first", explanation, || {
                let count = Arc::new(Mutex::new(0_usize));
                let others = ["second", "third"].map(|name| {
                    let count = Arc::clone(&count);
                    thread(name, move || {
                        for _ in 0..20 {
                            *count.lock().expect("no panic") += 1;
                        }
                    })
                });
                for other in others {
                    other.join().expect("no panic");
                }
            });
            Ok(())
        })
    }) else {
        return;
    };
    let note = &report.notes[0];
    let told = note.ends_with(" at most, and then there was no time left: three count");
    let begins = " orders tried, among them all with ";
    assert!(told && note.contains(begins), "{report:?}");
}

#[test]
fn a_broken_promise_is_the_storys_own() {
    let Some(failure) = red(|c| {
        c.isolated(|steps| {
            every_order(steps, "promises", 0, "waiter", explanation, || {
                drop(Mutex::new(()).lock());
                must(false, "it was promised");
            });
            Ok(())
        })
    }) else {
        return;
    };
    assert_eq!(
        (failure.why.as_str(), failure.saw.as_str()),
        ("broken", "it was promised")
    );
}

/// A story: one thread waits for an hour in this way, which says whether the door was opened. If it
/// was not, the thread waits for good. Another opens once.
fn hour(wait: fn(&Door) -> bool) -> impl FnOnce(&Steps) -> Checked {
    move |steps| {
        let words = "a door is opened within the hour, or not";
        every_order(steps, words, 2, "waiter", explanation, move || {
            let door = Arc::new(Door::default());
            let opened = Arc::clone(&door);
            let opener = thread("opener", move || rings("open", || opened.open()));
            if !calls("wait", || wait(&door)) {
                calls("wait", || door.wait());
            }
            opener.join().expect("no panic");
        });
        Ok(())
    }
}

#[test]
fn a_time_out_passes_in_some_orders_and_loses_no_call_where_the_flag_is_asked() {
    let waits = |door: &Door| {
        let open = door.open.lock().expect("no panic");
        let waited = door.changed.wait_timeout_while(open, HOUR, |open| !*open);
        let (open, slept) = waited.expect("no panic");
        assert_eq!(*open, !slept.timed_out());
        *open
    };
    let Some(report) = judge(|c| c.isolated(hour(waits))) else {
        return;
    };
    assert_eq!(report.verdict, Verdict::Green, "{report:?}");
}

#[test]
fn a_call_that_is_taken_when_the_time_is_over_and_not_told_is_lost() {
    let waits = |door: &Door| {
        let open = door.open.lock().expect("no panic");
        if *open {
            return true;
        }
        let (mut open, slept) = door.changed.wait_timeout(open, HOUR).expect("no panic");
        !slept.timed_out() || {
            *open = false;
            false
        }
    };
    let Some(failure) = red(|c| c.isolated(hour(waits))) else {
        return;
    };
    let told: Vec<_> = failure.autopsy.iter().map(|line| in_short(line)).collect();
    let over = |line: &String| line.contains("wakes up, since the time is over, locks, finds true");
    assert!(told.iter().any(over), "{failure}");
    let answer = "waiter wait returns false";
    assert!(told.iter().any(|line| line.ends_with(answer)), "{failure}");
}

#[test]
fn the_clock_stands_still_but_for_sleeps_whose_time_is_over() {
    let Some(report) = judge(|c| {
        c.isolated(|steps| {
            every_order(steps, "an hour passes", 2, "waiter", explanation, || {
                let begun = Instant::now();
                assert_eq!(begun.elapsed(), Duration::ZERO);
                let waiter = sleep::current();
                let caller = thread("caller", move || waiter.unpark());
                sleep::park_timeout(HOUR);
                let slept = begun.elapsed();
                assert!(slept == Duration::ZERO || slept > HOUR, "{slept:?}");
                caller.join().expect("no panic");
            });
            Ok(())
        })
    }) else {
        return;
    };
    assert_eq!(report.verdict, Verdict::Green, "{report:?}");
}

#[test]
fn two_threads_that_look_after_they_have_told_cannot_both_be_late() {
    let Some(report) = judge(|c| {
        c.isolated(|steps| {
            every_order(
                steps,
                "each tells, then looks",
                4,
                "left",
                explanation,
                || {
                    let [left, right] = [(); 2].map(|()| Arc::new(AtomicBool::new(false)));
                    let (mine, yours) = (Arc::clone(&right), Arc::clone(&left));
                    let seen = Arc::new(Tally::new());
                    let counted = Arc::clone(&seen);
                    let other = thread("right", move || {
                        mine.store(true, Ordering::SeqCst);
                        if yours.load(Ordering::SeqCst) {
                            counted.add_one();
                        }
                    });
                    left.store(true, Ordering::SeqCst);
                    if right.load(Ordering::SeqCst) {
                        seen.add_one();
                    }
                    other.join().expect("no panic");
                    must(seen.count() > 0, "neither has seen the other");
                },
            );
            Ok(())
        })
    }) else {
        return;
    };
    assert_eq!(report.verdict, Verdict::Green);
}

#[test]
fn a_flag_and_a_parked_thread_are_followed() {
    let Some(report) = judge(|c| {
        c.isolated(|steps| {
            every_order(
                steps,
                "a flag, then unpark",
                4,
                "sleeper",
                explanation,
                || {
                    let flag = Arc::new(AtomicBool::new(false));
                    let (set, sleeper) = (Arc::clone(&flag), sleep::current());
                    let caller = thread("caller", move || {
                        set.store(true, Ordering::Release);
                        sleeper.unpark();
                    });
                    while !flag.load(Ordering::Acquire) {
                        sleep::park();
                    }
                    caller.join().expect("no panic");
                },
            );
            Ok(())
        })
    }) else {
        return;
    };
    assert_eq!(report.verdict, Verdict::Green);
}

#[test]
fn a_park_without_a_flag_takes_a_sleep_that_ends_for_no_reason_for_a_call() {
    let Some(failure) = red(|c| {
        c.isolated(|steps| {
            every_order(steps, "unpark alone", 2, "sleeper", explanation, || {
                let called = Arc::new(Tally::new());
                let (calling, sleeper) = (Arc::clone(&called), sleep::current());
                let caller = thread("caller", move || {
                    calling.add_one();
                    sleeper.unpark();
                });
                sleep::park();
                must(called.count() > 0, "nobody had called");
                caller.join().expect("no panic");
            });
            Ok(())
        })
    }) else {
        return;
    };
    assert_eq!(failure.why, "broken", "{failure}");
}

#[test]
fn a_store_under_a_lock_is_not_overlooked_by_a_later_swap() {
    let Some(report) =
        judge(|c| c.isolated(told(|bed| bed.call(Release), |bed| bed.wait(Acquire))))
    else {
        return;
    };
    assert_eq!(report.verdict, Verdict::Green, "{report:?}");
}

#[test]
fn a_store_under_a_lock_is_not_overlooked_by_a_later_exchange() {
    let Some(report) = judge(|c| {
        c.isolated(two_tell(
            |bed| bed.call(Release),
            |bed| {
                bed.wait_until(|called| {
                    called
                        .compare_exchange(true, false, Acquire, Relaxed)
                        .is_ok()
                });
            },
        ))
    }) else {
        return;
    };
    assert_eq!(report.verdict, Verdict::Green, "{report:?}");
}

#[test]
fn a_flag_that_carries_nothing_hides_what_was_done_before_the_call() {
    let Some(failure) = red(|c| {
        c.isolated(told(
            |bed| {
                bed.called.swap(true, Relaxed);
                bed.ring();
            },
            |bed| bed.wait(Relaxed),
        ))
    }) else {
        return;
    };
    assert_eq!(failure.why, "hidden", "{failure}");
}

#[test]
fn a_last_call_that_rings_nobody_is_told_so_although_an_earlier_one_was_heard() {
    let Some(failure) = red(|c| {
        c.isolated(two_tell(
            |bed| {
                bed.called.store(true, SeqCst);
                bed.take();
            },
            |bed| {
                bed.names_itself();
                while !bed.called.swap(false, SeqCst) {
                    sleep::park();
                }
            },
        ))
    }) else {
        return;
    };
    assert_eq!(failure.why, "silent", "{failure}");
}

#[test]
fn the_story_that_ends_badly_is_named() {
    let Some(report) = judge(|c| {
        c.isolated(|steps| {
            let good = story(Door::wait);
            every_order(steps, "a door is opened", 0, "waiter", explanation, good);
            let bad = || Door::default().wait();
            every_order(steps, "nobody opens", 0, "waiter", explanation, bad);
            Ok(())
        })
    }) else {
        return;
    };
    let latest = report.notes.last().map(String::as_str);
    assert_eq!(latest, Some("one order ends badly: nobody opens"));
}

#[test]
fn a_panic_within_a_story_is_told_as_one() {
    let Some(failure) = red(|c| c.isolated(opened(|_| todo!("wait for it")))) else {
        return;
    };
    assert_eq!(failure.unwritten.expect("a todo").words, "wait for it");
}

/// Judges `body`, which must stand in the test itself: a check is named after its closure.
fn red(body: impl FnOnce(&mut Check) -> Checked) -> Option<Failure> {
    match judge(body)?.verdict {
        Verdict::Red { failure } => Some(failure),
        other => panic!("not red: {other:?}"),
    }
}

fn opened(wait: fn(&Door)) -> impl FnOnce(&Steps) -> Checked {
    move |steps| {
        every_order(
            steps,
            "a door is opened",
            2,
            "waiter",
            explanation,
            story(wait),
        );
        Ok(())
    }
}

/// One thread does something and calls, the other waits and must see what was done.
fn told(call: fn(&Bed), wait: fn(&Bed)) -> impl FnOnce(&Steps) -> Checked {
    move |steps| {
        every_order(
            steps,
            "one is told",
            10,
            "sleeper",
            explanation,
            move || {
                let (bed, done) = (Arc::new(Bed::default()), Arc::new(Tally::new()));
                let (theirs, does) = (Arc::clone(&bed), Arc::clone(&done));
                let caller = thread("caller", move || {
                    does.add_one();
                    rings("call", || call(&theirs));
                });
                calls("wait", || wait(&bed));
                must_see(&done, 1, "nobody had called");
                caller.join().expect("no panic");
            },
        );
        Ok(())
    }
}

/// Two threads do something and call, a third waits until it sees both.
fn two_tell(call: fn(&Bed), wait: fn(&Bed)) -> impl FnOnce(&Steps) -> Checked {
    move |steps| {
        every_order(
            steps,
            "two tell one",
            2,
            "sleeper",
            explanation,
            move || {
                let (bed, done) = (Arc::new(Bed::default()), Arc::new(Tally::new()));
                let callers = ["one caller", "another caller"].map(|name| {
                    let (theirs, does) = (Arc::clone(&bed), Arc::clone(&done));
                    thread(name, move || {
                        does.add_one();
                        rings("call", || call(&theirs));
                    })
                });
                while done.count() < 2 {
                    calls("wait", || wait(&bed));
                }
                for caller in callers {
                    caller.join().expect("no panic");
                }
            },
        );
        Ok(())
    }
}

/// Explains an ending by its name.
fn explanation(ending: &Ending) -> Explanation {
    let why = match ending {
        Ending::Unheard => "unheard",
        Ending::BackToSleep => "back to sleep",
        Ending::Silent => "silent",
        Ending::Uncalled => "uncalled",
        Ending::Hidden => "hidden",
        Ending::Locked { .. } => "locked",
        Ending::Endless => "endless",
        Ending::Broken(_) => "broken",
        Ending::Unseen => "unseen",
    };
    Explanation {
        expected: "the door is opened",
        why,
        look: "the story",
    }
}

/// A line of the diary without its place and with single blanks.
fn in_short(line: &str) -> String {
    let words = line
        .split_whitespace()
        .filter(|word| !word.starts_with("model.rs:"));
    words.collect::<Vec<_>>().join(" ")
}
