//! What tokio believes of a socket, when it asks the kernel, and what it forgets.

use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use claims::rt::{self, accepted, at_once, connected, in_time, turn_until};
use claims::trace::mark;
use claims::{Checked, claim, peer, reach};
use rustix::net::RecvFlags;
use tokio::io::{AsyncReadExt, Interest};
use tokio::net::TcpStream;
use tokio::task;

/// Whether an event of the socket has come and has not been used up: tokio answers from what it has noted, no system call.
fn is_noted(socket: &TcpStream) -> bool {
    at_once(socket.readable()).is_some()
}

/// Sends `bytes` from the other end, and lets the driver turn until the socket is noted as readable.
async fn arrives(socket: &TcpStream, far: &mut std::net::TcpStream, bytes: &[u8]) -> Checked {
    far.write_all(bytes)?;
    turn_until("an event of the socket", || is_noted(socket)).await
}

/// tokio assumes of a socket that was just accepted that it may have something to read. `readable()` returns at once although the
/// other end is silent, and the first read is refused. From then on it knows better.
///
/// So since tokio 1.54; see tokio 1.54.1: src/net/tcp/stream.rs, new_accepted.
#[test]
fn an_accepted_socket_is_assumed_to_be_ready() {
    claim(|c| {
        rt::current_thread()?.block_on(async {
            let (socket, _silent) = accepted().await?;
            let assumed = is_noted(&socket);
            let read = socket.try_read(&mut [0]).map_err(|error| error.kind());
            let then = is_noted(&socket);
            c.saw(format!(
                "readable at once: {assumed}; a read: {read:?}; readable at once: {then}"
            ));
            assert_eq!(
                (assumed, read, then),
                (true, Err(ErrorKind::WouldBlock), false)
            );
            Ok(())
        })
    });
}

/// A socket that tokio has *connected* is not read before an event tells of bytes. One that it has *accepted* is read at once, and only
/// then waited for.
#[test]
fn a_connected_socket_waits_first_and_an_accepted_one_reads_first() {
    claim(|c| {
        let trace = c.trace(|| {
            rt::current_thread()?.block_on(async {
                let (mut near, mut far) = connected().await?;
                task::yield_now().await;
                mark("connected");
                let answer = std::thread::spawn(move || far.write_all(b"x").map(|()| far));
                assert_eq!(near.read(&mut [0; 16]).await?, 1);
                mark("read");
                answer.join().expect("it writes")?;
                let (mut near, mut far) = accepted().await?;
                task::yield_now().await;
                mark("accepted");
                far.write_all(b"x")?;
                assert_eq!(near.read(&mut [0; 16]).await?, 1);
                mark("read too");
                Ok(())
            })
        })?;
        for (first, last) in [("connected", "read"), ("accepted", "read too")] {
            let calls = trace.between(first, last);
            let is_about = |call: &&_| -> bool {
                let call: &claims::trace::SystemCall = call;
                call.is("epoll_wait") || call.name == "recvfrom"
            };
            let names: Vec<&str> = calls
                .0
                .iter()
                .filter(is_about)
                .map(|call| call.name.as_str())
                .collect();
            c.saw(format!("{first}, then: {}", names.join(", ")));
            let waits_first = names[0] != "recvfrom";
            assert_eq!(waits_first, first == "connected");
        }
        Ok(())
    });
}

/// `try_read` without readiness answers WouldBlock *without asking the kernel*. Bytes that lie in the socket are not found until the
/// driver has turned.
#[test]
fn try_read_does_not_ask_the_kernel() {
    claim(|c| {
        rt::current_thread()?.block_on(async {
            let (socket, mut far) = connected().await?;
            far.write_all(b"here")?;
            peer::reach_unread(&socket, 4)?;
            let before = socket.try_read(&mut [0; 16]).map_err(|error| error.kind());
            turn_until("an event of the socket", || is_noted(&socket)).await?;
            let after = socket.try_read(&mut [0; 16]).map_err(|error| error.kind());
            c.saw(format!(
                "4 bytes unread; try_read: {before:?}, after the driver has turned: {after:?}"
            ));
            assert_eq!((before, after), (Err(ErrorKind::WouldBlock), Ok(4)));
            Ok(())
        })
    });
}

