//! What epoll tells, and when: edges, as mio asks for them.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::time::Duration;

use claims::{Checked, claim, own, reach};
use grader::kernel::tcp;
use mio::event::Event;
use mio::net::{TcpListener, UnixStream};
use mio::{Events, Interest, Poll, Token};
use rustix::event::{PollFd, PollFlags};
/// A pair of sockets, the first of which is registered for `interest`. What is written has arrived
/// when `write` returns.
fn registered(interest: Interest) -> Checked<(Poll, UnixStream, UnixStream)> {
    let poll = Poll::new()?;
    let (mut near, far) = UnixStream::pair()?;
    poll.registry().register(&mut near, Token(1), interest)?;
    Ok((poll, near, far))
}

/// What one call of `poll` tells just now.
fn told(poll: &mut Poll) -> Checked<Vec<Event>> {
    let mut events = Events::with_capacity(8);
    poll.poll(&mut events, Some(Duration::ZERO))?;
    Ok(events.iter().cloned().collect())
}

/// mio tells of an edge once. Asked again while the bytes still lie there, it has nothing to tell.
#[test]
fn an_edge_is_told_once() {
    claim(|c| {
        let (mut poll, _near, mut far) = registered(Interest::READABLE)?;
        far.write_all(b"six of")?;
        let (first, second) = (told(&mut poll)?.len(), told(&mut poll)?.len());
        c.saw(format!("6 bytes unread; events: {first}, then {second}"));
        assert_eq!((first, second), (1, 0));
        Ok(())
    });
}

/// After a read that leaves bytes behind, no event tells of the rest. A socket that is registered
/// for reading hears of it with the next thing that has to do with reading: new bytes, a goodbye,
/// or when it is registered again. One that is registered for writing as well also hears of it when
/// there is room to write again.
#[test]
fn what_a_read_leaves_brings_no_event_of_its_own() {
    /// Six bytes arrive and two are read; says how many events that brings, and what is told of
    /// after `then`.
    fn left_behind(
        interest: Interest,
        then: impl FnOnce(&Poll, &mut UnixStream, &mut UnixStream) -> io::Result<()>,
    ) -> Checked<(usize, usize, Vec<Event>)> {
        let (mut poll, mut near, mut far) = registered(interest)?;
        // For now there is no room to write.
        while near.write(&[0; 4096]).is_ok() {}
        told(&mut poll)?;
        far.write_all(b"six of")?;
        let first = told(&mut poll)?.len();
        assert_eq!(near.read(&mut [0; 2])?, 2);
        let after_the_read = told(&mut poll)?.len();
        then(&poll, &mut near, &mut far)?;
        Ok((first, after_the_read, told(&mut poll)?))
    }
    claim(|c| {
        let (reading, both) = (Interest::READABLE, Interest::READABLE | Interest::WRITABLE);
        let more = left_behind(reading, |_, _, far| far.write_all(b"!"))?;
        let goodbye = left_behind(reading, |_, _, far| far.shutdown(Shutdown::Write))?;
        let again = left_behind(reading, |poll, near, _| {
            poll.registry().reregister(near, Token(1), reading)
        })?;
        let makes_room = |_: &Poll, _: &mut UnixStream, far: &mut UnixStream| {
            while far.read(&mut [0; 65536]).is_ok() {}
            Ok(())
        };
        let cases = [
            ("one more byte", more, true),
            ("a goodbye", goodbye, true),
            ("registered again", again, true),
            (
                "room to write, not asked for",
                left_behind(reading, makes_room)?,
                false,
            ),
            ("room to write", left_behind(both, makes_room)?, true),
        ];
        for (name, (first, after_the_read, events), is_told) in cases {
            c.saw(format!(
                "6 bytes: {first} event; 2 are read: {after_the_read}; {name}: {}",
                events.len()
            ));
            assert_eq!((first, after_the_read), (1, 0));
            assert_eq!(events.iter().any(Event::is_readable), is_told, "{name}");
        }
        Ok(())
    });
}

