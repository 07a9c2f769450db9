//! Errors at a source: news, for both directions.

use std::io::ErrorKind;
use std::net::Ipv4Addr;
use std::task::Poll;

use grader::{Checked, Explain, Steps, WakerProbe, check, reach, violation};
use mio::Interest;
use mio::net::UdpSocket;
use reactor::Direction;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::wire;
use crate::{task, turning};

/// An error is told to every task that waits, in either direction, and it is not the end: when it
/// has been fetched, and a try is refused, a task waits again.
///
/// # Hint
/// A UDP socket has sent to a port where nobody is. The answer to that is an error: EPOLLERR,
/// without EPOLLIN. Which of those who wait there is to hear of it?
///
/// # Hint
/// With `is_error`, both directions are ready: the next try, whichever it is, fetches the error.
/// Neither is closed by it: the socket is as good as before.
#[test]
fn an_error_is_news_and_not_the_end() {
    check(|c| {
        c.isolated(is_told_of_a_refusal).explain(
            "an error at a socket wakes the task that waits to read there; the next read fetches it, and the one after \
             that waits",
            "an error is kept at the socket for the next call there, whichever it is. A task that waits for bytes \
             makes no call until it is woken, and without an EPOLLIN nothing but `is_error` says that it is worth one",
            "what your dispatch makes of `is_error`, for each direction",
        )?;
        c.isolated(is_told_of_both).explain(
            "a datagram that came along with an error is read after it, without another event",
            "the two are one edge. The try that fetches the error says nothing about the datagram behind it: a task \
             that takes any error for the proof that there is nothing waits for an event that has been told already",
            "which answers of a try take the readiness back",
        )
    });
}

/// A datagram is refused, and another one comes: both before the reactor turns.
fn is_told_of_both(steps: &Steps) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let (asks, deaf) = refused()?;
    let line = wire::register(asks, Interest::READABLE | Interest::WRITABLE)?;
    turning::settle(&mut reactor)?;
    let mut probe = WakerProbe::new();
    line.get_ref().send(b"is anybody there?")?;
    reach("the refusal at the UDP socket", || {
        has_error(line.get_ref())
    })?;
    deaf.send_to(b"yes", line.get_ref().local_addr()?)?;
    reach("the answer at the UDP socket", || {
        asked(line.get_ref()).contains(PollFlags::IN)
    })?;
    steps.now("a read, when an error and a datagram are there");
    turning::until_told(&mut reactor)?;
    let receive = |socket: &UdpSocket| socket.recv(&mut [0; 64]);
    for _ in 0..2 {
        match task::poll_io(&line, &mut probe, Direction::Read, receive)? {
            Poll::Ready(Ok(3)) => return Ok(()),
            Poll::Ready(Err(error)) if error.kind() == ErrorKind::ConnectionRefused => {}
            answer => {
                return Err(violation(format!(
                    "an error and a datagram were there to be fetched, and `poll_io` returned {answer:?}"
                )));
            }
        }
    }
    Err(violation("the same error was fetched twice"))
}

/// A socket whose datagrams are refused, and the one that refuses them.
fn refused() -> Checked<(UdpSocket, std::net::UdpSocket)> {
    let here = (Ipv4Addr::LOCALHOST, 0);
    // It takes datagrams from itself only, so nobody else has its port, and
    // whatever comes there is refused.
    let deaf = std::net::UdpSocket::bind(here)?;
    deaf.connect(deaf.local_addr()?)?;
    let asks = UdpSocket::bind(here.into())?;
    asks.connect(deaf.local_addr()?)?;
    Ok((asks, deaf))
}

/// A datagram is refused by the machine that it was sent to, and its sender waits for an answer.
fn is_told_of_a_refusal(steps: &Steps) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let (asks, _deaf) = refused()?;
    let line = wire::register(asks, Interest::READABLE | Interest::WRITABLE)?;
    turning::settle(&mut reactor)?;
    let mut probe = WakerProbe::new();
    steps.now("a clear, before there is any error");
    task::is_cleared(&line, &mut probe, Direction::Write)?;
    let receive = |socket: &UdpSocket| socket.recv(&mut [0; 64]);
    if let Poll::Ready(answer) = task::poll_io(&line, &mut probe, Direction::Read, receive)? {
        return Err(violation(format!(
            "nothing has come, and `poll_io` returned `Ready({answer:?})`"
        )));
    }
    line.get_ref().send(b"is anybody there?")?;
    reach("the refusal at the UDP socket", || {
        has_error(line.get_ref())
    })?;
    steps.now("turns when a datagram was refused, and its sender waits for an answer");
    turning::until_woken(&mut reactor, &probe, "a reader whose datagram was refused")?;
    match task::poll_io(&line, &mut probe, Direction::Read, receive)? {
        Poll::Ready(Err(error)) if error.kind() == ErrorKind::ConnectionRefused => {}
        answer => {
            return Err(violation(format!(
                "an error was there to be fetched, and `poll_io` returned {answer:?}"
            )));
        }
    }
    steps.now("a read after the one that has fetched the error");
    let Poll::Ready(Ok(tick)) = task::poll_ready(&line, &mut probe, Direction::Read)? else {
        return Ok(());
    };
    match receive(line.get_ref()) {
        Err(error) if error.kind() == ErrorKind::WouldBlock => line.clear(tick),
        answer => panic!("nobody has answered, and it was {answer:?}"),
    }
    match task::poll_ready(&line, &mut probe, Direction::Read)? {
        Poll::Pending => Ok(()),
        Poll::Ready(_) => Err(violation(
            "an error came and was fetched; the read after it was refused and cleared, and `poll_ready` is ready again",
        )
        .explain(
            "an error makes ready, and closes nothing: once it has been fetched, a refused read that is cleared waits",
            "one datagram was refused, and the next may be answered. Taken for the end, the error stays ready for good: \
             each read is refused, and no clear counts any more",
            "whether an error of yours ends a direction, and which of an event's questions may do that",
        )),
    }
}

/// Whether an error waits at the socket. To ask does not fetch it.
fn has_error(socket: &UdpSocket) -> bool {
    asked(socket).contains(PollFlags::ERR)
}

/// What the kernel says of the socket.
fn asked(socket: &UdpSocket) -> PollFlags {
    let mut asked = [PollFd::new(socket, PollFlags::IN)];
    let at_once = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    let _ = poll(&mut asked, Some(&at_once));
    asked[0].revents()
}
