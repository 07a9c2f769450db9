//! What a runtime registers with the kernel, and what the kernel shows of it.

use std::io::Write;
use std::os::fd::AsRawFd;
use std::pin::pin;

use claims::rt::{at_once, connected, current_thread, turn_until, workers};
use claims::{claim, own};
use samples::word::Word;
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::runtime::Builder;

/// A tokio runtime has one epoll instance and one I/O driver, however many workers it has.
///
/// Of its two descriptors one is a duplicate: both list the same.
#[test]
fn a_runtime_has_one_epoll_instance_however_many_workers() {
    claim(|c| {
        let runtime = workers(4)?;
        let _listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let epolls = own::anonymous("eventpoll");
        let eventfds = own::anonymous("eventfd").len();
        c.saw(format!(
            "4 workers: eventpoll descriptors {epolls:?}, eventfds: {eventfds}"
        ));
        assert_eq!((epolls.len(), eventfds), (2, 1));
        let contents = [own::fdinfo(epolls[0])?, own::fdinfo(epolls[1])?];
        assert_eq!(contents[0], contents[1], "two instances, and not one");
        contents[0].lines().for_each(|line| c.saw(line));
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

/// tokio registers every socket once, edge-triggered, for reading *and* writing, even a listener.
/// Interest that comes and goes costs no system call: it is kept in user space.
///
/// The constants are `EPOLLIN`, `EPOLLOUT`, `EPOLLRDHUP` and `EPOLLET`; the kernel adds `EPOLLERR`
/// and `EPOLLHUP` on its own.
#[test]
fn even_a_listener_is_registered_for_writing() {
    claim(|c| {
        let runtime = workers(4)?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let (socket, eventfd) = (listener.as_raw_fd(), own::anonymous("eventfd")[0]);
        for (fd, registration) in own::registrations() {
            let what = if fd == socket {
                "the listener"
            } else {
                "the waker's"
            };
            c.saw(format!(
                "fd {fd} ({what}): events {:x}, data {:x}",
                registration.events, registration.data
            ));
        }
        let events = own::registrations()[&socket].events;
        assert_eq!(events & 0x8000_2005, 0x8000_2005);
        assert!(own::registrations().contains_key(&eventfd));
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
            let word = Word::of(&socket)?;
            let before = word.look()?.to_string();
            far.write_all(b"x")?;
            turn_until("an event of the socket", || {
                at_once(socket.readable()).is_some()
            })
            .await?;
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

/// A dropped socket is taken out of epoll's list at once; tokio's memory of it is released later.
/// Only the sixteenth that waits for its release wakes the driver: forty dropped sockets are one
/// write to the eventfd.
///
/// An event may be on its way whose token is the address of that memory. See tokio 1.54.1:
/// src/runtime/io/registration_set.rs, NOTIFY_AFTER.
#[test]
fn release_comes_in_batches() {
    claim(|c| {
        current_thread()?.block_on(async {
            let mut sockets = Vec::new();
            for _ in 0..40 {
                sockets.push(UdpSocket::bind("127.0.0.1:0").await?);
            }
            let rows = own::registrations().len();
            let before = own::eventfd_count()?;
            let mut woke_at = Vec::new();
            let mut writes = 0;
            for dropped in 1..=40 {
                sockets.pop();
                assert_eq!(own::registrations().len(), rows - dropped);
                if own::eventfd_count()? - before > writes {
                    writes += 1;
                    woke_at.push(dropped);
                }
            }
            c.saw(format!(
                "epoll's list: {rows} rows, after 40 drops {}",
                own::registrations().len()
            ));
            c.saw(format!("the eventfd was written to at drop {woke_at:?}"));
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
