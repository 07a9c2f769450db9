//! The pieces of work, each written once for all runtimes.

use std::future::poll_fn;
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

use runtime::futures_by_hand::YieldNow;

use super::peers::Peer;

/// A piece of work.
#[derive(Clone, Copy, Debug)]
pub(super) enum Work {
    /// Tasks are spawned by the thousand, and then joined.
    SpawnAndJoin,
    /// A hundred tasks wake themselves.
    Yield,
    /// Two tasks wake each other.
    PingPong,
    /// Timers are set, all at once, and cancelled.
    InsertAndCancel,
    /// Timers are set, all at once, and fire within a second.
    InsertAndFire,
    /// A task and a thread wake each other.
    RemoteWake,
}

impl Work {
    pub(super) const ALL: [Self; 6] = [
        Self::SpawnAndJoin,
        Self::Yield,
        Self::PingPong,
        Self::InsertAndCancel,
        Self::InsertAndFire,
        Self::RemoteWake,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::SpawnAndJoin => "spawn and join",
            Self::Yield => "yield",
            Self::PingPong => "ping-pong",
            Self::InsertAndCancel => "timer: insert and cancel",
            Self::InsertAndFire => "timer: insert and fire",
            Self::RemoteWake => "wake from another thread",
        }
    }

    /// How often it is done in a round: for a few tenths of a second, and for timers a million.
    pub(super) fn times(self) -> usize {
        match self {
            Self::SpawnAndJoin => 500_000,
            Self::Yield | Self::PingPong => 2_000_000,
            Self::InsertAndCancel | Self::InsertAndFire => 1_000_000,
            Self::RemoteWake => 20_000,
        }
    }
}

/// Does a piece of work so many times; returns how often it was done.
pub(super) fn done<P: Peer>(work: Work, times: usize) -> usize {
    // As a task: the main future of a runtime has a way of its own.
    match work {
        Work::SpawnAndJoin => P::block_on(spawn_and_join::<P>(times)),
        Work::Yield => P::block_on(yields::<P>(times)),
        Work::PingPong => P::block_on(ping_pong::<P>(times)),
        Work::InsertAndCancel => P::block_on(insert_and_cancel::<P>(times)),
        Work::InsertAndFire => P::block_on(insert_and_fire::<P>(times)),
        Work::RemoteWake => P::block_on(remote_wake::<P>(times)),
    }
}

async fn spawn_and_join<P: Peer>(times: usize) -> usize {
    const BATCH: usize = 1000;
    let mut done = 0;
    for batch in 0..times / BATCH {
        let tasks: Vec<_> = (0..BATCH)
            .map(|task| P::spawn(async move { batch + task }))
            .collect();
        for (number, task) in tasks.into_iter().enumerate() {
            assert_eq!(task.await, batch + number);
            done += 1;
        }
    }
    done
}

async fn yields<P: Peer>(times: usize) -> usize {
    const TASKS: usize = 100;
    let each = times / TASKS;
    let one = || async move {
        for _ in 0..each {
            YieldNow::new().await;
        }
        each
    };
    let tasks: Vec<_> = (0..TASKS).map(|_| P::spawn(one())).collect();
    let mut done = 0;
    for task in tasks {
        done += task.await;
    }
    done
}

async fn ping_pong<P: Peer>(times: usize) -> usize {
    let (there, back) = (Arc::new(Mailbox::default()), Arc::new(Mailbox::default()));
    let (hears, answers) = (Arc::clone(&there), Arc::clone(&back));
    let ponging = P::spawn(async move {
        for number in 0..times / 2 {
            assert_eq!(hears.take().await, number);
            answers.put(number);
        }
    });
    let pinging = P::spawn(async move {
        for number in 0..times / 2 {
            there.put(number);
            assert_eq!(back.take().await, number);
        }
        2 * (times / 2)
    });
    ponging.await;
    pinging.await
}

/// A sleep of each of these many milliseconds, polled once: that sets its timer.
async fn set<P: Peer>(
    millis: impl Iterator<Item = u64>,
) -> Vec<Pin<Box<impl Future<Output = ()>>>> {
    let sleeps = millis.map(|millis| Box::pin(P::sleep(Duration::from_millis(millis))));
    let mut sleeps: Vec<_> = sleeps.collect();
    poll_fn(|cx| {
        for sleep in &mut sleeps {
            assert!(sleep.as_mut().poll(cx).is_pending());
        }
        Poll::Ready(())
    })
    .await;
    sleeps
}

/// Some number below `below`, another for each.
fn scattered(number: usize, below: u64) -> u64 {
    number as u64 * 7919 % below
}

async fn insert_and_cancel<P: Peer>(times: usize) -> usize {
    let sleeps = set::<P>((0..times).map(|number| 60_000 + scattered(number, 100_000))).await;
    let done = sleeps.len();
    drop(sleeps);
    done
}

async fn insert_and_fire<P: Peer>(times: usize) -> usize {
    // None of them is due before the last is set.
    let sleeps = set::<P>((0..times).map(|number| 2_000 + scattered(number, 1000))).await;
    let mut done = 0;
    for sleep in sleeps {
        sleep.await;
        done += 1;
    }
    done
}

async fn remote_wake<P: Peer>(times: usize) -> usize {
    let (there, back) = (Arc::new(Mailbox::default()), Arc::new(Mailbox::default()));
    let (hears, answers) = (Arc::clone(&there), Arc::clone(&back));
    let thread = thread::spawn(move || {
        runtime::futures_by_hand::block_on(async {
            for number in 0..times {
                assert_eq!(hears.take().await, number);
                answers.put(number);
            }
        });
    });
    let waked = P::spawn(async move {
        for number in 0..times {
            there.put(number);
            assert_eq!(back.take().await, number);
        }
        times
    });
    let done = waked.await;
    thread.join().expect("no panic");
    done
}

/// One number on its way from one to another.
#[derive(Default)]
struct Mailbox(Mutex<(Option<usize>, Option<Waker>)>);

impl Mailbox {
    fn put(&self, number: usize) {
        let waker = {
            let mut mailbox = self.lock();
            mailbox.0 = Some(number);
            mailbox.1.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    async fn take(&self) -> usize {
        poll_fn(|cx| {
            let waker = cx.waker().clone();
            let mut mailbox = self.lock();
            match mem::take(&mut mailbox.0) {
                Some(number) => Poll::Ready(number),
                None => {
                    mailbox.1 = Some(waker);
                    Poll::Pending
                }
            }
        })
        .await
    }

    fn lock(&self) -> MutexGuard<'_, (Option<usize>, Option<Waker>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