/// After `readable()`, a raw `recv` that bypasses tokio clears nothing. When it is refused, `readable()` still returns at once, and a
/// loop around the two spins. `try_io` tells tokio of the refusal, and the next wait is one.
#[test]
fn a_raw_read_after_readable_spins() {
    claim(|c| {
        rt::current_thread()?.block_on(async {
            let (socket, mut far) = connected().await?;
            arrives(&socket, &mut far, b"abc").await?;
            let raw =
                |socket: &TcpStream| rustix::net::recv(socket, &mut [0; 16], RecvFlags::empty());
            assert_eq!(raw(&socket)?.0, 3);
            let mut refused = 0;
            while refused < 1000 && is_noted(&socket) && raw(&socket).is_err() {
                refused += 1;
            }
            c.saw(format!(
                "`readable()` at once and refused by a raw recv: {refused} times, then given up"
            ));
            assert_eq!(refused, 1000);
            let told = socket.try_io(Interest::READABLE, || Ok(raw(&socket)?.0));
            let waits = !is_noted(&socket);
            c.saw(format!(
                "through `try_io`: {:?}; does `readable()` wait now: {waits}",
                told.map_err(|error| error.kind())
            ));
            assert!(waits);
            Ok(())
        })
    });
}

/// A read that fills its buffer exactly leaves the socket noted as readable, though it may be empty. The next `readable()` returns at
/// once, and the read after it is refused. No network did anything unusual.
#[test]
fn a_read_that_fills_its_buffer_leaves_false_readiness() {
    claim(|c| {
        rt::current_thread()?.block_on(async {
            let (mut socket, mut far) = connected().await?;
            arrives(&socket, &mut far, b"12345").await?;
            let n = socket.read(&mut [0; 5]).await?;
            let full = is_noted(&socket);
            let refused = socket.try_read(&mut [0; 5]).map_err(|error| error.kind());
            c.saw(format!(
                "{n} bytes into a buffer of 5; readable: {full}; and then: {refused:?}"
            ));
            assert_eq!((n, full, refused), (5, true, Err(ErrorKind::WouldBlock)));
            arrives(&socket, &mut far, b"12345").await?;
            let n = socket.read(&mut [0; 6]).await?;
            let short = is_noted(&socket);
            c.saw(format!("{n} bytes into a buffer of 6; readable: {short}"));
            assert_eq!((n, short), (5, false));
            Ok(())
        })
    });
}

/// tokio takes a read that did not fill the buffer as a sign that the socket is empty, and spares the read that would be refused. It
/// does so in `poll_read` alone: `try_read` leaves the readiness standing.
///
/// See tokio 1.54.1: src/io/poll_evented.rs, PollEvented::poll_read.
#[test]
fn only_poll_read_learns_from_a_short_read() {
    claim(|c| {
        rt::current_thread()?.block_on(async {
            let (mut socket, mut far) = connected().await?;
            arrives(&socket, &mut far, b"five!").await?;
            assert_eq!(socket.read(&mut [0; 1024]).await?, 5);
            let after_read = is_noted(&socket);
            arrives(&socket, &mut far, b"five!").await?;
            socket.try_read(&mut [0; 1024])?;
            let after_try_read = is_noted(&socket);
            c.saw(format!("5 bytes into 1024; still readable after read: {after_read}, after try_read: {after_try_read}"));
            assert_eq!((after_read, after_try_read), (false, true));
            Ok(())
        })
    });
}

