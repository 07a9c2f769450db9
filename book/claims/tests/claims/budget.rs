//! tokio's cooperative budget: what counts, whose it is, and what passes it by.

use std::io::Write;
use std::pin::pin;
use std::sync::mpsc;
use std::time::Duration;

use claims::rt::{
    at_once, connected, current_thread, is_noted, owes_by_turns, reach_by_turns, workers,
};
use claims::trace::mark;
use claims::{claim, peer};
use grader::strace::SystemCall;
use tokio::io::AsyncReadExt;
use tokio::task::coop::consume_budget;
use tokio::task::{self, yield_now};
use tokio::time::sleep;

/// tokio's cooperative budget is 128: after so many operations that have found something, `read`
/// and its kin are pending although there is more, and other tasks have their turn. A loop of
/// `readable()` and `try_read` has no budget, and holds its thread for as long as bytes come.
#[test]
fn readable_and_try_read_pass_the_budget_by() {
    claim(|c| {
        let trace = c.trace(|| {
            current_thread()?.block_on(async {
                let (mut socket, mut far) = connected().await?;
                far.write_all(&[0; 2000])?;
                peer::reach_unread(&socket, 2000)?;
                reach_by_turns("an event of the socket", || is_noted(&socket)).await?;
                // It begins with a budget that is new.
                yield_now().await;
                mark("read_exact");
                for _ in 0..1000 {
                    socket.read_exact(&mut [0]).await?;
                }
                mark("try_read");
                for _ in 0..1000 {
                    socket.readable().await?;
                    socket.try_read(&mut [0])?;
                }
                mark("end");
                Ok(())
            })
        })?;
        let reads_by_turn = |first, last| {
            let calls = trace.between(first, last).0;
            let turns = calls.split(|call| call.is("epoll_wait"));
            let reads =
                |calls: &[SystemCall]| calls.iter().filter(|call| call.name == "recvfrom").count();
            turns.map(reads).collect::<Vec<usize>>()
        };
        let polite = reads_by_turn("read_exact", "try_read");
        let rude = reads_by_turn("try_read", "end");
        c.saw(format!(
            "1000 bytes, one by one, reads from turn to turn: read_exact {polite:?}"
        ));
        c.saw(format!("readable and try_read: {rude:?}"));
        assert_eq!(polite, [128, 128, 128, 128, 128, 128, 128, 104]);
        assert_eq!(rude, [1000]);
        Ok(())
    });
}

/// How many operations the budget still allows to this task.
fn budget_left() -> usize {
    std::iter::from_fn(|| at_once(consume_budget())).count()
}

/// A task that uses 100 operations of its budget, and spawns another that counts what is left.
async fn spend_and_spawn(says: mpsc::Sender<usize>) {
    for _ in 0..100 {
        consume_budget().await;
    }
    task::spawn(async move {
        let _ = says.send(budget_left());
    });
}

/// On a worker the budget belongs to a run: the task that comes from the queue, and those that
/// follow it from the LIFO slot. After a task that has used 100 operations, the one that it has
/// spawned last has 28. On a runtime of one thread each poll of a task has 128.
///
/// See tokio 1.54.1: src/runtime/scheduler/multi_thread/worker.rs, run_task.
#[test]
fn a_worker_shares_the_budget_with_the_lifo_slot() {
    claim(|c| {
        let mut left = Vec::new();
        for runtime in [workers(1)?, current_thread()?] {
            let (says, said) = mpsc::channel();
            runtime.spawn(spend_and_spawn(says));
            // A runtime of one thread runs nothing without this.
            let mut seen = None;
            let look = || {
                seen = said.try_recv().ok();
                seen.is_some()
            };
            runtime.block_on(owes_by_turns("the second task's count", look))?;
            left.push(seen);
        }
        c.saw(format!("left after 100 operations of the task before: on a worker {:?}, on a runtime of one thread {:?}", left[0], left[1]));
        assert_eq!(left, [Some(28), Some(128)]);
        Ok(())
    });
}

/// A `sleep` that is over is pending all the same when the task's budget is spent. It is ready with
/// the next budget.
///
/// See tokio 1.54.1: src/time/sleep.rs, poll_elapsed.
#[test]
fn a_sleep_that_is_over_is_pending_without_budget() {
    claim(|c| {
        current_thread()?.block_on(async {
            let mut first = pin!(sleep(Duration::from_millis(1)));
            assert!(at_once(first.as_mut()).is_none());
            sleep(Duration::from_millis(2)).await;
            // A budget that is new.
            yield_now().await;
            let is_over = first.is_elapsed();
            let mut spent = 0;
            while at_once(consume_budget()).is_some() {
                spent += 1;
            }
            let pending = at_once(first.as_mut()).is_none();
            yield_now().await;
            let then = at_once(first.as_mut()).is_some();
            c.saw(format!("over: {is_over}; after {spent} operations pending: {pending}; after a yield ready: {then}"));
            assert_eq!((is_over, pending, then), (true, true, true));
            Ok(())
        })
    });
}
