//! A later user of this floor, tried out: one thread that runs tasks, fires timers, and turns the
//! reactor in between, with the next deadline as its time-out.

use std::collections::{BTreeMap, VecDeque};
use std::future::poll_fn;
use std::io::{self, Read, Write};
use std::pin::Pin;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

use mio::Interest;
use mio::net::{TcpListener, TcpStream};
use reactor::{Direction, Reactor, Registration};

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A task is a future that knows the queue it waits in.
struct Task {
    work: Mutex<Work>,
    queue: Arc<Queue>,
}

/// The tasks to be polled, and the bell of the thread that polls them.
struct Queue {
    tasks: Mutex<VecDeque<Arc<Task>>>,
    bell: Waker,
}

impl Queue {
    fn spawn(self: &Arc<Self>, work: impl Future<Output = ()> + Send + 'static) {
        let (work, queue) = (Mutex::new(Box::pin(work) as Work), Arc::clone(self));
        Arc::new(Task { work, queue }).wake();
    }

    fn next(&self) -> Option<Arc<Task>> {
        self.tasks.lock().unwrap().pop_front()
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        let queue = Arc::clone(&self.queue);
        queue.tasks.lock().unwrap().push_back(self);
        queue.bell.wake_by_ref();
    }
}

/// Wakers by deadline.
#[derive(Default)]
struct Timers(Mutex<BTreeMap<Instant, Vec<Waker>>>);

impl Timers {
    async fn sleep(&self, time: Duration) {
        let deadline = Instant::now() + time;
        poll_fn(|cx| {
            if Instant::now() >= deadline {
                return Poll::Ready(());
            }
            let mut timers = self.0.lock().unwrap();
            timers.entry(deadline).or_default().push(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// Fires what is due, and says how long it is until the next.
    fn fire(&self) -> Option<Duration> {
        let now = Instant::now();
        let mut timers = self.0.lock().unwrap();
        let later = timers.split_off(&(now + Duration::from_nanos(1)));
        let due = std::mem::replace(&mut *timers, later);
        let next = timers.keys().next().map(|next| *next - now);
        drop(timers);
        due.into_values().flatten().for_each(Waker::wake);
        next
    }
}

/// The loop, until `done` says so. Returns how often the thread slept.
fn run(mut reactor: Reactor, queue: &Queue, timers: &Timers, done: &mpsc::Receiver<()>) -> usize {
    let _entered = reactor.handle().enter();
    for turns in 0.. {
        while let Some(task) = queue.next() {
            let waker = Waker::from(Arc::clone(&task));
            let mut work = task.work.lock().unwrap();
            let _ = work.as_mut().poll(&mut Context::from_waker(&waker));
        }
        if done.try_recv().is_ok() {
            return turns;
        }
        let next = timers.fire();
        let timeout = match queue.tasks.lock().unwrap().is_empty() {
            true => next,
            false => Some(Duration::ZERO),
        };
        reactor.turn(timeout).unwrap();
    }
    unreachable!("it turns for ever");
}

async fn echo(stream: Registration<TcpStream>) -> io::Result<()> {
    let mut buffer = [0; 64];
    loop {
        let n =
            poll_fn(|cx| stream.poll_io(cx, Direction::Read, |mut s| s.read(&mut buffer))).await?;
        if n == 0 {
            return Ok(());
        }
        poll_fn(|cx| stream.poll_io(cx, Direction::Write, |mut s| s.write(&buffer[..n]))).await?;
    }
}

/// Connects, says `words`, and hears them.
async fn converse(address: std::net::SocketAddr, words: &'static [u8]) -> io::Result<()> {
    let both = Interest::READABLE | Interest::WRITABLE;
    let stream = Registration::new(TcpStream::connect(address)?, both)?;
    // A connection that is not made yet answers a write with NotConnected or
    // WouldBlock, never with success.
    poll_fn(|cx| {
        stream.poll_io(cx, Direction::Write, |s| match s.peer_addr() {
            Err(e) if e.kind() == io::ErrorKind::NotConnected => {
                Err(io::ErrorKind::WouldBlock.into())
            }
            other => other,
        })
    })
    .await?;
    poll_fn(|cx| stream.poll_io(cx, Direction::Write, |mut s| s.write(words))).await?;
    let mut heard = vec![0; words.len()];
    poll_fn(|cx| stream.poll_io(cx, Direction::Read, |mut s| s.read(&mut heard))).await?;
    assert_eq!(heard, words);
    Ok(())
}

#[test]
fn one_thread_runs_tasks_and_timers_and_sockets() {
    let reactor = Reactor::new().unwrap();
    let queue = Arc::new(Queue {
        tasks: Mutex::default(),
        bell: reactor.handle().bell(),
    });
    let timers = Arc::new(Timers::default());
    let (finish, done) = mpsc::channel();
    let (spawner, clock) = (Arc::clone(&queue), Arc::clone(&timers));
    queue.spawn(async move {
        let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let listener = Registration::new(listener, Interest::READABLE).unwrap();
        let begun = Instant::now();
        let inner = Arc::clone(&spawner);
        spawner.spawn(async move {
            loop {
                let accept =
                    poll_fn(|cx| listener.poll_io(cx, Direction::Read, TcpListener::accept));
                let both = Interest::READABLE | Interest::WRITABLE;
                let stream = Registration::new(accept.await.unwrap().0, both).unwrap();
                inner.spawn(async move { echo(stream).await.unwrap() });
            }
        });
        clock.sleep(Duration::from_millis(30)).await;
        assert!(begun.elapsed() >= Duration::from_millis(30));
        for words in [b"one".as_slice(), b"two", b"three"] {
            converse(address, words).await.unwrap();
        }
        clock.sleep(Duration::from_millis(20)).await;
        // The last task comes from another thread, and finds this one asleep.
        thread::spawn(move || {
            thread::sleep(Duration::from_millis(20));
            spawner.spawn(async move { finish.send(()).unwrap() });
        });
    });
    let turns = run(reactor, &queue, &timers, &done);
    assert!(turns < 200, "{turns} turns: it hardly slept");
}
