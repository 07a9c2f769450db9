//! What the kernel does with listeners, and with clients that no program has accepted yet.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream};
use std::os::fd::{AsFd, AsRawFd};

use claims::{Checked, claim, owes, reach};
use grader::kernel::tcp::{self, State};
use rustix::fs::OFlags;
use rustix::net::{
    AddressFamily, SocketFlags, SocketType, bind, connect, listen, socket, socket_with,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// A client is connected, and its bytes are taken, before the server has called `accept`: the
/// kernel does both by itself, as long as there is room in the backlog.
#[test]
fn a_client_is_connected_before_it_is_accepted() {
    claim(|c| {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let mut client = TcpStream::connect(listener.local_addr()?)?;
        client.write_all(b"is anybody there?\n")?;
        let (here, there) = (client.local_addr()?, client.peer_addr()?);
        let other_end = || tcp::connection(there, here).ok().flatten();
        owes("18 bytes in the server's socket", || {
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

/// Without a free descriptor `accept` fails with EMFILE at once, even if no client waits to be
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

/// A listener with a backlog of 128 has room for 129 clients that are not accepted yet: they are
/// connected. The 130th waits until one of them is accepted.
#[test]
fn a_backlog_of_128_has_room_for_129_clients() {
    claim(|c| {
        let listener = socket(AddressFamily::INET, SocketType::STREAM, None)?;
        bind(&listener, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0))?;
        listen(&listener, 128)?;
        let listener = TcpListener::from(listener);
        let address = listener.local_addr()?;
        let begin = || -> Checked<TcpStream> {
            let flags = SocketFlags::NONBLOCK;
            let client = socket_with(AddressFamily::INET, SocketType::STREAM, flags, None)?;
            let begun = connect(&client, &address);
            assert_eq!(begun, Err(rustix::io::Errno::INPROGRESS));
            Ok(client.into())
        };
        let is_connected = |client: &TcpStream| client.peer_addr().is_ok();
        let mut clients = Vec::new();
        for _ in 0..129 {
            let client = begin()?;
            owes("room in the backlog", || is_connected(&client))?;
            clients.push(client);
        }
        let last = begin()?;
        let queued = || {
            tcp::listener(address)
                .ok()
                .flatten()
                .map(|l| l.receive_queue)
        };
        reach("129 clients in the backlog", || queued() == Some(129))?;
        let waits = !is_connected(&last);
        c.saw(format!(
            "connected: {}; the next one waits: {waits}",
            clients.len()
        ));
        assert!(waits);
        let accepted = listener.accept()?;
        // Its first attempt went unanswered; it tries again after a second.
        owes("room for the 130th", || is_connected(&last))?;
        c.saw("one is accepted, and the 130th is connected");
        drop(accepted);
        Ok(())
    });
}
