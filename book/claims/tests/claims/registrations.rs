//! What a runtime registers with the kernel, and what the kernel shows of it.

use std::os::fd::AsRawFd;

use claims::{Checked, claim, own};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

/// One that has four workers, and I/O.
fn four_workers() -> Checked<Runtime> {
    let mut builder = Builder::new_multi_thread();
    Ok(builder.worker_threads(4).enable_all().build()?)
}

/// A tokio runtime has one epoll instance and one I/O driver, however many workers it has. It holds two descriptors of
/// that instance: one to wait with, and a duplicate to register with.
#[test]
fn a_runtime_has_one_epoll_instance_however_many_workers() {
    claim(|c| {
        let runtime = four_workers()?;
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

/// tokio registers every socket once, edge-triggered, for reading *and* writing, even a listener. Interest that comes
/// and goes costs no system call: it is kept in user space.
///
/// The constants are `EPOLLIN`, `EPOLLOUT`, `EPOLLRDHUP` and `EPOLLET`; the kernel adds `EPOLLERR` and `EPOLLHUP` on its own.
#[test]
fn even_a_listener_is_registered_for_writing() {
    claim(|c| {
        let runtime = four_workers()?;
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

/// The token of a socket in tokio is an address: that of the socket's `ScheduledIo`, aligned to 128 bytes. When an event
/// comes nothing is looked up.
///
/// See tokio 1.54.1: src/runtime/io/scheduled_io.rs, token.
#[test]
fn the_token_of_a_socket_is_an_address() {
    claim(|c| {
        let runtime = four_workers()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let fd = listener.as_raw_fd();
        let token = own::registrations()[&fd].data;
        c.saw(format!("fd {fd}: token {token:#x}"));
        assert!(token > 4096 && token.is_multiple_of(128));
        Ok(())
    });
}
