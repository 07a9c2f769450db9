//! An executor that polls at once, inside the wake: the simplest there is, and one that every
//! bridge has to bear.

use std::cell::RefCell;
use std::io;
use std::mem::take;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use bridge::{Bridge, Reader};
use grader::{Cause, Checked, Explain, Seen, Steps, check, violation};

use crate::wire;

/// How many turns may come back without a wake, although bytes are there.
const TURNS: usize = 20;
const TURN: Duration = Duration::from_millis(100);

/// Reads until something goes wrong, and returns that; never in these steps.
type Task = Pin<Box<dyn Future<Output = io::Error>>>;

thread_local! {
    /// The task of this thread; borrowed while it is polled. `None` before it is set.
    static TASK: RefCell<Option<Task>> = const { RefCell::new(None) };
    /// What the task has read and nobody has taken yet.
    static READ: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    /// What the task has returned, if it has.
    static ERROR: RefCell<Option<io::Error>> = const { RefCell::new(None) };
}

/// A waker that polls the task of its thread.
struct OnTheSpot;

impl Wake for OnTheSpot {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let waker = Waker::from(Arc::clone(self));
        TASK.with_borrow_mut(|task| {
            let polled = task
                .as_mut()
                .map(|task| task.as_mut().poll(&mut Context::from_waker(&waker)));
            if let Some(Poll::Ready(error)) = polled {
                *task = None;
                ERROR.set(Some(error));
            }
        });
    }
}

async fn reads_for_ever(mut reader: Reader) -> io::Error {
    loop {
        let mut buffer = [0; 64];
        match reader.read_some(&mut buffer).await {
            Ok(n) => READ.with_borrow_mut(|read| read.extend(&buffer[..n])),
            Err(error) => return error,
        }
    }
}

/// A waker may poll on the spot, inside the wake: the slot is free by then, for the waker that this
/// poll leaves.
///
/// # Hint
/// A waker is somebody else's code. Nothing of yours may be borrowed or locked while it runs.
///
/// # Hint
/// In `if let Some(waker) = self.waker.borrow_mut().take() { … }` the borrow lives until the
/// closing brace. Take the waker out in a line of its own.
#[test]
fn a_waker_may_poll_on_the_spot() {
    check(|c| {
        let messages = [c.payload(100), c.payload(50)];
        let borrowed = "the slot is borrowed, or locked, while the waker is called, and the waker comes back to it: it polls, \
                        and the poll leaves the next waker. A waker is a stranger's code, and may do that";
        let look = "where the borrow of the slot, or its lock, ends, and where the waker is called";
        c.isolated(|steps| is_polled_inside_the_wake(steps, &messages))
            .explain_when(Seen::Panic("already borrowed"), borrowed, look)
            .explain_when(Seen::Panic("already mutably borrowed"), borrowed, look)
            .explain_when(Cause::Locked, borrowed, look)
            .explain(
                "two messages are each read inside the wake, and the waker that is left there is called by the next event",
                "the poll inside the wake leaves a waker in the slot, before the wake returns. A slot that is locked by \
                 then, or emptied afterwards, loses it",
                "in which order the slot is emptied and the waker is called",
            )
    });
}

/// Two messages, each of which is read inside the wake, by a poll that ends in `Pending` there.
fn is_polled_inside_the_wake(steps: &Steps, messages: &[Vec<u8>]) -> Checked {
    let (mut bridge, reader, mut peer) = wire::lay()?;
    steps.now("a poll before anything has come");
    TASK.set(Some(Box::pin(reads_for_ever(reader))));
    Waker::from(Arc::new(OnTheSpot)).wake();
    for (number, message) in (1..).zip(messages) {
        peer.send(message)?;
        steps.now(&format!(
            "a turn whose wake polls at once, and leaves a waker again: message {number}"
        ));
        let read = is_read(&mut bridge, message.len())?;
        if read != *message {
            return Err(violation(format!(
                "message {number} has {} bytes, and the polls inside the wake have read {}, or others",
                message.len(),
                read.len()
            )));
        }
    }
    Ok(())
}

/// Turns until the task has read so many bytes, or no turn brings any; returns what it has read.
fn is_read(bridge: &mut Bridge, bytes: usize) -> Checked<Vec<u8>> {
    for _ in 0..TURNS {
        wire::turn_for(bridge, TURN)?;
        if READ.with_borrow(Vec::len) >= bytes {
            break;
        }
    }
    match ERROR.take() {
        Some(error) => Err(violation(format!("a read inside the wake failed: {error}"))),
        None => Ok(READ.with_borrow_mut(take)),
    }
}
