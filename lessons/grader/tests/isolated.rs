//! Isolated steps: whether the code under judgement panics, aborts, spins or sleeps for ever, the
//! check ends in time and says so in words.

use std::env;
use std::fs::{self, OpenOptions};
use std::future::Future;
use std::io::Write;
use std::pin::Pin;
use std::process::abort;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use grader::kernel::threads::{Call, Thread};
use grader::{Check, Checked, Failure, FutureProbe, Verdict, judge};

/// Judges `body` and returns the failure; `None` in a process that is this binary in another role.
fn red(body: impl FnOnce(&mut Check) -> Checked) -> Option<Failure> {
    let begun = Instant::now();
    let report = judge(body)?;
    assert!(begun.elapsed() < Duration::from_secs(15));
    match report.verdict {
        Verdict::Red { failure } => Some(failure),
        other => panic!("not red: {other:?}"),
    }
}

#[test]
fn steps_that_hold_are_green() {
    let Some(report) = judge(|c| {
        c.isolated(|_| Ok(()))?;
        c.isolated(|steps| {
            steps.now("the second steps of a check run in a process of their own");
            Ok(())
        })
    }) else {
        return;
    };
    assert_eq!(report.verdict, Verdict::Green);
}

#[test]
fn steps_are_gone_through_once_however_many_come_after_them() {
    let mut log = None;
    let Some(report) = judge(|c| {
        // Every process that takes part makes the same name: they share a seed.
        let path = env::temp_dir().join(format!("grader-isolated-{}", c.any_below(usize::MAX)));
        let tell = |what: &str| {
            let mut log = OpenOptions::new().create(true).append(true).open(&path)?;
            writeln!(log, "{what}")
        };
        tell("a process")?;
        for what in ["the first", "the second"] {
            c.isolated(|_| Ok(tell(what)?))?;
        }
        c.isolated_for_long(|_| Ok(tell("the third")?))?;
        log = Some(fs::read_to_string(&path)?);
        Ok(fs::remove_file(&path)?)
    }) else {
        return;
    };
    assert_eq!(report.verdict, Verdict::Green);
    let expected = "a process\na process\nthe first\na process\nthe second\na process\nthe third\n";
    assert_eq!(log.as_deref(), Some(expected));
}

#[test]
fn a_todo_is_told_as_not_yet_written() {
    let Some(failure) = red(|c| {
        c.isolated(|steps| {
            steps.now("something unwritten");
            todo!("write this first")
        })
    }) else {
        return;
    };
    let todo = failure.unwritten.expect("a todo");
    assert_eq!(todo.words, "write this first");
    assert!(todo.file.ends_with("tests/isolated.rs"), "{}", todo.file);
}

#[test]
fn a_sleep_that_nothing_can_end_is_told_with_its_step() {
    let begun = Instant::now();
    let Some(failure) = red(|c| {
        c.isolated(|steps| {
            steps.now("a park that nobody unparks");
            loop {
                thread::park();
            }
        })
    }) else {
        return;
    };
    assert!(
        failure.saw.contains("a park that nobody unparks"),
        "{failure}"
    );
    assert!(
        failure.autopsy.iter().any(|line| line.contains("futex")),
        "{failure}"
    );
    assert!(
        begun.elapsed() < Duration::from_secs(4),
        "no time-out is waited for"
    );
}

#[test]
fn a_loop_without_end_is_told() {
    let Some(failure) = red(|c| {
        c.isolated(|steps| {
            steps.now("a loop that polls and polls");
            loop {
                std::hint::spin_loop();
            }
        })
    }) else {
        return;
    };
    assert!(
        failure.saw.contains("a loop that polls and polls"),
        "{failure}"
    );
    assert!(
        failure.autopsy.iter().any(|line| line.contains("runs")),
        "{failure}"
    );
}

