//! What the grader finds in a file that a model of threads cannot follow.

#[path = "../../../lessons/07-futures/tests/grade/std_sync_scan.rs"]
mod std_sync_scan;

use std_sync_scan::first_from_std;

fn found(source: &str) -> Option<(usize, String)> {
    first_from_std(source).map(|unseen| (unseen.line, unseen.path))
}

#[test]
fn what_the_parker_is_given_is_seen() {
    let given = "use std::sync::Arc;\nuse std::time::Duration;\nuse std::thread;\n\
                 use super::sync::atomic::{AtomicBool, Ordering};\nuse super::sync::{Condvar, Mutex, thread};\n\
                 // not std::sync::Mutex\nfn park() { std::thread::sleep(TIME) }";
    assert_eq!(found(given), None);
    assert_eq!(
        found("use std::sync::atomic::Ordering::{self, SeqCst};"),
        None
    );
}

#[test]
fn an_atomic_is_named_by_its_path_and_line() {
    let nested = "use std::{\n    sync::{\n        Arc as A,\n        atomic::{AtomicBool, Ordering},\n    },\n};";
    let path = "std::sync::atomic::AtomicBool".to_owned();
    assert_eq!(found(nested), Some((1, path.clone())));
    assert_eq!(
        found("\nfn f(a: &std::sync::atomic::AtomicBool) {}"),
        Some((2, path))
    );
    let module = "use std::sync::{Arc, atomic};\nstruct P(atomic::AtomicU32);";
    assert_eq!(found(module), Some((1, "std::sync::atomic".into())));
}

#[test]
fn what_is_said_and_what_is_for_tests_is_not_the_parkers() {
    let said = "/* not std::sync::Mutex /* nor\n std::thread::park */ */\nfn f() { let (_, _) = ('\"', \"std::sync::Condvar \\\" //\"); }";
    assert_eq!(found(said), None);
    let tests = "#[cfg(test)]\nuse std::sync::{Mutex, Condvar};\n#[cfg(test)]\n#[allow(unused)]\nmod tests {\n    use \
                 std::sync::atomic::AtomicBool;\n    fn f() { g(std::thread::current()); }\n}\n";
    assert_eq!(found(tests), None);
    let below = format!("{tests}use std::sync::Mutex;");
    assert_eq!(found(&below), Some((9, "std::sync::Mutex".into())));
}

#[test]
fn a_path_has_more_than_one_beginning() {
    let core = "use core::sync::atomic::{AtomicBool, Ordering};";
    assert_eq!(
        found(core),
        Some((1, "core::sync::atomic::AtomicBool".into()))
    );
    let root = "use ::std::sync::Condvar;\nstruct P(Vec<::std::sync::Mutex<()>>);";
    assert_eq!(found(root), Some((1, "std::sync::Condvar".into())));
    let field = "struct P(::std::sync::Mutex<()>);";
    assert_eq!(found(field), Some((1, "std::sync::Mutex".into())));
    assert_eq!(
        found("use super::std::sync::Mutex;\nuse my::core::sync::Condvar;"),
        None
    );
}

#[test]
fn a_clock_is_named_too_and_a_duration_is_none() {
    let clock = "use std::time::{Duration, Instant};";
    assert_eq!(found(clock), Some((1, "std::time::Instant".into())));
    let module = "use std::time;\nfn f(t: time::Duration) -> time::Instant {}";
    assert_eq!(found(module), Some((1, "std::time".into())));
    assert_eq!(found("use std::time;\nfn f(t: time::Duration) {}"), None);
}

#[test]
fn a_lock_and_a_park_are_named_too() {
    let lock = found("use std::sync::{Arc, Condvar};").expect("a condition variable");
    assert_eq!(lock.1, "std::sync::Condvar");
    let park = found("use std::thread;\nfn f() { thread::park(); }").expect("a park");
    assert_eq!(park.1, "std::thread");
    assert_eq!(
        found("use std::thread::{self, Thread};")
            .expect("a thread")
            .1,
        "std::thread::Thread"
    );
}
