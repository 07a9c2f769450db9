//! What tokio believes of a socket, and when it asks the kernel.

use std::future::poll_fn;
use std::io::{ErrorKind, IoSlice, Write};
use std::mem::MaybeUninit;
use std::os::fd::AsFd;
use std::pin::pin;

use claims::rt::{self, accepted, arrives, at_once, connected, is_noted, owes_by_turns, reach_end};
use claims::trace::mark;
use claims::{Checked, claim, peer, reach};
use grader::kernel::tcp;
use rustix::net::{self, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags};
use rustix::pipe::{PipeFlags, pipe_with};
use tokio::io::{AsyncRead, AsyncReadExt, Interest};
use tokio::net::unix::pipe;
use tokio::net::{TcpStream, UnixStream};
use tokio::task;

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
            let about = calls.0.iter();
            let about = about.filter(|call| call.is("epoll_wait") || call.name == "recvfrom");
            let names: Vec<&str> = about.map(|call| call.name.as_str()).collect();
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
            c.saw(format!("4 bytes unread; try_read: {before:?}"));
            assert_eq!(before, Err(ErrorKind::WouldBlock));
            owes_by_turns("an event that finds the bytes", || is_noted(&socket)).await?;
            let after = socket.try_read(&mut [0; 16]).map_err(|error| error.kind());
            c.saw(format!("after the driver has turned: {after:?}"));
            assert_eq!(after, Ok(4));
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
/// itself the read that would be refused. It does so in `poll_read`, on which `AsyncRead` stands:
/// `try_read` leaves the readiness standing.
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
    let first = reach_end("the first read", socket.read(&mut buffer)).await??;
    let mut second = pin!(socket.read(&mut buffer));
    let mut waits = at_once(second.as_mut()).is_none();
    for _ in 0..100 {
        task::yield_now().await;
        waits = waits && at_once(second.as_mut()).is_none();
    }
    Ok((first, waits))
}

/// A read may bring less than its buffer takes and leave bytes behind: it ends before TCP's urgent
/// byte, behind a descriptor that was passed over a Unix socket, and behind a packet in a pipe that
/// was made with O_DIRECT. tokio takes that for an empty queue as well, and its next `read` waits
/// while bytes lie there.
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
            assert_eq!(urgent, (2, true));
            let mut rest = [0; 64];
            let (_, left) = net::recv(&tcp, &mut rest, RecvFlags::empty())?;
            c.saw(format!("ab, an urgent byte, cd: the first read brings {}, the second waits: {}; a raw recv brings {left}", urgent.0, urgent.1));
            assert_eq!(left, 2);

            let (mut unix, far) = UnixStream::pair()?;
            let far = far.into_std()?;
            let passed = [far.as_fd()];
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
            let mut beside = SendAncillaryBuffer::new(&mut space);
            assert!(beside.push(SendAncillaryMessage::ScmRights(&passed)));
            net::sendmsg(&far, &[IoSlice::new(b"four")], &mut beside, SendFlags::empty())?;
            (&far).write_all(b"more")?;
            let behind = read_twice(&mut unix).await?;
            assert_eq!(behind, (4, true));
            let (_, left) = net::recv(&unix, &mut rest, RecvFlags::empty())?;
            c.saw(format!("four with a descriptor, more: the first read brings {}, the second waits: {}; a raw recv brings {left}", behind.0, behind.1));
            assert_eq!(left, 4);

            let (reader, writer) = pipe_with(PipeFlags::DIRECT | PipeFlags::NONBLOCK)?;
            let mut packets = pipe::Receiver::from_owned_fd(reader)?;
            rustix::io::write(&writer, b"one")?;
            rustix::io::write(&writer, b"other")?;
            let packet = read_twice(&mut packets).await?;
            assert_eq!(packet, (3, true));
            let left = rustix::io::read(&packets, &mut rest)?;
            c.saw(format!("one and other, two packets: the first read brings {}, the second waits: {}; a raw read brings {left}", packet.0, packet.1));
            assert_eq!(left, 5);
            Ok(())
        })
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
        let calls = calls.by(trace.thread_of("the call"));
        let about = |name: &&str| *name != "sendto" && *name != "write";
        let names: Vec<&str> = calls.names().into_iter().filter(about).collect();
        calls.0.iter().for_each(|call| c.saw(call));
        assert!(matches!(names[..], [wait, "recvfrom"] if wait.starts_with("epoll_")));
        Ok(())
    });
}

/// `ready(READABLE | WRITABLE)` does not wait for bytes. While a connected socket has room to
/// write, it returns at once and says only that.
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
