//! Runs tasks by a script from standard input, and prints the order in which they have their turns.
//!
//! A line is one of these:
//!
//! - `spawn NAME WORD…` spawns a task that does one word after the other: `yield` wakes itself
//!   and gives its turn back, `wait` gives it back until the task is woken, `panic` panics, and any
//!   other word is the name of a task, which it wakes. After the last word it is done.
//! - `wake NAME` wakes that task, if it waits.
//! - `abort NAME` aborts it.
//! - `run LIMIT` runs the executor once; without a number, until no task is ready.
//!
//! The end of the input is a `run`, and then the executor is dropped. For each turn `NAME` is
//! printed, and `bell` when the bell rings; after the end, what has become of each task:
//! `NAME: done`, `NAME: aborted` or `NAME: panicked`.
#![forbid(unsafe_code)]

mod script;

use std::io;
use std::sync::Arc;
use std::task::{Wake, Waker};

use executor::Executor;
use executor::futures_by_hand::block_on;

use crate::script::Script;

/// What would end a sleep, if there were one.
struct Bell;

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        println!("bell");
    }
}

fn main() -> io::Result<()> {
    let mut executor = Executor::new(Waker::from(Arc::new(Bell)));
    let mut script = Script::new(executor.spawner());
    for line in io::stdin().lines() {
        let line = line?;
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            [] => {}
            ["spawn", name, ref words @ ..] => script.spawn(name, words),
            ["wake", name] => script.wake(name),
            ["abort", name] => script.abort(name),
            ["run"] => run_all(&mut executor),
            ["run", limit] => {
                executor.run(limit.parse().map_err(io::Error::other)?);
            }
            _ => return Err(io::Error::other(format!("this is no line: {line}"))),
        }
    }
    run_all(&mut executor);
    drop(executor);
    block_on(script.tell());
    Ok(())
}

fn run_all(executor: &mut Executor) {
    while executor.run(usize::MAX) > 0 {}
}
