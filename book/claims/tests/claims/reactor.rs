//! What a reactor rests on: mio, edges, and waking from another thread (chapter 09).

use std::io::ErrorKind;
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll as Answer, Waker};
use std::thread;
use std::time::Duration;

use claims::rt::{self, connected};
use claims::trace::mark;
use claims::{Call, Checked, claim, owes, own, reach};
use grader::kernel::threads;
use grader::strace::SystemCall;
use grader::when_dropped;
use mio::net::{UdpSocket, UnixStream};
use mio::unix::pipe;
use mio::{Events, Interest, Poll, Token};
use rustix::process::getpid;
use rustix::thread::gettid;
use tokio::net::TcpStream;

/// The tokens of what there is to be told just now.
fn tokens(poll: &mut Poll, time_out: Duration) -> Checked<Vec<usize>> {
    let mut events = Events::with_capacity(8);
    poll.poll(&mut events, Some(time_out))?;
    Ok(events.iter().map(|event| event.token().0).collect())
}

/// Whether a thread of this process sleeps in `call`.
fn sleeps(thread: i32, call: Call) -> bool {
    let threads = threads::of(getpid());
    threads
        .iter()
        .any(|t| t.id == thread && t.sleeps_in(&[call]))
}

/// A source can be registered while another thread sleeps in `epoll_wait` on the same instance, and
/// an event of it ends that sleep. The thread need not be woken for it.
#[test]
fn a_source_can_be_registered_while_another_thread_sleeps() {
    claim(|c| {
        let mut poll = Poll::new()?;
        let registry = poll.registry().try_clone()?;
        let (mut near, far) = UnixStream::pair()?;
        std::io::Write::write_all(&mut &far, b"!")?;
        let (say, who) = mpsc::channel();
        let told = thread::scope(|scope| {
            let waits = scope.spawn(move || {
                let _ = say.send(gettid().as_raw_nonzero().get());
                let mut events = Events::with_capacity(8);
                poll.poll(&mut events, None)?;
                Checked::Ok(
                    events
                        .iter()
                        .map(|event| event.token().0)
                        .collect::<Vec<_>>(),
                )
            });
            let thread = who.recv().expect("it says who it is");
            reach("a thread asleep in epoll_wait", || {
                sleeps(thread, Call::Epoll)
            })?;
            registry.register(&mut near, Token(7), Interest::READABLE)?;
            waits.join().expect("it does not panic")
        })?;
        c.saw(format!(
            "registered with token 7 while a thread slept; it was told of {told:?}"
        ));
        assert_eq!(told, [7]);
        Ok(())
    });
}

/// When the writer of an empty pipe goes away, its reader gets EPOLLHUP alone. mio's `is_readable`
/// is false for such an event, and `is_read_closed` is true.
///
/// See mio 1.2.5: src/sys/unix/selector/epoll.rs, is_read_closed.
#[test]
fn a_pipe_hangs_up_without_being_readable() {
    claim(|c| {
        let mut poll = Poll::new()?;
        let (writer, mut reader) = pipe::new()?;
        poll.registry()
            .register(&mut reader, Token(1), Interest::READABLE)?;
        drop(writer);
        let mut events = Events::with_capacity(8);
        poll.poll(&mut events, Some(Duration::ZERO))?;
        let event = events.iter().next().expect("an event of the pipe");
        let says = (event.is_readable(), event.is_read_closed());
        c.saw(format!("readable: {}, read closed: {}", says.0, says.1));
        assert_eq!(says, (false, true));
        Ok(())
    });
}

/// A datagram that is refused comes back to its socket as EPOLLERR, without EPOLLIN: mio's
/// `is_readable` and `is_read_closed` are false for that event, and `is_error` is true. The next
/// `recv` fetches ECONNREFUSED, and the one after it finds an open socket without a message.
///
/// `is_write_closed` is true: EPOLLERR is also how a pipe says that its reader has gone, and mio
/// does not ask which it is. See mio 1.2.5: src/sys/unix/selector/epoll.rs, is_write_closed.
#[test]
fn a_refused_datagram_is_an_error_and_no_end() {
    claim(|c| {
        let here = (Ipv4Addr::LOCALHOST, 0);
        // It takes datagrams of its own only: what comes to its port is refused.
        let deaf = std::net::UdpSocket::bind(here)?;
        deaf.connect(deaf.local_addr()?)?;
        let mut asks = UdpSocket::bind(here.into())?;
        asks.connect(deaf.local_addr()?)?;
        let mut poll = Poll::new()?;
        let both = Interest::READABLE | Interest::WRITABLE;
        poll.registry().register(&mut asks, Token(1), both)?;
        tokens(&mut poll, Duration::ZERO)?;
        asks.send(b"is anybody there?")?;
        let mut events = Events::with_capacity(8);
        owes("an event with the error", || {
            poll.poll(&mut events, Some(Duration::ZERO)).is_ok()
                && events.iter().any(|event| event.is_error())
        })?;
        let event = events.iter().next().expect("it is there");
        let reading = (event.is_readable(), event.is_read_closed());
        let write_closed = event.is_write_closed();
        let receive = || asks.recv(&mut [0; 64]).map_err(|error| error.kind());
        let (first, second) = (receive(), receive());
        c.saw(format!(
            "readable: {}, read closed: {}, write closed: {write_closed}",
            reading.0, reading.1
        ));
        c.saw(format!("two reads: {first:?}, {second:?}"));
        assert_eq!((reading, write_closed), ((false, false), true));
        assert_eq!(first, Err(ErrorKind::ConnectionRefused));
        assert_eq!(second, Err(ErrorKind::WouldBlock));
        Ok(())
    });
}