#[test]
fn a_step_is_named_however_much_was_printed_after_it() {
    let Some(failure) = red(|c| {
        c.isolated(|steps| {
            steps.now("a step of many words");
            for _ in 0..100 {
                println!("refused");
            }
            abort()
        })
    }) else {
        return;
    };
    let saw = "it got as far as this: a step of many words";
    assert!(failure.saw.ends_with(saw), "{failure}");
}

#[test]
fn a_process_that_prints_before_its_first_step_has_said_something() {
    let Some(failure) = red(|c| {
        c.isolated(|_| {
            println!("\nrefused");
            abort()
        })
    }) else {
        return;
    };
    let saw = "it did not get to its first step";
    assert!(failure.saw.ends_with(saw), "{failure}");
}

#[test]
fn an_abort_is_told() {
    let Some(failure) = red(|c| {
        c.isolated(|steps| {
            steps.now("an abort");
            abort()
        })
    }) else {
        return;
    };
    assert!(failure.saw.contains("signal 6"), "{failure}");
}

#[test]
fn a_violation_ends_the_steps_from_whatever_thread() {
    let Some(failure) = red(|c| {
        c.isolated(|steps| {
            let told = steps.clone();
            thread::spawn(move || told.violated("ä".repeat(3_000)));
            loop {
                thread::park();
            }
        })
    }) else {
        return;
    };
    assert_eq!(failure.saw, "ä".repeat(3_000));
}

#[test]
fn a_thread_that_panicked_is_part_of_the_story() {
    let Some(failure) = red(|c| {
        c.isolated(|steps| {
            let _ = thread::spawn(|| panic!("the helper trips")).join();
            steps.violated("nobody woke it")
        })
    }) else {
        return;
    };
    assert!(failure.saw.contains("the helper trips"), "{failure}");
    assert!(failure.saw.contains("nobody woke it"), "{failure}");
}

#[test]
fn a_todo_in_another_thread_is_told_as_not_yet_written() {
    let Some(failure) = red(|c| {
        c.isolated(|steps| {
            let _ = thread::spawn(|| todo!("wake it")).join();
            steps.violated("nobody woke it")
        })
    }) else {
        return;
    };
    assert_eq!(failure.unwritten.expect("a todo").words, "wake it");
}

#[test]
fn steps_see_what_their_own_threads_sleep_in() {
    let Some(report) = judge(|c| {
        c.isolated(|steps| {
            let sleeper = thread::spawn(thread::park);
            let asleep = |t: &Thread| t.sleeps_in(&[Call::Futex]);
            while !steps.threads()?.iter().any(asleep) {
                thread::yield_now();
            }
            sleeper.thread().unpark();
            Ok(())
        })
    }) else {
        return;
    };
    assert!(
        matches!(report.verdict, Verdict::Green | Verdict::Skipped { .. }),
        "{:?}",
        report.verdict
    );
}

#[test]
fn a_poll_after_ready_is_told() {
    let Some(failure) = red(|c| {
        c.isolated(|steps| {
            let (mut future, polls) = FutureProbe::new(steps, async { 7 });
            let mut cx = Context::from_waker(Waker::noop());
            assert_eq!(Pin::new(&mut future).poll(&mut cx), Poll::Ready(7));
            assert_eq!((polls.count(), polls.wakes()), (1, 0));
            let _ = Pin::new(&mut future).poll(&mut cx);
            Ok(())
        })
    }) else {
        return;
    };
    assert!(
        failure.saw.contains("after it had returned `Ready`"),
        "{failure}"
    );
}

#[test]
fn system_calls_of_a_step_are_counted_and_of_others_not() {
    let Some(report) = judge(|c| {
        let calls = c.isolated_traced(|steps| {
            steps.count(rustix::process::getppid);
            thread::yield_now();
            steps.count(|| rustix::process::chdir("/"))?;
            Ok(())
        })?;
        assert_eq!(calls, [["getppid"], ["chdir"]]);
        Ok(())
    }) else {
        return;
    };
    assert!(
        matches!(report.verdict, Verdict::Green | Verdict::Skipped { .. }),
        "{:?}",
        report.verdict
    );
}
