//! What tokio's I/O driver does while it runs (chapter 17).

use std::future::poll_fn;
use std::io::{ErrorKind, Write};
use std::net::Shutdown;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use claims::rt::{self, at_once, connected, in_time, turn_until};
use claims::trace::mark;
use claims::{Checked, claim, peer, reach};
use grader::kernel::tcp::{self, State};
use rustix::net::{RecvFlags, recv, sockopt::set_socket_linger};
use samples::word::Word;
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest, Ready};
use tokio::net::TcpStream;
use tokio::task;

/// Whether the driver has noted that the socket is readable.
fn is_noted(socket: &TcpStream) -> bool {
    at_once(socket.readable()).is_some()
}

/// Beside the readiness of a socket tokio keeps a tick. Each event of the socket adds one to it;
/// reads do not, and neither does a refusal.
///
/// The word is read out of this process's memory: the socket's token is the address of the object
/// that it lies in. See tokio 1.54.1: src/runtime/io/scheduled_io.rs, set_readiness.
#[test]
fn each_event_adds_one_to_the_tick() {
    claim(|c| {
        rt::current_thread()?.block_on(async {
            let (socket, mut far) = connected().await?;
            let word = Word::of(&socket)?;
            let mut told = vec![word.look()?.to_string()];
            for _ in 0..2 {
                far.write_all(b"here")?;
                turn_until("an event of the socket", || is_noted(&socket)).await?;
                told.push(word.look()?.to_string());
                assert_eq!(socket.try_read(&mut [0; 16])?, 4);
                told.push(word.look()?.to_string());
                assert!(peer::would_block(&socket.try_read(&mut [0])));
                told.push(word.look()?.to_string());
            }
            told.iter().for_each(|note| c.saw(note));
            let life = [
                "tick 1, writable",
                "tick 2, readable writable",
                "tick 2, readable writable",
                "tick 2, writable",
                "tick 3, readable writable",
                "tick 3, readable writable",
                "tick 3, writable",
            ];
            assert_eq!(told, life);
            Ok(())
        })
    });
}

/// tokio notes an event before it wakes anybody: whoever is called finds the note as the event has
/// left it.
#[test]
fn an_event_is_noted_before_anybody_is_woken() {
    /// Reads the note when it is called.
    struct Reader(Word, OnceLock<String>);
    impl Wake for Reader {
        fn wake(self: Arc<Self>) {
            let note = self.0.look().map_or("gone".into(), |note| note.to_string());
            let _ = self.1.set(note);
        }
    }
    claim(|c| {
        rt::current_thread()?.block_on(async {
            let (mut socket, mut far) = connected().await?;
            let reader = Arc::new(Reader(Word::of(&socket)?, OnceLock::new()));
            let waker = Waker::from(Arc::clone(&reader));
            let mut buffer = [0; 16];
            let mut read = pin!(socket.read(&mut buffer));
            let polled = read.as_mut().poll(&mut Context::from_waker(&waker));
            assert!(polled.is_pending());
            let before = reader.0.look()?;
            far.write_all(b"here")?;
            turn_until("a wake", || reader.1.get().is_some()).await?;
            let then = reader.1.get().expect("it was called");
            c.saw(format!("pending: {before}; in the waker: {then}"));
            assert_eq!(then, "tick 2, readable writable");
            Ok(())
        })
    });
}

/// tokio's `Interest::ERROR` is told of a reset. Of a goodbye it is told nothing, nor of two: when
/// both directions are shut, the socket is read-closed and write-closed, and there is no error.
#[test]
fn an_error_is_a_reset_and_not_two_goodbyes() {
    async fn noted(socket: &TcpStream, what: Ready) -> Checked<Ready> {
        let all = Interest::READABLE | Interest::WRITABLE | Interest::ERROR;
        let look = || at_once(socket.ready(all)).and_then(Result::ok);
        turn_until("an event of the socket", || {
            look().is_some_and(|ready| (ready & what) == what)
        })
        .await?;
        Ok(look().unwrap_or(Ready::EMPTY))
    }
    claim(|c| {
        rt::current_thread()?.block_on(async {
            let (mut socket, far) = connected().await?;
            far.shutdown(Shutdown::Write)?;
            let goodbye = noted(&socket, Ready::READ_CLOSED).await?;
            socket.shutdown().await?;
            let both = noted(&socket, Ready::WRITE_CLOSED).await?;
            c.saw(format!("goodbye: {goodbye:?}"));
            c.saw(format!("and one in return: {both:?}"));
            assert!(!goodbye.is_write_closed() && both.is_read_closed());
            assert!(at_once(socket.ready(Interest::ERROR)).is_none());
            let (socket, far) = connected().await?;
            set_socket_linger(&far, Some(Duration::ZERO))?;
            drop(far);
            in_time("a wait for an error", socket.ready(Interest::ERROR)).await??;
            let reset = noted(&socket, Ready::ERROR).await?;
            c.saw(format!("reset: {reset:?}"));
            assert!(reset.is_error() && reset.is_read_closed() && reset.is_write_closed());
            Ok(())
        })
    });
}

