//! What the kernel does with sockets and threads, whoever asks.

use std::fs;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
use std::thread;

use claims::{Checked, Stop, claim, peer, reach};
use grader::kernel::tcp::{self, State};
use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// A client is connected, and its bytes are taken, before anybody has called `accept`: the kernel
/// does both by itself, as long as there is room in the backlog.
#[test]
fn a_client_is_connected_before_it_is_accepted() {
    claim(|c| {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let mut client = TcpStream::connect(listener.local_addr()?)?;
        client.write_all(b"is anybody there?\n")?;
        let (here, there) = (client.local_addr()?, client.peer_addr()?);
        let other_end = || tcp::connection(there, here).ok().flatten();
        reach("18 bytes in the server's socket", || {
            other_end().is_some_and(|end| end.receive_queue == 18)
        })?;
        let end = other_end().expect("it was seen");
        c.saw(format!("{end:?}"));
        assert_eq!(
            (end.state, end.inode),
            (State::Established, 0),
            "an inode means: accepted"
        );
        Ok(())
    });
}

/// A socket that was accepted does not inherit O_NONBLOCK from its listener. Each socket has a flag
/// of its own.
#[test]
fn an_accepted_socket_blocks_although_its_listener_does_not() {
    claim(|c| {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let _client = TcpStream::connect(listener.local_addr()?)?;
        listener.set_nonblocking(true)?;
        let mut accepted = None;
        reach("the client in the backlog", || {
            accepted = listener.accept().ok();
            accepted.is_some()
        })?;
        let (accepted, _) = accepted.expect("it was seen");
        let flags = |fd| rustix::fs::fcntl_getfl(fd).map(|flags| flags.contains(OFlags::NONBLOCK));
        let (listener, accepted) = (flags(listener.as_fd())?, flags(accepted.as_fd())?);
        c.saw(format!(
            "O_NONBLOCK: listener {listener}, accepted socket {accepted}"
        ));
        assert_eq!((listener, accepted), (true, false));
        Ok(())
    });
}

/// Whoever closes a socket while bytes lie unread in it says no goodbye. The kernel sends a reset,
/// and the other end reads an error.
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

/// Without a free descriptor `accept` fails with EMFILE at once, even if nobody wants to be
/// accepted. So a loop that tries again without a pause burns a core while nothing happens.
#[test]
fn accept_fails_without_descriptors_even_if_nobody_waits() {
    claim(|c| {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let before = listener.accept().map(drop).map_err(|error| error.kind());
        let next_free = File::open("/dev/null")?.as_raw_fd();
        let current = Some(u64::try_from(next_free).expect("a descriptor is not negative"));
        let maximum = getrlimit(Resource::Nofile).maximum;
        setrlimit(Resource::Nofile, Rlimit { current, maximum })?;
        let after = listener
            .accept()
            .map(drop)
            .map_err(|error| error.raw_os_error());
        setrlimit(
            Resource::Nofile,
            Rlimit {
                current: maximum,
                maximum,
            },
        )?;
        c.saw(format!(
            "nobody waits; with descriptors {before:?}, without {after:?}"
        ));
        assert_eq!(before, Err(ErrorKind::WouldBlock));
        assert_eq!(after, Err(Some(rustix::io::Errno::MFILE.raw_os_error())));
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
        poll(&mut asked, None)?;
        c.saw(format!(
            "asked for nothing, without a time-out: {:?}",
            asked[0].revents()
        ));
        assert_eq!(asked[0].revents(), PollFlags::HUP);
        Ok(())
    });
}

/// When the other end closes, epoll tells of EPOLLIN and EPOLLRDHUP, and not of EPOLLHUP. That
/// comes only when both directions are shut, or after a reset.
#[test]
fn a_goodbye_is_no_hang_up() {
    claim(|c| {
        let (near, far) = peer::connection()?;
        let instance = epoll::create(CreateFlags::CLOEXEC)?;
        let wanted = EventFlags::IN | EventFlags::RDHUP | EventFlags::HUP;
        epoll::add(&instance, &near, EventData::new_u64(1), wanted)?;
        let flags = || -> Checked<EventFlags> {
            let mut told: Vec<epoll::Event> = Vec::with_capacity(1);
            epoll::wait(
                &instance,
                spare_capacity(&mut told),
                Some(&Timespec {
                    tv_sec: 5,
                    tv_nsec: 0,
                }),
            )?;
            Ok(told
                .first()
                .map_or(EventFlags::empty(), |event| event.flags))
        };
        drop(far);
        let after_the_close = flags()?;
        near.shutdown(std::net::Shutdown::Write)?;
        let after_both = flags()?;
        c.saw(format!("the other end closes: {after_the_close:?}"));
        c.saw(format!("this end shuts its direction too: {after_both:?}"));
        assert_eq!(after_the_close, EventFlags::IN | EventFlags::RDHUP);
        assert!(after_both.contains(EventFlags::HUP));
        let (near, far) = peer::connection()?;
        (&near).write_all(b"unread")?;
        peer::reach_unread(&far, 6)?;
        drop(far);
        let mut asked = [PollFd::new(&near, PollFlags::IN)];
        poll(&mut asked, None)?;
        c.saw(format!("the other end resets: {:?}", asked[0].revents()));
        assert!(asked[0].revents().contains(PollFlags::HUP | PollFlags::ERR));
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
/// the pages that it has touched: a few dozen KiB.
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
        assert!((2040..=2064).contains(&reserved) && touched < 128);
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