/// A waker of mio's that is called twice before a wait ends one wait and not two. The eventfd
/// behind it is on the ready list, or it is not.
#[test]
fn two_wakes_end_one_wait() {
    claim(|c| {
        let mut poll = Poll::new()?;
        let waker = mio::Waker::new(poll.registry(), Token(0))?;
        waker.wake()?;
        waker.wake()?;
        let first = tokens(&mut poll, Duration::from_secs(5))?;
        let then = tokens(&mut poll, Duration::ZERO)?;
        c.saw(format!(
            "two wakes; events: {}, then {}",
            first.len(),
            then.len()
        ));
        assert_eq!((first.len(), then.len()), (1, 0));
        Ok(())
    });
}

/// The list of events that `epoll_wait` has returned is not corrected. The event of a source that
/// is deregistered and closed after the call still stands in it, under its token.
#[test]
fn a_batch_is_not_corrected() {
    claim(|c| {
        let mut poll = Poll::new()?;
        let mut pairs = Vec::new();
        for token in [1, 2] {
            let (mut near, far) = UnixStream::pair()?;
            poll.registry()
                .register(&mut near, Token(token), Interest::READABLE)?;
            std::io::Write::write_all(&mut &far, b"!")?;
            pairs.push((near, far));
        }
        let mut events = Events::with_capacity(8);
        poll.poll(&mut events, Some(Duration::ZERO))?;
        let (mut near, _far) = pairs.pop().expect("two of them");
        poll.registry().deregister(&mut near)?;
        drop(near);
        let left: Vec<i32> = own::registrations().into_keys().collect();
        let mut told: Vec<usize> = events.iter().map(|event| event.token().0).collect();
        told.sort_unstable();
        c.saw(format!(
            "{} source is still registered; the batch is of {told:?}",
            left.len()
        ));
        assert_eq!((left.len(), told), (1, vec![1, 2]));
        Ok(())
    });
}

fn polls(socket: &TcpStream, waker: &Waker) -> bool {
    let mut ready = std::pin::pin!(std::future::poll_fn(|cx| socket.poll_read_ready(cx)));
    let ready: Pin<&mut _> = ready.as_mut();
    matches!(
        ready.poll(&mut Context::from_waker(waker)),
        Answer::Ready(_)
    )
}

/// tokio drops the waker that a poll replaces while it holds the lock of the socket's waiters.
/// Another thread that polls the same socket meanwhile sleeps in futex until that drop is over.
///
/// See tokio 1.54.1: src/runtime/io/scheduled_io.rs, poll_readiness.
#[test]
fn tokio_drops_a_replaced_waker_under_its_lock() {
    claim(|c| {
        let runtime = rt::current_thread()?;
        let (socket, _far) = runtime.block_on(connected())?;
        let socket = Arc::new(socket);
        let other = Arc::clone(&socket);
        let (give, polling) = mpsc::channel();
        let deed = move || {
            let done = Arc::new(AtomicBool::new(false));
            let (say, who) = mpsc::channel();
            let polled = Arc::clone(&done);
            let thread = thread::spawn(move || {
                let _ = say.send(gettid().as_raw_nonzero().get());
                polls(&other, Waker::noop());
                polled.store(true, Ordering::SeqCst);
            });
            let id = who.recv().expect("it says who it is");
            let is_done = || done.load(Ordering::SeqCst);
            let seen = reach("it asleep, or done", || {
                is_done() || sleeps(id, Call::Futex)
            });
            let _ = give.send((thread, seen.map(|()| !is_done())));
        };
        let first = when_dropped(deed);
        assert!(!polls(&socket, &first), "nothing has come");
        drop(first);
        assert!(polling.try_recv().is_err(), "tokio holds the waker");
        assert!(!polls(&socket, Waker::noop()), "nothing has come");
        let (thread, waited) = polling.recv().expect("the first waker was dropped");
        thread.join().expect("the other poll comes to its end");
        let waited = waited?;
        c.saw(format!(
            "during the drop another thread's poll had to wait: {waited}"
        ));
        assert!(waited);
        Ok(())
    });
}

/// mio's `Waker` is an eventfd that is not read, as long as its counter does not overflow. Each
/// wake adds one to the counter, and a wake that comes after you were told of the last one is told
/// again.
///
/// See mio 1.2.5: src/sys/unix/waker/eventfd.rs, reset.
#[test]
fn a_waker_s_eventfd_is_not_read() {
    claim(|c| {
        let mut poll = Poll::new()?;
        let waker = mio::Waker::new(poll.registry(), Token(0))?;
        let mut events = 0;
        for _ in 0..3 {
            waker.wake()?;
            events += tokens(&mut poll, Duration::ZERO)?.len();
        }
        let counter = own::eventfd_count()?;
        c.saw(format!(
            "3 wakes: {events} events, the eventfd stands at {counter}"
        ));
        assert_eq!((events, counter), (3, 3));
        Ok(())
    });
}

/// mio rounds a time-out up to whole milliseconds, since `epoll_wait` takes no less: one nanosecond
/// becomes one millisecond, and a millisecond and a nanosecond become two.
#[test]
fn a_nanosecond_is_a_millisecond() {
    claim(|c| {
        let trace = c.trace(|| {
            let mut poll = Poll::new()?;
            let mut events = Events::with_capacity(1);
            mark("begin");
            for nanoseconds in [1, 1_000_000, 1_000_001] {
                poll.poll(&mut events, Some(Duration::from_nanos(nanoseconds)))?;
            }
            mark("end");
            Ok(())
        })?;
        let waits = trace.between("begin", "end").0;
        waits.iter().for_each(|wait| c.saw(wait));
        let time_outs: Vec<_> = waits.iter().filter_map(SystemCall::time_out).collect();
        assert_eq!(time_outs, [1, 1, 2]);
        Ok(())
    });
}
