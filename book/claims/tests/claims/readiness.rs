//! What tokio believes of a socket, when it asks the kernel, and what it forgets.
//!
//! Longer than others: a list of claims, each read by itself.

use std::future::poll_fn;
use std::io::{ErrorKind, IoSlice, Read, Write};
use std::mem::MaybeUninit;
use std::net::Shutdown;
use std::os::fd::AsFd;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use claims::rt::{self, accepted, at_once, connected, in_time, turn_until};
use claims::trace::mark;
use claims::{Checked, claim, peer, reach};
use grader::kernel::tcp;
use rustix::event::{self, PollFd, PollFlags, Timespec};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use rustix::net::{self, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags};
use samples::word::Word;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, Interest, Ready};
use tokio::net::unix::pipe;
use tokio::net::{TcpStream, UdpSocket, UnixStream};
use tokio::task;

/// Whether an event of the socket has come and has not been used up: tokio answers from what it has
/// noted, no system call.
fn is_noted(socket: &TcpStream) -> bool {
    at_once(socket.readable()).is_some()
}

/// Sends `bytes` from the other end, and lets the driver turn until the socket is noted as
/// readable.
async fn arrives(socket: &TcpStream, far: &mut std::net::TcpStream, bytes: &[u8]) -> Checked {
    far.write_all(bytes)?;
    turn_until("an event of the socket", || is_noted(socket)).await
}

/// tokio assumes that a socket that was just accepted may have something to read. `readable()`
/// returns at once although the other end is silent, and the first read is refused. From then on it
/// knows better.
///
/// This has been so since tokio 1.54; see tokio 1.54.1: src/net/tcp/stream.rs, new_accepted.
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

/// A socket that tokio has *connected* is not read before an event tells of bytes. One that it has
/// *accepted* is read at once, and only then waited for.
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
                let call: &grader::strace::SystemCall = call;
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

/// `try_read` without readiness answers WouldBlock *without asking the kernel*. Bytes that lie in
/// the socket are not found until the driver has turned.
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

/// After `readable()`, a raw `recv` that bypasses tokio clears nothing. When it is refused,
/// `readable()` still returns at once, and a loop around the two spins. `try_io` tells tokio of the
/// refusal, and the next wait is a real one.
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

/// A read that fills its buffer exactly leaves the socket noted as readable, though it may be
/// empty. The next `readable()` returns at once, and the read after it is refused. No network did
/// anything unusual.
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

/// tokio takes a read that did not fill the buffer as a sign that the socket is empty, and spares
/// itself the read that would be refused. It does so in `poll_read` alone: `try_read` leaves the
/// readiness standing.
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

/// Reads once, and begins to read again. Says how many bytes the first read has brought, and
/// whether the second waits although the driver turns.
async fn read_twice(socket: &mut (impl AsyncRead + Unpin)) -> Checked<(usize, bool)> {
    let mut buffer = [0; 64];
    let first = in_time("the first read", socket.read(&mut buffer)).await??;
    let mut second = pin!(socket.read(&mut buffer));
    let mut waits = at_once(second.as_mut()).is_none();
    for _ in 0..100 {
        task::yield_now().await;
        waits = waits && at_once(second.as_mut()).is_none();
    }
    Ok((first, waits))
}

/// A read may bring less than its buffer takes and leave bytes behind: it ends before TCP's urgent
/// byte, and behind a descriptor that was passed over a Unix socket. tokio takes that for an empty
/// queue as well, and its next `read` waits while bytes lie there.
#[test]
fn a_short_read_is_no_proof_where_the_kernel_ends_it_early() {
    claim(|c| {
        rt::current_thread()?.block_on(async {
            let (mut tcp, mut far) = connected().await?;
            far.write_all(b"ab")?;
            net::send(&far, b"!", SendFlags::OOB)?;
            far.write_all(b"cd")?;
            let ends = (tcp.local_addr()?, tcp.peer_addr()?);
            reach("five bytes in the queue", || {
                let end = tcp::connection(ends.0, ends.1).ok().flatten();
                end.is_some_and(|end| end.receive_queue == 5)
            })?;
            let urgent = read_twice(&mut tcp).await?;
            let mut rest = [0; 64];
            let (_, left) = net::recv(&tcp, &mut rest, RecvFlags::empty())?;
            c.saw(format!("ab, an urgent byte, cd: the first read brings {}, the second waits: {}; a raw recv brings {left}", urgent.0, urgent.1));
            assert_eq!((urgent, left), ((2, true), 2));

            let (mut unix, far) = UnixStream::pair()?;
            let far = far.into_std()?;
            let passed = [far.as_fd()];
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
            let mut beside = SendAncillaryBuffer::new(&mut space);
            assert!(beside.push(SendAncillaryMessage::ScmRights(&passed)));
            net::sendmsg(&far, &[IoSlice::new(b"four")], &mut beside, SendFlags::empty())?;
            (&far).write_all(b"more")?;
            let behind = read_twice(&mut unix).await?;
            let (_, left) = net::recv(&unix, &mut rest, RecvFlags::empty())?;
            c.saw(format!("four with a descriptor, more: the first read brings {}, the second waits: {}; a raw recv brings {left}", behind.0, behind.1));
            assert_eq!((behind, left), ((4, true), 4));
            Ok(())
        })
    });
}

