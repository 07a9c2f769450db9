//! What the kernel does with sockets and threads, for any program.

use std::fs;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
use std::thread;

use claims::{Checked, Stop, claim, owes, peer, reach};
use grader::kernel::tcp::{self, State};
use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::sockopt::set_tcp_user_timeout;
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, socket, socket_with};
/// To close a TCP socket in which bytes lie unread says no goodbye. The kernel sends a reset, and
/// the other end reads an error.
#[test]
fn closing_over_unread_bytes_is_a_reset() {
    claim(|c| {
        let (near, mut far) = peer::connection()?;
        far.write_all(b"unread")?;
        peer::reach_unread(&near, 6)?;
        drop(near);
        let read = far.read(&mut [0]).map_err(|error| error.kind());
        c.saw(format!("closed over 6 bytes; the other end reads {read:?}"));
        assert_eq!(read, Err(ErrorKind::ConnectionReset));
        Ok(())
    });
}

/// `poll` tells how things are, not what has changed: asked twice about the same unread byte, it
/// answers twice.
#[test]
fn poll_tells_how_things_are() {
    claim(|c| {
        let (near, mut far) = UnixStream::pair()?;
        far.write_all(b"x")?;
        let mut asked = [PollFd::new(&near, PollFlags::IN)];
        let first = poll(&mut asked, Some(&Timespec::default()))?;
        let second = poll(&mut asked, Some(&Timespec::default()))?;
        c.saw(format!("one unread byte; answers: {first}, then {second}"));
        assert_eq!((first, second), (1, 1));
        Ok(())
    });
}

/// `poll` tells of a hang-up whether you ask for it or not. A connection that is over and stays in
/// the list "with nothing asked" ends every further call at once.
#[test]
fn poll_tells_of_a_hang_up_unasked() {
    claim(|c| {
        let (near, far) = UnixStream::pair()?;
        drop(far);
        let mut asked = [PollFd::new(&near, PollFlags::empty())];
        for _ in 0..2 {
            poll(&mut asked, None)?;
            c.saw(format!(
                "asked for nothing, without a time-out: {:?}",
                asked[0].revents()
            ));
            assert_eq!(asked[0].revents(), PollFlags::HUP);
        }
        Ok(())
    });
}

/// When the other end closes, epoll tells of EPOLLIN and EPOLLRDHUP, and not of EPOLLHUP. That one
/// says that a TCP socket has no connection in any direction: both are shut, a reset has come, the
/// kernel has given the connection up, or the socket was never connected.
///
/// The kernel gives up, for example, after TCP_USER_TIMEOUT.
#[test]
fn a_goodbye_is_no_hang_up() {
    claim(|c| {
        let wanted = EventFlags::IN | EventFlags::RDHUP | EventFlags::HUP;
        let watch = |socket: BorrowedFd<'_>| -> Checked<OwnedFd> {
            let instance = epoll::create(CreateFlags::CLOEXEC)?;
            epoll::add(&instance, socket, EventData::new_u64(1), wanted)?;
            Ok(instance)
        };
        let (near, far) = peer::connection()?;
        let instance = watch(near.as_fd())?;
        drop(far);
        let after_the_close = flags(&instance)?;
        c.saw(format!("the other end closes: {after_the_close:?}"));
        assert_eq!(after_the_close, EventFlags::IN | EventFlags::RDHUP);
        near.shutdown(Shutdown::Write)?;
        let after_both = flags(&instance)?;
        c.saw(format!("this end shuts its direction too: {after_both:?}"));
        assert!(after_both.contains(EventFlags::HUP));

        let (near, far) = peer::connection()?;
        (&near).write_all(b"unread")?;
        peer::reach_unread(&far, 6)?;
        let instance = watch(near.as_fd())?;
        drop(far);
        let reset = flags(&instance)?;
        c.saw(format!("the other end resets: {reset:?}"));
        assert!(reset.contains(EventFlags::HUP | EventFlags::ERR));

        let (near, _silent) = peer::connection()?;
        set_tcp_user_timeout(&near, 100)?;
        near.set_nonblocking(true)?;
        let instance = watch(near.as_fd())?;
        while (&near).write(&[0; 65536]).is_ok() {}
        let given_up = flags(&instance)?;
        let read = (&near).read(&mut [0]).map_err(|error| error.kind());
        c.saw(format!(
            "the other end takes nothing for too long: {given_up:?}; a read: {read:?}"
        ));
        assert!(given_up.contains(EventFlags::HUP | EventFlags::ERR));
        assert_eq!(read, Err(ErrorKind::TimedOut));

        let unborn = socket(AddressFamily::INET, SocketType::STREAM, None)?;
        let unconnected = flags(&watch(unborn.as_fd())?)?;
        c.saw(format!("never connected: {unconnected:?}"));
        assert!(unconnected.contains(EventFlags::HUP));
        Ok(())
    });
}

/// What epoll tells next; nothing, when it has nothing to tell for five seconds.
fn flags(instance: &OwnedFd) -> Checked<EventFlags> {
    let mut told: Vec<epoll::Event> = Vec::with_capacity(1);
    let five_seconds = Timespec {
        tv_sec: 5,
        tv_nsec: 0,
    };
    epoll::wait(instance, spare_capacity(&mut told), Some(&five_seconds))?;
    Ok(told
        .first()
        .map_or(EventFlags::empty(), |event| event.flags))
}

