//! Tasks that wait for a socket of tokio's: where their wakers lie, and who is called, and when.

use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Wake, Waker};

use claims::rt::{self, arrives, connected, is_noted, owes_by_turns, owes_end};
use claims::trace::mark;
use claims::{Checked, claim, peer, reach};
use grader::when_cloned;
use samples::word::Word;
use tokio::io::AsyncReadExt;
use tokio::task;

/// Tasks that wait in `readable()` are called in the reverse order of their coming. On a runtime of
/// one thread the task that began to wait last also runs first, and is the one that finds the
/// bytes.
///
/// See tokio 1.54.1: src/runtime/io/scheduled_io.rs, push_front and ScheduledIo::wake.
#[test]
fn the_last_to_wait_in_readable_is_called_first() {
    /// More than are called in one batch, which is 32.
    const COUNT: usize = 40;
    claim(|c| {
        rt::current_thread()?.block_on(async {
            let (socket, mut far) = connected().await?;
            let socket = Arc::new(socket);
            let (waits, runs) = (
                Arc::<Mutex<Vec<_>>>::default(),
                Arc::<Mutex<Vec<_>>>::default(),
            );
            let tasks: Vec<_> = (0..COUNT)
                .map(|number| {
                    let socket = Arc::clone(&socket);
                    let (waits, runs) = (Arc::clone(&waits), Arc::clone(&runs));
                    task::spawn(async move {
                        waits.lock().expect("no panic").push(number);
                        socket.readable().await?;
                        let found = socket.try_read(&mut [0; 16]).is_ok();
                        runs.lock().expect("no panic").push((number, found));
                        std::io::Result::Ok(())
                    })
                })
                .collect();
            task::yield_now().await;
            far.write_all(b"one message")?;
            for task in tasks {
                owes_end("a wake of each task", task)
                    .await?
                    .expect("no panic")?;
            }
            let (waits, runs) = (
                waits.lock().expect("no panic"),
                runs.lock().expect("no panic"),
            );
            let (first, last) = (runs.first(), runs.last());
            c.saw(format!("{COUNT} tasks wait; the first that runs, and finds bytes: {first:?}, the last: {last:?}"));
            assert!(waits.iter().copied().eq(0..COUNT));
            let in_reverse = (0..COUNT).rev().map(|number| (number, number == COUNT - 1));
            assert!(runs.iter().copied().eq(in_reverse));
            Ok(())
        })
    });
}

