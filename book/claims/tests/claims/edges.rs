//! What epoll tells, and when: edges, as mio asks for them.

use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

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

/// After a read that leaves bytes behind, no event tells of the rest. The next event comes when
/// *new* bytes do.
#[test]
fn what_a_read_leaves_is_told_of_with_new_bytes_only() {
    claim(|c| {
        let (mut poll, mut near, mut far) = registered(Interest::READABLE)?;
        far.write_all(b"six of")?;
        let first = told(&mut poll)?.len();
        let taken = near.read(&mut [0; 2])?;
        let after_the_read = told(&mut poll)?.len();
        far.write_all(b"!")?;
        let after_more = told(&mut poll)?.len();
        c.saw(format!("6 bytes arrive: {first} event; {taken} are read: {after_the_read}; one more arrives: {after_more}"));
        assert_eq!((first, after_the_read, after_more), (1, 0, 1));
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

/// An event tells all that is true of a socket at that moment. Where both directions were asked
/// for, arriving bytes tell of room to write as well, if there is any, and wake whoever waits for
/// that.
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

/// Clients that connect while nobody asks are one edge of the listener. Whoever accepts one of them
/// per event leaves the others in the backlog, and no event will tell of them until somebody else
/// connects.
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

/// A row in epoll's list hangs on the open socket and not on the descriptor. Close the descriptor
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

/// mio's `Waker` is an eventfd that nobody reads. Each wake adds one to its counter, which only
/// grows, and when a wake comes after you were told of the last one, you are told again.
///
/// It is read when it would overflow. See mio 1.2.4: src/sys/unix/waker/eventfd.rs, reset.
#[test]
fn a_bell_is_never_read() {
    claim(|c| {
        let mut poll = Poll::new()?;
        let bell = mio::Waker::new(poll.registry(), Token(0))?;
        let mut events = 0;
        for _ in 0..3 {
            bell.wake()?;
            events += told(&mut poll)?.len();
        }
        let counter = own::eventfd_count()?;
        c.saw(format!(
            "3 wakes: {events} events, the eventfd stands at {counter}"
        ));
        assert_eq!((events, counter), (3, 3));
        Ok(())
    });
}

/// mio rounds a time-out up to whole milliseconds, since `epoll_wait` takes no less: one nanosecond
/// sleeps for one millisecond.
#[test]
fn a_nanosecond_is_a_millisecond() {
    claim(|c| {
        let mut poll = Poll::new()?;
        let mut events = Events::with_capacity(1);
        let begun = Instant::now();
        poll.poll(&mut events, Some(Duration::from_nanos(1)))?;
        let took = begun.elapsed();
        c.saw(format!("a time-out of 1 ns took {took:?}"));
        assert!(took >= Duration::from_millis(1));
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