/// A `connect` that may not sleep does not fail with WouldBlock, as other calls do, but with
/// EINPROGRESS: it goes on by itself. The socket is writable when it is over.
#[test]
fn a_connect_that_may_not_sleep_is_in_progress() {
    claim(|c| {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let flags = SocketFlags::NONBLOCK;
        let client = socket_with(AddressFamily::INET, SocketType::STREAM, flags, None)?;
        let begun = connect(&client, &listener.local_addr()?);
        c.saw(format!("connect: {begun:?}"));
        assert_eq!(begun, Err(rustix::io::Errno::INPROGRESS));
        owes("a writable socket", || {
            let mut asked = [PollFd::new(&client, PollFlags::OUT)];
            let now = Some(&Timespec::default());
            poll(&mut asked, now).is_ok() && asked[0].revents() == PollFlags::OUT
        })?;
        let client = TcpStream::from(client);
        c.saw(format!("writable; an error: {:?}", client.take_error()?));
        assert!(client.peer_addr().is_ok());
        Ok(())
    });
}

/// A reset that comes after the peer's goodbye is no `ConnectionReset`: the next write fails with
/// `BrokenPipe`, and a read brings 0 bytes.
#[test]
fn a_reset_after_a_goodbye_is_a_broken_pipe() {
    claim(|c| {
        let (mut near, far) = peer::connection()?;
        far.shutdown(Shutdown::Write)?;
        let ends = (near.local_addr()?, near.peer_addr()?);
        let state = || {
            let end = tcp::connection(ends.0, ends.1).ok().flatten();
            end.map(|end| end.state)
        };
        reach("the goodbye", || state() == Some(State::CloseWait))?;
        near.write_all(b"unread")?;
        peer::reach_unread(&far, 6)?;
        drop(far);
        reach("the reset", || {
            state().is_none_or(|now| now != State::CloseWait)
        })?;
        let write = near.write(b"x").map_err(|error| error.kind());
        let read = near.read(&mut [0]).map_err(|error| error.kind());
        c.saw(format!(
            "a goodbye, then a reset; a write: {write:?}, a read: {read:?}"
        ));
        assert_eq!((write, read), (Err(ErrorKind::BrokenPipe), Ok(0)));
        Ok(())
    });
}

/// epoll takes no regular files: adding one fails with EPERM. `poll` takes them, and always says
/// that they are ready.
#[test]
fn epoll_refuses_a_regular_file() {
    claim(|c| {
        let file = File::open("/proc/self/exe")?;
        let instance = epoll::create(CreateFlags::CLOEXEC)?;
        let refused = epoll::add(&instance, &file, EventData::new_u64(1), EventFlags::IN);
        let mut asked = [PollFd::new(&file, PollFlags::IN)];
        poll(&mut asked, Some(&Timespec::default()))?;
        c.saw(format!(
            "epoll_ctl: {refused:?}; poll: {:?}",
            asked[0].revents()
        ));
        assert_eq!(refused, Err(rustix::io::Errno::PERM));
        assert_eq!(asked[0].revents(), PollFlags::IN);
        Ok(())
    });
}

/// A thread that Rust starts reserves 2 MiB of addresses for its stack, not 8, and occupies only
/// the pages that it has touched: at first a few dozen KiB.
#[test]
fn a_thread_reserves_two_mebibytes_and_touches_little() {
    claim(|c| {
        let (tell, told) = mpsc::channel();
        let (stay, over) = mpsc::channel::<()>();
        let thread = thread::spawn(move || {
            let local = 0u8;
            tell.send(std::ptr::from_ref(&local).addr())
                .expect("somebody listens");
            over.recv()
        });
        let address = told.recv().expect("the thread tells");
        let (reserved, touched) = mapping_around(address)?;
        c.saw(format!(
            "the stack's mapping: {reserved} KiB, of which {touched} KiB are in memory"
        ));
        drop(stay);
        thread
            .join()
            .expect("it ends")
            .expect_err("nothing was sent");
        assert_eq!(reserved, 2048);
        assert!(touched < 128);
        Ok(())
    });
}

/// Size and resident part, in KiB, of the mapping that `address` lies in.
fn mapping_around(address: usize) -> Checked<(u64, u64)> {
    let smaps = fs::read_to_string("/proc/self/smaps")?;
    let mut inside = false;
    let mut size = None;
    for line in smaps.lines() {
        let mut words = line.split_ascii_whitespace();
        let first = words.next().unwrap_or_default();
        if let Some((from, to)) = first.split_once('-') {
            let hex = |text| usize::from_str_radix(text, 16).unwrap_or(0);
            inside = (hex(from)..hex(to)).contains(&address);
        }
        let number = words.next().and_then(|word| word.parse().ok());
        match (inside, first, number) {
            (true, "Size:", Some(kib)) => size = Some(kib),
            (true, "Rss:", Some(kib)) => return Ok((size.unwrap_or(0), kib)),
            _ => {}
        }
    }
    Err(Stop::Skipped(
        "/proc/self/smaps does not show the stack".into(),
    ))
}