/// Registering again (`reregister`, which is EPOLL_CTL_MOD) makes the kernel look anew: bytes that
/// still lie there are told of once more.
#[test]
fn registering_again_tells_of_what_is_still_there() {
    claim(|c| {
        let (mut poll, mut near, mut far) = registered(Interest::READABLE)?;
        far.write_all(b"six of")?;
        let (first, spent) = (told(&mut poll)?.len(), told(&mut poll)?.len());
        let registry = poll.registry();
        registry.reregister(&mut near, Token(1), Interest::READABLE)?;
        let again = told(&mut poll)?.len();
        c.saw(format!(
            "events: {first}, then {spent}, after `reregister` {again}"
        ));
        assert_eq!((first, spent, again), (1, 0, 1));
        Ok(())
    });
}

/// Bytes that came before a socket was registered are not lost: registering looks at the socket
/// then and there, and the first call of `poll` tells of them.
#[test]
fn registering_tells_of_what_came_before() {
    claim(|c| {
        let mut poll = Poll::new()?;
        let (mut near, mut far) = UnixStream::pair()?;
        far.write_all(b"early")?;
        let registry = poll.registry();
        registry.register(&mut near, Token(1), Interest::READABLE)?;
        let events = told(&mut poll)?;
        c.saw(format!("written, then registered, then asked: {events:?}"));
        assert!(events.len() == 1 && events[0].is_readable());
        Ok(())
    });
}

/// An event tells everything that holds for a socket at that moment, of what it is registered for.
/// Where that is both directions, arriving bytes tell of room to write as well, if there is any.
#[test]
fn arriving_bytes_tell_of_room_to_write_as_well() {
    claim(|c| {
        let both = Interest::READABLE | Interest::WRITABLE;
        let (mut poll, _near, mut far) = registered(both)?;
        let first = told(&mut poll)?;
        far.write_all(b"x")?;
        let second = told(&mut poll)?;
        c.saw(format!("after registering: {first:?}"));
        c.saw(format!("after one byte: {second:?}"));
        assert!(first[0].is_writable() && !first[0].is_readable());
        assert!(second[0].is_writable() && second[0].is_readable());
        let (mut poll, mut full, mut far) = registered(both)?;
        while full.write(&[0; 4096]).is_ok() {}
        let _ = told(&mut poll)?;
        far.write_all(b"x")?;
        let third = told(&mut poll)?;
        c.saw(format!("after one byte for a full socket: {third:?}"));
        assert!(third[0].is_readable() && !third[0].is_writable());
        Ok(())
    });
}

/// Events for which the buffer has no room are not lost. They stay in the kernel, and the next call
/// brings them.
#[test]
fn events_without_room_in_the_buffer_wait_in_the_kernel() {
    claim(|c| {
        let mut poll = Poll::new()?;
        let mut pairs = Vec::new();
        for token in 0..3 {
            let (mut near, mut far) = UnixStream::pair()?;
            let registry = poll.registry();
            registry.register(&mut near, Token(token), Interest::READABLE)?;
            far.write_all(b"x")?;
            pairs.push((near, far));
        }
        let mut events = Events::with_capacity(1);
        let mut tokens: Vec<Vec<usize>> = Vec::new();
        for _ in 0..4 {
            poll.poll(&mut events, Some(Duration::ZERO))?;
            tokens.push(events.iter().map(|event| event.token().0).collect());
        }
        c.saw(format!(
            "three sockets ready, room for one event; four calls bring {tokens:?}"
        ));
        assert_eq!(tokens.concat(), [0, 1, 2]);
        assert!(tokens[3].is_empty());
        Ok(())
    });
}

