//! A later user of this floor, tried out: several workers share one reactor. Whoever gets its lock
//! turns it, and the others sleep elsewhere.

use std::future::poll_fn;
use std::io::{Read, Write};
use std::net;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Wake, Waker};
use std::thread;
use std::time::Duration;

use mio::Interest;
use mio::net::TcpStream;
use reactor::{Direction, Reactor, Registration};

/// How many workers there are.
const WORKERS: usize = 4;

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What the workers share.
struct Pool {
    reactor: Mutex<Reactor>,
    queue: Mutex<Vec<Arc<Task>>>,
    /// Where those who have not got the reactor sleep.
    news: Condvar,
    bell: Waker,
    /// Tasks that have not ended.
    left: AtomicUsize,
}

struct Task {
    work: Mutex<Option<Work>>,
    pool: Arc<Pool>,
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        let pool = Arc::clone(&self.pool);
        pool.queue.lock().unwrap().push(self);
        pool.news.notify_one();
        pool.bell.wake_by_ref();
    }
}

impl Pool {
    fn work(&self) {
        while self.left.load(Ordering::SeqCst) > 0 {
            let task = self.queue.lock().unwrap().pop();
            if let Some(task) = task {
                self.poll(&task);
            } else if let Ok(mut reactor) = self.reactor.try_lock() {
                reactor.turn(None).unwrap();
            } else {
                let queue = self.queue.lock().unwrap();
                if queue.is_empty() {
                    // Somebody else has the reactor. Not for ever: he may have left it since.
                    drop(self.news.wait_timeout(queue, Duration::from_millis(5)));
                }
            }
        }
        self.bell.wake_by_ref();
    }

    fn poll(&self, task: &Arc<Task>) {
        let waker = Waker::from(Arc::clone(task));
        let mut work = task.work.lock().unwrap();
        let Some(future) = work.as_mut() else { return };
        if future
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_ready()
        {
            *work = None;
            self.left.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

/// Echoes a hundred messages of one byte.
async fn echo(stream: Registration<TcpStream>) {
    for _ in 0..100 {
        let mut byte = [0];
        let read = poll_fn(|cx| stream.poll_io(cx, Direction::Read, |mut s| s.read(&mut byte)));
        assert_eq!(read.await.unwrap(), 1);
        let write = poll_fn(|cx| stream.poll_io(cx, Direction::Write, |mut s| s.write(&byte)));
        assert_eq!(write.await.unwrap(), 1);
    }
}

#[test]
fn workers_take_turns_at_the_reactor() {
    let reactor = Reactor::new().unwrap();
    let _entered = reactor.handle().enter();
    let pool = Arc::new(Pool {
        bell: reactor.handle().bell(),
        reactor: Mutex::new(reactor),
        queue: Mutex::default(),
        news: Condvar::new(),
        left: AtomicUsize::new(8),
    });
    let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
    let clients: Vec<_> = (0..8)
        .map(|number| {
            let mut client = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            client.set_nodelay(true).unwrap();
            let (server, _address) = listener.accept().unwrap();
            server.set_nonblocking(true).unwrap();
            server.set_nodelay(true).unwrap();
            let both = Interest::READABLE | Interest::WRITABLE;
            let server = Registration::new(TcpStream::from_std(server), both).unwrap();
            let task = Task {
                work: Mutex::new(Some(Box::pin(echo(server)))),
                pool: Arc::clone(&pool),
            };
            Arc::new(task).wake();
            thread::spawn(move || {
                for _ in 0..100 {
                    client.write_all(&[number]).unwrap();
                    let mut back = [0];
                    client.read_exact(&mut back).unwrap();
                    assert_eq!(back, [number]);
                }
            })
        })
        .collect();
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| pool.work());
        }
    });
    for client in clients {
        client.join().unwrap();
    }
}

#[test]
fn everything_may_be_sent_and_shared() {
    fn sent_and_shared<T: Send + Sync>() {}
    sent_and_shared::<Reactor>();
    sent_and_shared::<reactor::Handle>();
    sent_and_shared::<reactor::Background>();
    sent_and_shared::<Registration<TcpStream>>();
    sent_and_shared::<reactor::Tick>();
}