/// A refused read clears the note "readable", but not if an event has come since the read began: each event counts a tick further, and a clear
/// that names an older tick is ignored.
///
/// See tokio 1.54.1: src/runtime/io/scheduled_io.rs, set_readiness.
#[test]
fn a_refusal_does_not_erase_a_newer_event() {
    claim(|c| {
        // A worker of its own drives, also while this thread is in the middle of a read.
        let runtime = rt::workers(1)?;
        let (socket, mut far, witness, mut far_witness) = runtime.block_on(async {
            let ((near, far), (witness, far_witness)) = (connected().await?, connected().await?);
            Checked::Ok((near, far, witness, far_witness))
        })?;
        far.write_all(b"x")?;
        reach("an event of the socket", || is_noted(&socket))?;
        let refused = || std::io::Error::from(ErrorKind::WouldBlock);
        let mut newer = Ok(());
        let _ = socket.try_io(Interest::READABLE, || {
            far.write_all(b"y")?;
            far_witness.write_all(b"z")?;
            // The driver deals with events in their order: when the witness has been told of, so has the socket.
            newer = reach("an event of the witness", || is_noted(&witness));
            Err::<(), _>(refused())
        });
        newer?;
        let still = is_noted(&socket);
        let _ = socket.try_io(Interest::READABLE, || Err::<(), _>(refused()));
        let then = is_noted(&socket);
        c.saw(format!("refused, with an event in between: readable {still}; refused, without one: readable {then}"));
        assert_eq!((still, then), (true, false));
        Ok(())
    });
}

/// Ten tasks wait in `readable()` for one socket, and one message comes: all ten are woken, one reads it, nine are refused.
#[test]
fn everyone_who_awaits_readable_is_woken() {
    claim(|c| {
        rt::current_thread()?.block_on(async {
            let (socket, mut far) = connected().await?;
            let socket = Arc::new(socket);
            let tasks: Vec<_> = (0..10)
                .map(|_| {
                    let socket = Arc::clone(&socket);
                    task::spawn(async move {
                        socket.readable().await?;
                        socket.try_read(&mut [0; 16])
                    })
                })
                .collect();
            task::yield_now().await;
            far.write_all(b"one message")?;
            let (mut served, mut refused) = (0, 0);
            for task in tasks {
                match in_time("a task that waits in `readable()`", task)
                    .await?
                    .expect("no panic")
                {
                    Ok(_) => served += 1,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => refused += 1,
                    Err(error) => return Err(error.into()),
                }
            }
            c.saw(format!(
                "ten tasks, one message: {served} read it, {refused} were refused"
            ));
            assert_eq!((served, refused), (1, 9));
            Ok(())
        })
    });
}

/// Those who wait in `readable()` are called in the reverse order of their coming. On a runtime of one thread whoever began to wait last also runs
/// first, and it is he who finds the bytes.
///
/// See tokio 1.54.1: src/runtime/io/scheduled_io.rs, push_front and ScheduledIo::wake.
#[test]
fn who_waits_last_in_readable_is_called_first() {
    claim(|c| {
        rt::current_thread()?.block_on(async {
            let (socket, mut far) = connected().await?;
            let socket = Arc::new(socket);
            let (waits, runs) = (
                Arc::<Mutex<Vec<_>>>::default(),
                Arc::<Mutex<Vec<_>>>::default(),
            );
            let tasks: Vec<_> = (0..5)
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
                in_time("a task that waits in `readable()`", task)
                    .await?
                    .expect("no panic")?;
            }
            let (waits, runs) = (
                waits.lock().expect("no panic"),
                runs.lock().expect("no panic"),
            );
            c.saw(format!("they began to wait in the order {waits:?}"));
            c.saw(format!("they ran, and found bytes: {runs:?}"));
            assert_eq!(*waits, [0, 1, 2, 3, 4]);
            let found = [(4, true), (3, false), (2, false), (1, false), (0, false)];
            assert_eq!(*runs, found);
            Ok(())
        })
    });
}

/// `poll_read` and `poll_read_ready` have one slot for a waker in each direction. If two tasks wait there, only the last one is
/// woken, and the other may sleep for ever.
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
            turn_until("one of the two", || who() > 0).await?;
            // Whoever was woken has had its turn by now.
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