/// A refused read clears the note "readable", but not if an event has come since the read began:
/// each event moves the tick on by one, and a clear that names an older tick is ignored.
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
            // The driver deals with events in their order: when the witness has been told of, so
            // has the socket.
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

/// tokio has one tick for both directions of a socket. A reader's refusal is also ignored when the
/// event in between was for the writer alone. That costs one more try, which is refused as well.
#[test]
fn a_writer_s_event_keeps_a_reader_s_refusal_from_counting() {
    claim(|c| {
        // A worker of its own drives, also while this thread is in the middle of a read.
        let runtime = rt::workers(1)?;
        let (socket, mut far) = runtime.block_on(connected())?;
        let word = Word::of(&socket)?;
        far.write_all(b"x")?;
        reach("an event of the socket", || is_noted(&socket))?;
        let taken = net::recv(&socket, &mut [0; 16], RecvFlags::empty())?.1;
        far.set_nonblocking(true)?;
        let (bytes, mut sink) = (vec![0; 1 << 20], vec![0; 1 << 20]);
        let mut newer = Ok(());
        let _ = socket.try_io(Interest::READABLE, || {
            let before = word.look()?;
            // Nothing comes to be read any more. The event is of the room that there is again.
            newer = reach("an event of the socket", || {
                while net::send(&socket, &bytes, SendFlags::DONTWAIT).is_ok() {}
                while far.read(&mut sink).is_ok_and(|n| n > 0) {}
                word.look().is_ok_and(|now| now != before)
            });
            Err::<(), _>(ErrorKind::WouldBlock.into())
        });
        newer?;
        let still = is_noted(&socket);
        let again = socket.try_read(&mut [0; 16]).map_err(|error| error.kind());
        let then = is_noted(&socket);
        c.saw(format!(
            "{taken} byte, taken; refused, with room to write in between: readable {still}"
        ));
        c.saw(format!("one more try: {again:?}; readable {then}"));
        assert_eq!((taken, still), (1, true));
        assert_eq!((again, then), (Err(ErrorKind::WouldBlock), false));
        Ok(())
    });
}

/// Those who wait in `readable()` are called in the reverse order of their coming. On a runtime of
/// one thread whoever began to wait last also runs first, and is the one that finds the bytes.
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

/// Readiness is a hint and no promise. Whoever holds a duplicate of the socket may have read the
/// bytes in the meantime; then a read after `readable()` is refused.
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

/// What is noted of a socket after a call for `interest` was refused.
fn after_a_refusal(socket: &TcpStream, interest: Interest) -> Option<Ready> {
    let refused = || Err::<(), _>(ErrorKind::WouldBlock.into());
    let _ = socket.try_io(interest, refused);
    at_once(socket.ready(interest)).and_then(Result::ok)
}

/// The peer's goodbye is noted for good: after it has shut its write half `readable()` returns at
/// once for ever, whatever is read and refused. When both halves are shut, so does `writable()`. A
/// refusal takes everything back but these two bits.
///
/// For TCP they never stop being true. See tokio 1.54.1: src/runtime/io/scheduled_io.rs,
/// clear_readiness.
#[test]
fn a_goodbye_is_noted_for_good() {
    claim(|c| {
        rt::current_thread()?.block_on(async {
            let (mut socket, far) = connected().await?;
            far.shutdown(Shutdown::Write)?;
            turn_until("the goodbye", || is_noted(&socket)).await?;
            let mut at_once_and_empty = 0;
            while at_once_and_empty < 1000 && is_noted(&socket) {
                assert_eq!(socket.read(&mut [0; 16]).await?, 0);
                at_once_and_empty += 1;
            }
            // No read of this socket is ever refused. A closure can say that it was.
            let for_reading = after_a_refusal(&socket, Interest::READABLE);
            c.saw(format!(
                "readable at once and 0 bytes: {at_once_and_empty} times; and after a refusal: {for_reading:?}"
            ));
            assert_eq!(at_once_and_empty, 1000);
            assert_eq!(for_reading, Some(Ready::READ_CLOSED));
            assert!(is_noted(&socket));
            socket.shutdown().await?;
            let noted = || at_once(socket.ready(Interest::WRITABLE)).and_then(Result::ok);
            turn_until("both directions shut", || noted().is_some_and(Ready::is_write_closed)).await?;
            let for_writing = after_a_refusal(&socket, Interest::WRITABLE);
            c.saw(format!("both shut; after a refusal: {for_writing:?}"));
            assert_eq!(for_writing, Some(Ready::WRITE_CLOSED));
            assert!(at_once(socket.writable()).is_some());
            Ok(())
        })
    });
}

