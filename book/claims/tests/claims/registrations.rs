//! What a runtime registers with the kernel, and what the kernel shows of it.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::pin::pin;

use claims::rt::{arrives, at_once, connected, current_thread, workers};
use claims::{Stop, claim, own};
use samples::word::Word;
use tokio::net::{TcpListener, TcpStream, UdpSocket, UnixStream};
use tokio::runtime::Builder;
use tokio::task::yield_now;

/// What tokio aligns the note of a socket to, on x86-64 and aarch64.
const NOTE_ALIGNMENT: u64 = 128;

/// A tokio runtime has one epoll instance and one I/O driver, however many workers it has.
///
/// Of its two descriptors one is a duplicate: both list the same.
#[test]
fn a_runtime_has_one_epoll_instance_however_many_workers() {
    claim(|c| {
        for count in [1, 2, 4, 16] {
            let runtime = workers(count)?;
            let _listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
            let epolls = own::anonymous("eventpoll");
            let eventfds = own::anonymous("eventfd").len();
            c.saw(format!(
                "workers: {count}; eventpoll descriptors {epolls:?}, eventfds: {eventfds}"
            ));
            assert_eq!((epolls.len(), eventfds), (2, 1));
            let contents = [own::fdinfo(epolls[0])?, own::fdinfo(epolls[1])?];
            assert_eq!(contents[0], contents[1], "two instances, and not one");
        }
        Ok(())
    });
}

/// A runtime that was built with `enable_time` and without I/O has no epoll instance at all.
#[test]
fn a_runtime_without_io_has_no_epoll_instance() {
    claim(|c| {
        let mut builder = Builder::new_multi_thread();
        let _runtime = builder.worker_threads(4).enable_time().build()?;
        let epolls = own::anonymous("eventpoll");
        c.saw(format!("eventpoll descriptors: {epolls:?}"));
        assert!(epolls.is_empty());
        Ok(())
    });
}

/// tokio registers a socket once, edge-triggered, for reading *and* writing, even a listener. What
/// a task waits for does not show there.
///
/// The constants are `EPOLLIN`, `EPOLLOUT`, `EPOLLRDHUP` and `EPOLLET`; the kernel adds `EPOLLERR`
/// and `EPOLLHUP` on its own.
#[test]
fn even_a_listener_is_registered_for_writing() {
    claim(|c| {
        let runtime = workers(4)?;
        let _context = runtime.enter();
        let look = |name: &str, fd: i32| {
            let registration = &own::registrations()[&fd];
            let (events, data) = (registration.events, registration.data);
            c.saw(format!(
                "fd {fd} ({name}): events {events:x}, data {data:x}"
            ));
            assert_eq!(events, 0x8000_201d, "{name}");
        };
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        look("a listener", listener.as_raw_fd());
        let (stream, _far) = runtime.block_on(connected())?;
        look("a stream", stream.as_raw_fd());
        let datagrams = runtime.block_on(UdpSocket::bind("127.0.0.1:0"))?;
        look("a UDP socket", datagrams.as_raw_fd());
        let (unix, _other) = UnixStream::pair()?;
        look("a Unix stream", unix.as_raw_fd());
        Ok(())
    });
}

/// The token of a socket in tokio is an address: that of the socket's `ScheduledIo`, where its
/// readiness is kept. When an event comes, nothing is looked up.
///
/// It is aligned to what a cache may fetch at once: 128 bytes on x86-64, aarch64 and powerpc64, 256
/// on s390x, 64 on most others. See tokio 1.54.1: src/runtime/io/scheduled_io.rs, token.
#[test]
fn the_token_of_a_socket_is_an_address() {
    claim(|c| {
        current_thread()?.block_on(async {
            let (socket, mut far) = connected().await?;
            let token = own::registrations()[&socket.as_raw_fd()].data;
            // It reads this process's memory behind the token.
            let word = Word::of(&socket).expect("the token is the address of a note");
            let before = word.look()?.to_string();
            arrives(&socket, &mut far, b"x").await?;
            let after = word.look()?.to_string();
            c.saw(format!(
                "token {token:#x}; in the memory behind it: {before}"
            ));
            c.saw(format!("and after an event: {after}"));
            assert_eq!(before, "tick 1, writable");
            assert_eq!(after, "tick 2, readable writable");
            Ok(())
        })
    });
}

/// A dropped socket is taken out of epoll's list at once. tokio's memory of it is kept until the
/// driver turns, and released then. The sixteenth that waits for its release wakes the driver:
/// forty dropped sockets are one write to the eventfd.
///
/// An event may be on its way whose token is the address of that memory. See tokio 1.54.1:
/// src/runtime/io/registration_set.rs, NOTIFY_AFTER.
#[test]
fn release_comes_in_batches() {
    claim(|c| {
        current_thread()?.block_on(async {
            let memory = File::open("/proc/self/mem")?;
            // Two hold the note while the socket lives: the socket, and the driver.
            let holders = |address| {
                let mut count = [0; 8];
                // The count stands before the note, which is aligned.
                let read = memory.read_exact_at(&mut count, address - NOTE_ALIGNMENT);
                read.map_or(0, |()| u64::from_ne_bytes(count))
            };
            let socket = UdpSocket::bind("127.0.0.1:0").await?;
            let address = own::registrations()[&socket.as_raw_fd()].data;
            if holders(address) != 2 {
                let words = "an Arc does not count its holders where it does on x86-64";
                return Err(Stop::Skipped(words.into()));
            }
            drop(socket);
            let is_registered = own::registrations().values().any(|row| row.data == address);
            let dropped = holders(address);
            yield_now().await;
            let turned = holders(address);
            c.saw(format!("a dropped socket is registered: {is_registered}; its note has {dropped} holders, after a turn {turned}"));
            assert_eq!((is_registered, dropped), (false, 2));
            assert_ne!(turned, 2);

            let mut sockets = Vec::new();
            for _ in 0..40 {
                sockets.push(UdpSocket::bind("127.0.0.1:0").await?);
            }
            let rows = own::registrations().len();
            let before = own::eventfd_count()?;
            let (mut woke_at, mut writes) = (Vec::new(), 0);
            for dropped in 1..=40 {
                sockets.pop();
                assert_eq!(own::registrations().len(), rows - dropped);
                if own::eventfd_count()? - before > writes {
                    writes += 1;
                    woke_at.push(dropped);
                }
            }
            c.saw(format!("the eventfd was written to at drop {woke_at:?} of 40"));
            assert_eq!(woke_at, [16]);
            Ok(())
        })
    });
}

/// A future of `TcpStream::connect` does nothing until it is polled. If it was given a
/// `SocketAddr`, its first poll makes the socket, connects, and registers it at once, before
/// anything is waited for.
#[test]
fn a_socket_is_registered_when_connect_is_polled() {
    claim(|c| {
        current_thread()?.block_on(async {
            let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
            let rows = || own::registrations().len();
            let before = rows();
            let mut future = pin!(TcpStream::connect(listener.local_addr()?));
            let made = rows() - before;
            let pending = at_once(future.as_mut()).is_none();
            let polled = rows() - before;
            let stream = future.await?;
            c.saw(format!(
                "new rows in epoll's list: future made {made}, polled once {polled}; pending: {pending}"
            ));
            drop(stream);
            assert_eq!((made, pending, polled, rows()), (0, true, 1, before));
            Ok(())
        })
    });
}