/// tokio notes the readiness, lets go of its lock, and then calls the wakers. So a waker that polls the same socket on the spot finds it ready, and no
/// lock held.
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
        let mut waits = std::pin::pin!(socket.readable());
        assert!(probe.poll(waits.as_mut())?.is_pending());
        far.write_all(b"x")?;
        let woken = || found.load(Ordering::SeqCst);
        runtime.block_on(turn_until("the waker's poll", || woken() > 0))?;
        c.saw(format!(
            "called {} time, and its own poll found the socket ready: {} time",
            probe.wakes(),
            woken()
        ));
        assert_eq!(woken(), 1);
        Ok(())
    });
}

/// Readiness is a hint and no promise. Whoever holds a duplicate of the socket may have read the bytes in the meantime; then a read after
/// `readable()` is refused.
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

/// The peer's goodbye is noted for good: after it has shut its write half `readable()` returns at once for ever, whatever is read and
/// refused. That a direction is closed never stops being true.
///
/// See tokio 1.54.1: src/runtime/io/scheduled_io.rs, clear_readiness.
#[test]
fn a_goodbye_is_noted_for_good() {
    claim(|c| {
        rt::current_thread()?.block_on(async {
            let (mut socket, far) = connected().await?;
            far.shutdown(Shutdown::Write)?;
            turn_until("the goodbye", || is_noted(&socket)).await?;
            let mut at_once = 0;
            while at_once < 1000 && is_noted(&socket) {
                assert_eq!(socket.read(&mut [0; 16]).await?, 0);
                at_once += 1;
            }
            let ready = socket.ready(Interest::READABLE).await?;
            c.saw(format!(
                "readable at once and 0 bytes: {at_once} times; {ready:?}"
            ));
            assert!(at_once == 1000 && ready.is_read_closed() && ready.is_readable());
            Ok(())
        })
    });
}

/// That the peer shuts its *read* half is not seen at all. TCP has no message for it: `is_write_closed` needs both directions shut, or a
/// reset.
#[test]
fn a_peer_that_no_longer_reads_is_not_noticed() {
    claim(|c| {
        rt::current_thread()?.block_on(async {
            let (socket, mut far) = connected().await?;
            far.shutdown(Shutdown::Read)?;
            // Something that comes later and is seen: what came before it would have been.
            arrives(&socket, &mut far, b"x").await?;
            let ready = socket
                .ready(Interest::READABLE | Interest::WRITABLE)
                .await?;
            c.saw(format!(
                "the peer has shut its read half: {ready:?}; a write: {:?}",
                socket.try_write(b"x")
            ));
            assert!(ready.is_writable() && !ready.is_write_closed());
            let (mut socket, far) = connected().await?;
            tokio::io::AsyncWriteExt::shutdown(&mut socket).await?;
            drop(far);
            let write_closed = || async {
                socket
                    .ready(Interest::WRITABLE)
                    .await
                    .is_ok_and(|ready| ready.is_write_closed())
            };
            turn_until("both directions shut", || {
                at_once(write_closed()) == Some(true)
            })
            .await?;
            c.saw(format!(
                "both directions shut: {:?}",
                socket.ready(Interest::WRITABLE).await?
            ));
            Ok(())
        })
    });
}

/// `ready(READABLE | WRITABLE)` does not wait for bytes. A connected socket has room to write nearly always, so it returns at once and says
/// only that.
#[test]
fn ready_for_either_returns_at_once() {
    claim(|c| {
        rt::current_thread()?.block_on(async {
            let (socket, _silent) = connected().await?;
            let ready = at_once(socket.ready(Interest::READABLE | Interest::WRITABLE));
            c.saw(format!("nothing has been sent: {ready:?}"));
            let ready = ready.expect("it is ready at once")?;
            assert!(ready.is_writable() && !ready.is_readable());
            Ok(())
        })
    });
}