/// Clients that connect between two calls of `poll` are one edge of the listener. A server that
/// accepts one of them for each event leaves the others in the backlog, and no event tells of them
/// until another client connects.
#[test]
fn five_connects_are_one_edge() {
    claim(|c| {
        let mut poll = Poll::new()?;
        let mut listener = TcpListener::bind("127.0.0.1:0".parse().expect("an address"))?;
        let address = listener.local_addr()?;
        let registry = poll.registry();
        registry.register(&mut listener, Token(0), Interest::READABLE)?;
        let connect = || std::net::TcpStream::connect(address);
        let clients = (0..5).map(|_| connect()).collect::<Result<Vec<_>, _>>()?;
        let waiting = || {
            tcp::listener(address)
                .ok()
                .flatten()
                .map(|l| l.receive_queue)
        };
        reach("five clients in the backlog", || waiting() == Some(5))?;
        let first = told(&mut poll)?.len();
        let accepted = listener.accept()?;
        let second = told(&mut poll)?.len();
        c.saw(format!(
            "{} clients: {first} event; one accepted: {second}; in the backlog: {:?}",
            clients.len(),
            waiting()
        ));
        assert_eq!((first, second, waiting()), (1, 0, Some(4)));
        let _sixth = connect()?;
        reach("a sixth client in the backlog", || waiting() == Some(5))?;
        let third = told(&mut poll)?.len();
        c.saw(format!("one more connects: {third} event"));
        assert_eq!(third, 1);
        drop(accepted);
        Ok(())
    });
}

/// A row in epoll's list belongs to the open socket and not to the descriptor. Close the descriptor
/// while a duplicate of it lives, and events go on coming under the old token.
#[test]
fn a_duplicate_keeps_a_dropped_socket_registered() {
    claim(|c| {
        let (mut poll, near, mut far) = registered(Interest::READABLE)?;
        let duplicate = OwnedFd::from(near).try_clone()?;
        far.write_all(b"x")?;
        let events = told(&mut poll)?;
        c.saw(format!(
            "registered, duplicated, dropped, written to: {events:?}"
        ));
        assert_eq!(events.len(), 1);
        drop(duplicate);
        far.write_all(b"x").expect_err("nobody is left to read");
        assert_eq!(told(&mut poll)?.len(), 0);
        Ok(())
    });
}

/// Stopping a program and continuing it makes `epoll_wait` fail with EINTR, although no signal is
/// handled. `read` and `poll` are taken up again, and notice nothing.
#[test]
fn stop_and_continue_end_epoll_wait_and_nothing_else() {
    claim(|c| {
        let (near, mut far) = claims::peer::connection()?;
        let mut reader = near.try_clone()?;
        let reads = std::thread::spawn(move || reader.read(&mut [0]));
        let (asked, mut end) = claims::peer::connection()?;
        let polls = std::thread::spawn(move || {
            rustix::event::poll(&mut [PollFd::new(&asked, PollFlags::IN)], None)
        });
        let mut poll = Poll::new()?;
        let (sender, receiver) = std::sync::mpsc::channel();
        let waits = std::thread::spawn(move || {
            let told = poll.poll(&mut Events::with_capacity(1), None);
            let _ = sender.send(told.map_err(|error| error.kind()));
        });
        c.saw(own::told(&own::reach_rest()?));
        stop_and_continue()?;
        // That it returns is the claim: where it does not, this is red.
        let interrupted = receiver.recv_timeout(grader::wait::PATIENCE);
        c.saw(format!(
            "stopped and continued: epoll_wait returned {interrupted:?}"
        ));
        assert_eq!(interrupted, Ok(Err(std::io::ErrorKind::Interrupted)));
        waits.join().expect("it ends");
        let left = own::reach_rest()?;
        c.saw(format!(
            "the others are where they were: {}",
            own::told(&left)
        ));
        assert!(!reads.is_finished() && !polls.is_finished());
        far.write_all(b"x")?;
        end.write_all(b"x")?;
        let (read, polled) = (
            reads.join().expect("it ends")?,
            polls.join().expect("it ends")?,
        );
        assert_eq!((read, polled), (1, 1));
        Ok(())
    });
}

/// Has this process stopped, seen to be stopped, and continued, by another one.
fn stop_and_continue() -> Checked {
    let script =
        "kill -STOP $0; until grep -q '^State:.T' /proc/$0/status; do :; done; kill -CONT $0";
    let pid = std::process::id().to_string();
    let done = std::process::Command::new("sh")
        .args(["-c", script, &pid])
        .status()?;
    assert!(done.success());
    Ok(())
}