/// A read that answers ConnectionReset takes the error out of the socket. If tokio's driver hears
/// of the reset only after that, it is told that both directions are shut, and of no error.
#[test]
fn a_reset_that_a_read_has_met_is_no_error_to_the_driver() {
    claim(|c| {
        rt::current_thread()?.block_on(async {
            let (socket, mut far) = connected().await?;
            far.write_all(b"here")?;
            turn_until("an event of the socket", || is_noted(&socket)).await?;
            // Nothing was refused, so the note stays, and the next read is made without a turn.
            assert_eq!(socket.try_read(&mut [0; 16])?, 4);
            let ends = (socket.local_addr()?, socket.peer_addr()?);
            set_socket_linger(&far, Some(Duration::ZERO))?;
            drop(far);
            reach("the reset", || {
                let end = tcp::connection(ends.0, ends.1);
                end.is_ok_and(|end| end.is_none_or(|end| end.state != State::Established))
            })?;
            let read = socket.try_read(&mut [0; 16]).map_err(|error| error.kind());
            let all = Interest::READABLE | Interest::WRITABLE | Interest::ERROR;
            let look = || at_once(socket.ready(all)).and_then(Result::ok);
            let is_shut = || look().is_some_and(Ready::is_write_closed);
            turn_until("both directions shut", is_shut).await?;
            let noted = look().unwrap_or(Ready::EMPTY);
            c.saw(format!("a read: {read:?}; then the note: {noted:?}"));
            assert_eq!(read, Err(ErrorKind::ConnectionReset));
            assert!(noted.is_read_closed() && !noted.is_error());
            Ok(())
        })
    });
}

/// Ten tasks on one thread wait in `readable()` for one socket, and one message comes: all ten are
/// woken, one reads it, and nine are told WouldBlock. The kernel has refused *one* read. Its
/// refusal corrects what tokio had noted, and `try_read` answers the other eight without asking.
#[test]
fn nine_are_refused_by_one_system_call() {
    claim(|c| {
        let trace = c.trace(|| {
            rt::current_thread()?.block_on(async {
                let (socket, mut far) = connected().await?;
                let socket = Arc::new(socket);
                let tasks: Vec<_> = (0..10)
                    .map(|_| {
                        let socket = Arc::clone(&socket);
                        task::spawn(async move {
                            let _ = socket.readable().await;
                            socket.try_read(&mut [0; 16])
                        })
                    })
                    .collect();
                task::yield_now().await;
                mark("ten wait");
                far.write_all(b"here")?;
                let (mut served, mut refused) = (0, 0);
                for task in tasks {
                    let read = in_time("a task", task).await?.expect("nobody panics");
                    served += usize::from(read.is_ok());
                    refused += usize::from(peer::would_block(&read));
                }
                mark("ten are done");
                assert_eq!((served, refused), (1, 9));
                Ok(())
            })
        })?;
        let calls = trace.between("ten wait", "ten are done");
        let reads = calls.of("recvfrom");
        reads.iter().for_each(|read| c.saw(read));
        let refused = reads.iter().filter(|read| read.failed_with("EAGAIN"));
        assert_eq!((reads.len(), refused.count()), (2, 1));
        Ok(())
    });
}

/// On a current-thread runtime without timers, one `read` of a connected socket that finds it
/// silent, and that five bytes wake, is two system calls: one wait and one read. Nothing is tried
/// before the wait, and nothing after the read.
#[test]
fn a_read_that_has_to_wait_is_one_wait_and_one_read() {
    claim(|c| {
        let trace = c.trace(|| {
            // Without timers: with them there would be waits for those too.
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_io()
                .build()?;
            runtime.block_on(async {
                let (mut socket, mut far) = connected().await?;
                let reader = task::spawn(async move {
                    let mut buffer = [0; 64];
                    let mut read = pin!(socket.read(&mut buffer));
                    let mut polls = 0;
                    mark("the call");
                    let bytes = poll_fn(|cx| {
                        polls += 1;
                        let polled = read.as_mut().poll(cx);
                        if polls == 1 {
                            // It is pending, and its waker lies there.
                            let _ = far.write_all(b"hello");
                        }
                        polled
                    })
                    .await;
                    mark("the answer");
                    bytes.map(|bytes| (bytes, polls))
                });
                let (bytes, polls) = reader.await.expect("it does not panic")?;
                assert_eq!((bytes, polls), (5, 2));
                Ok(())
            })
        })?;
        let calls = trace.between("the call", "the answer");
        let about = |name: &&str| *name != "sendto" && *name != "write";
        let names: Vec<&str> = calls.names().into_iter().filter(about).collect();
        calls.0.iter().for_each(|call| c.saw(call));
        assert!(matches!(names[..], [wait, "recvfrom"] if wait.starts_with("epoll_")));
        Ok(())
    });
}

/// A wait of tokio's that need not wait does not give the thread back. While a loop of `readable()`
/// and a raw `recv` is refused a thousand times, no other task of that thread runs.
#[test]
fn a_wait_that_returns_at_once_lets_nobody_else_run() {
    claim(|c| {
        rt::current_thread()?.block_on(async {
            let (socket, mut far) = connected().await?;
            far.write_all(b"x")?;
            turn_until("an event of the socket", || is_noted(&socket)).await?;
            let rounds = Arc::new(AtomicUsize::new(0));
            let others = Arc::clone(&rounds);
            let other = task::spawn(async move {
                loop {
                    others.fetch_add(1, Ordering::SeqCst);
                    task::yield_now().await;
                }
            });
            let (_, bytes) = recv(&socket, &mut [0; 16], RecvFlags::empty())?;
            let (mut refused, before) = (0, rounds.load(Ordering::SeqCst));
            while refused < 1000 {
                socket.readable().await?;
                let read = recv(&socket, &mut [0; 16], RecvFlags::empty());
                refused += usize::from(read.is_err());
            }
            let meanwhile = rounds.load(Ordering::SeqCst) - before;
            task::yield_now().await;
            let after = rounds.load(Ordering::SeqCst) - before;
            c.saw(format!(
                "{bytes} byte, then {refused} refusals; another task ran {meanwhile} times meanwhile, and {after} time after one yield"
            ));
            other.abort();
            assert_eq!((bytes, meanwhile), (1, 0));
            assert!(after > 0);
            Ok(())
        })
    });
}