/// `poll_read` and `poll_read_ready` have one slot for a waker in each direction. If two tasks wait
/// there, only the last one is woken, and the other may sleep for ever.
#[test]
fn of_two_readers_in_the_slot_the_last_is_woken() {
    claim(|c| {
        rt::current_thread()?.block_on(async {
            let (socket, mut far) = connected().await?;
            let socket = Arc::new(socket);
            let woken = Arc::new(AtomicUsize::new(0));
            let tasks = [1, 2].map(|number| {
                let (socket, woken) = (Arc::clone(&socket), Arc::clone(&woken));
                task::spawn(async move {
                    let ready = std::future::poll_fn(|cx| socket.poll_read_ready(cx)).await;
                    woken.fetch_add(number, Ordering::SeqCst);
                    ready
                })
            });
            task::yield_now().await;
            arrives(&socket, &mut far, b"x").await?;
            let who = || woken.load(Ordering::SeqCst);
            owes_by_turns("a wake of one of the two", || who() > 0).await?;
            // A task that was woken has had its turn by now.
            for _ in 0..100 {
                task::yield_now().await;
            }
            c.saw(format!("woken: task {}", who()));
            assert_eq!(who(), 2);
            tasks.iter().for_each(tokio::task::JoinHandle::abort);
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
                    let read = owes_end("a wake of each task", task)
                        .await?
                        .expect("nobody panics");
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

/// tokio notes an event before it wakes any task: a waker that is called finds the note as the
/// event has left it.
#[test]
fn an_event_is_noted_before_a_task_is_woken() {
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
            owes_by_turns("a wake", || reader.1.get().is_some()).await?;
            let then = reader.1.get().expect("it was called");
            c.saw(format!("pending: {before}; in the waker: {then}"));
            assert_eq!(then, "tick 2, readable writable");
            Ok(())
        })
    });
}

/// tokio notes the readiness, lets go of its lock, and then calls the wakers. So a waker that polls
/// the same socket on the spot finds it ready, and no lock held.
#[test]
fn wakers_are_called_without_the_lock() {
    claim(|c| {
        let runtime = rt::current_thread()?;
        let (socket, mut far) = runtime.block_on(connected())?;
        let socket = Arc::new(socket);
        let (found, of) = (Arc::new(AtomicUsize::new(0)), Arc::clone(&socket));
        let finds = Arc::clone(&found);
        let mut probe = grader::WakerProbe::answering(move || {
            finds.fetch_add(usize::from(is_noted(&of)), Ordering::SeqCst);
        });
        let mut waits = pin!(socket.readable());
        assert!(probe.poll(waits.as_mut())?.is_pending());
        far.write_all(b"x")?;
        let woken = || found.load(Ordering::SeqCst);
        let polled = "a wake, and the waker's own poll that finds the socket ready";
        runtime.block_on(owes_by_turns(polled, || woken() > 0))?;
        c.saw(format!(
            "called {} time, and its own poll found the socket ready: {} time",
            probe.wakes(),
            woken()
        ));
        assert_eq!(woken(), 1);
        Ok(())
    });
}

/// A poll that finds nothing noted leaves its waker in the slot, and then looks at the note once
/// more. An event that the driver has noted in between is found by this very poll.
///
/// See tokio 1.54.1: src/runtime/io/scheduled_io.rs, poll_readiness.
#[test]
fn a_poll_looks_again_when_it_has_left_its_waker() {
    claim(|c| {
        // A worker of its own drives, also while this thread is in the middle of a poll.
        let runtime = rt::workers(1)?;
        let (socket, far) = runtime.block_on(connected())?;
        let word = Word::of(&socket)?;
        let before = word.look()?.to_string();
        let noted = Arc::new(OnceLock::new());
        let then = Arc::clone(&noted);
        let event = move || -> Checked {
            (&far).write_all(b"x")?;
            reach("an event in the note", || {
                let note = word.look().map(|note| note.to_string());
                note.is_ok_and(|note| note == "tick 2, readable writable")
            })
        };
        // tokio clones the waker to keep the clone in the slot.
        let waker = when_cloned(Waker::noop().clone(), move || {
            then.get_or_init(&event);
        });
        let polled = socket.poll_read_ready(&mut Context::from_waker(&waker));
        noted.get().expect("the waker is cloned").clone()?;
        c.saw(format!("when the poll began: {before}; an event comes while it keeps the waker; it is ready: {}", polled.is_ready()));
        assert_eq!(before, "tick 1, writable");
        assert!(polled.is_ready());
        Ok(())
    });
}

/// Readiness is a hint and no promise. Another program that holds a duplicate of the socket may
/// have read the bytes in the meantime; then a read after `readable()` is refused.
#[test]
fn somebody_else_may_have_read_the_bytes() {
    claim(|c| {
        rt::current_thread()?.block_on(async {
            let (socket, mut far) = connected().await?;
            let mut other = std::net::TcpStream::from(socket.as_fd().try_clone_to_owned()?);
            arrives(&socket, &mut far, b"abc").await?;
            let taken = other.read(&mut [0; 16])?;
            let read = socket.try_read(&mut [0; 16]).map_err(|error| error.kind());
            c.saw(format!(
                "readable; a duplicate read {taken} bytes; then try_read: {read:?}"
            ));
            assert_eq!((taken, read), (3, Err(ErrorKind::WouldBlock)));
            Ok(())
        })
    });
}