/// "Closed" is not final for everything that tokio registers. A FIFO whose writer has left is noted
/// as read-closed, and still is when another writer has opened it: a `read` that should wait for
/// that one is polled again and again, and burns a core.
#[test]
fn a_fifo_that_is_opened_again_stays_read_closed() {
    claim(|c| {
        rt::current_thread()?.block_on(async {
            let folder = tempfile::tempdir()?;
            let path = folder.path().join("fifo");
            mknodat(CWD, &path, FileType::Fifo, Mode::RWXU, 0)?;
            let mut reader = pipe::OpenOptions::new().open_receiver(&path)?;
            let open = || std::fs::OpenOptions::new().write(true).open(&path);
            drop(open()?);
            let noted = || at_once(reader.ready(Interest::READABLE)).and_then(Result::ok);
            turn_until("the goodbye", || noted().is_some_and(Ready::is_read_closed)).await?;
            let _silent = open()?;
            let raw = rustix::io::read(&reader, &mut [0; 16]);
            c.saw(format!(
                "another writer has opened it and is silent: a raw read: {raw:?}; the note: {:?}",
                noted()
            ));
            assert_eq!(raw, Err(rustix::io::Errno::AGAIN));
            let polls = Arc::new(AtomicUsize::new(0));
            let counted = Arc::clone(&polls);
            let read = task::spawn(async move {
                let mut buffer = [0; 16];
                let mut read = pin!(reader.read(&mut buffer));
                poll_fn(|cx| {
                    counted.fetch_add(1, Ordering::SeqCst);
                    read.as_mut().poll(cx)
                })
                .await
            });
            for _ in 0..100 {
                task::yield_now().await;
            }
            let (polls, is_over) = (polls.load(Ordering::SeqCst), read.is_finished());
            read.abort();
            c.saw(format!(
                "in 100 turns a `read` was polled {polls} times; it is over: {is_over}"
            ));
            assert!(polls > 90 && !is_over);
            Ok(())
        })
    });
}

/// A connected UDP socket that an ICMP error has reached is noted as write-closed, and as failed.
/// No later event takes that back, although the socket sends and receives as before.
#[test]
fn a_udp_socket_stays_write_closed_after_an_icmp_error() {
    claim(|c| {
        rt::current_thread()?.block_on(async {
            let socket = UdpSocket::bind("127.0.0.1:0").await?;
            let peer = std::net::UdpSocket::bind("127.0.0.1:0")?;
            // As long as it is connected to itself, its port is shut for everybody else.
            peer.connect(peer.local_addr()?)?;
            socket.connect(peer.local_addr()?).await?;
            socket.send(b"is anybody there?").await?;
            let all = Interest::READABLE | Interest::WRITABLE | Interest::ERROR;
            let noted = || at_once(socket.ready(all)).and_then(Result::ok);
            turn_until("the error", || noted().is_some_and(Ready::is_error)).await?;
            c.saw(format!("noted: {:?}; {:?}", noted(), socket.take_error()?));
            let mut asked = [PollFd::new(&socket, PollFlags::all())];
            event::poll(&mut asked, Some(&Timespec::default()))?;
            let now = asked[0].revents();
            peer.connect(socket.local_addr()?)?;
            peer.send(b"yes")?;
            turn_until("an answer", || noted().is_some_and(Ready::is_readable)).await?;
            let (sent, received) = (socket.try_send(b"?")?, socket.try_recv(&mut [0; 16])?);
            let later = noted().unwrap_or(Ready::EMPTY);
            c.saw(format!("the kernel, asked anew: {now:?}; sent {sent} byte, received {received}; and noted: {later:?}"));
            assert!(now.contains(PollFlags::OUT) && !now.intersects(PollFlags::ERR | PollFlags::HUP));
            assert!(later.is_write_closed() && later.is_error());
            Ok(())
        })
    });
}

/// That the peer shuts its *read* half is not seen at all. TCP has no message for it:
/// `is_write_closed` needs both directions shut, or a reset.
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

/// `ready(READABLE | WRITABLE)` does not wait for bytes. A connected socket nearly always has room
/// to write, so it returns at once and says only that.
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

/// `try_io` takes exactly one interest. With two joined it always answers WouldBlock and does not
/// call its closure, although `ready` says that one of the two holds.
///
/// See tokio 1.54.1: src/io/interest.rs, mask.
#[test]
fn try_io_with_two_interests_calls_nothing() {
    claim(|c| {
        rt::current_thread()?.block_on(async {
            let (socket, _silent) = connected().await?;
            let both = Interest::READABLE | Interest::WRITABLE;
            let ready = at_once(socket.ready(both)).expect("it is writable")?;
            let mut calls = 0;
            let mut tried = |interest| {
                let answer = socket.try_io(interest, || {
                    calls += 1;
                    Ok(())
                });
                (answer.map_err(|error| error.kind()), calls)
            };
            let (joined, one) = (tried(both), tried(Interest::WRITABLE));
            c.saw(format!(
                "ready: {ready:?}; answer and calls, with both: {joined:?}, with writable: {one:?}"
            ));
            assert!(ready.is_writable());
            assert_eq!(joined, (Err(ErrorKind::WouldBlock), 0));
            assert_eq!(one, (Ok(()), 1));
            Ok(())
        })
    });
}
