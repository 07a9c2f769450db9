//! One TCP socket by its two ends, asked of the kernel over netlink as `ss` does.
//!
//! `/proc/net/tcp` shows the same, but the kernel walks its whole table for each look: 10 ms on a
//! machine with much memory, where one question takes microseconds. Layouts: `linux/netlink.h`,
//! `linux/inet_diag.h`.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink, recv, send, socket_with,
};

use super::tcp::{Socket, State, Traffic};

const HEADER_BYTES: usize = 16;
const REQUEST_BYTES: usize = 56;
/// The part of the answer's body that is read here: `inet_diag_msg`.
const ANSWER_BYTES: usize = 72;
/// The number of the attribute that follows the answer's body: `INET_DIAG_INFO`, a `struct
/// tcp_info`.
const INFO: u16 = 2;
/// In `struct tcp_info`: `tcpi_bytes_acked`, and after it `tcpi_bytes_received`.
const INFO_BYTES_ACKED: usize = 120;
const INFO_BYTES_RECEIVED: usize = 128;

/// In `inet_diag_msg`: `idiag_wqueue`. For a listener, it holds the length that its queue may grow
/// to.
const SEND_QUEUE: usize = 60;

/// `NLMSG_ERROR`.
const ERROR: u16 = 2;
/// `SOCK_DIAG_BY_FAMILY`.
const BY_FAMILY: u16 = 20;
/// `NLM_F_REQUEST`.
const REQUEST: u16 = 1;
const IPPROTO_TCP: u8 = 6;
const AF_INET: u8 = 2;

/// The socket whose own end is `local` and whose other end is `remote`; for a listener `remote` is
/// `0.0.0.0:0`.
///
/// # Errors
/// When the kernel does not answer such questions; `/proc/net/tcp` may show the socket all the
/// same.
pub(super) fn find(local: SocketAddr, remote: SocketAddr) -> io::Result<Option<Socket>> {
    let answer = ask(&question(local, remote)?)?;
    let socket = answer
        .map(|answer| parse(&answer).ok_or_else(too_short))
        .transpose()?;
    // When there is no such connection, the kernel answers with the listener of the same port.
    Ok(socket.filter(|socket| socket.local == local && socket.remote == remote))
}

/// How many bytes the owner of the end `local` has read and written so far.
///
/// # Errors
/// As [`find`].
pub(super) fn traffic(local: SocketAddr, remote: SocketAddr) -> io::Result<Option<Traffic>> {
    let Some(answer) = ask(&question(local, remote)?)? else {
        return Ok(None);
    };
    let socket = parse(&answer).ok_or_else(too_short)?;
    if socket.local != local || socket.remote != remote {
        return Ok(None);
    }
    let info = attribute(&answer[ANSWER_BYTES..], INFO).ok_or_else(too_short)?;
    let count = |at: usize| {
        info.get(at..at + 8)?
            .try_into()
            .ok()
            .map(u64::from_ne_bytes)
    };
    let acknowledged = count(INFO_BYTES_ACKED).ok_or_else(too_short)?;
    let received = count(INFO_BYTES_RECEIVED).ok_or_else(too_short)?;
    Ok(Some(Traffic {
        read: received.saturating_sub(socket.receive_queue),
        written: acknowledged + socket.send_queue,
    }))
}

/// The length that the queue of the listener at `address` may grow to.
///
/// # Errors
/// As [`find`].
pub(super) fn backlog(address: SocketAddr) -> io::Result<Option<u64>> {
    let nobody = SocketAddr::from(([0, 0, 0, 0], 0));
    let Some(answer) = ask(&question(address, nobody)?)? else {
        return Ok(None);
    };
    let length = answer.get(SEND_QUEUE..SEND_QUEUE + 4);
    let length = length.and_then(|length| length.try_into().ok());
    Ok(Some(
        u32::from_ne_bytes(length.ok_or_else(too_short)?).into(),
    ))
}

fn too_short() -> io::Error {
    io::Error::other("an answer too short")
}

/// The attribute with this number among those that follow an answer's body: length, number, value,
/// padding to four.
fn attribute(mut attributes: &[u8], number: u16) -> Option<&[u8]> {
    loop {
        let (header, _) = attributes.split_at_checked(4)?;
        let length = usize::from(u16::from_ne_bytes([header[0], header[1]]));
        if u16::from_ne_bytes([header[2], header[3]]) == number {
            return attributes.get(4..length);
        }
        attributes = attributes.get(length.max(4).next_multiple_of(4)..)?;
    }
}

/// Sends the question and returns the answer's body; `None` when there is no such socket.
fn ask(question: &[u8]) -> io::Result<Option<Vec<u8>>> {
    let (family, kind) = (AddressFamily::NETLINK, SocketType::DGRAM);
    let kernel = socket_with(family, kind, SocketFlags::CLOEXEC, Some(netlink::SOCK_DIAG))?;
    set_socket_timeout(&kernel, Timeout::Recv, Some(Duration::from_secs(1)))?;
    send(&kernel, question, SendFlags::empty())?;
    let mut buffer = vec![0; 8192];
    let (length, _) = recv(&kernel, &mut buffer[..], RecvFlags::empty())?;
    let (header, body) = buffer[..length]
        .split_at_checked(HEADER_BYTES)
        .ok_or(io::ErrorKind::UnexpectedEof)?;
    match (
        u16::from_ne_bytes([header[4], header[5]]),
        body.first_chunk::<4>(),
    ) {
        (BY_FAMILY, _) => Ok(Some(body.to_vec())),
        (ERROR, Some(&code)) => {
            let error = io::Error::from_raw_os_error(-i32::from_ne_bytes(code));
            if error.kind() == io::ErrorKind::NotFound {
                Ok(None)
            } else {
                Err(error)
            }
        }
        _ => Err(io::Error::other("an answer of an unknown kind")),
    }
}

/// A netlink header, then `inet_diag_req_v2`: family, protocol, any state, and the two ends.
fn question(local: SocketAddr, remote: SocketAddr) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(HEADER_BYTES + REQUEST_BYTES);
    bytes.extend_from_slice(&((HEADER_BYTES + REQUEST_BYTES) as u32).to_ne_bytes());
    bytes.extend_from_slice(&BY_FAMILY.to_ne_bytes());
    bytes.extend_from_slice(&REQUEST.to_ne_bytes());
    bytes.extend_from_slice(&[0; 8]);
    // The attributes asked for are a set of bits, the first for attribute 1.
    bytes.extend_from_slice(&[AF_INET, IPPROTO_TCP, 1 << (INFO - 1), 0]);
    bytes.extend_from_slice(&u32::MAX.to_ne_bytes());
    bytes.extend_from_slice(&local.port().to_be_bytes());
    bytes.extend_from_slice(&remote.port().to_be_bytes());
    for end in [local, remote] {
        let IpAddr::V4(ip) = end.ip() else {
            return Err(io::ErrorKind::Unsupported.into());
        };
        bytes.extend_from_slice(&ip.octets());
        bytes.extend_from_slice(&[0; 12]);
    }
    // No interface in particular, and no cookie.
    bytes.extend_from_slice(&0_u32.to_ne_bytes());
    bytes.extend_from_slice(&[0xFF; 8]);
    Ok(bytes)
}

/// `inet_diag_msg`: family, state, timer, retransmits, the ends as in the question, expiry, queues,
/// owner, inode.
fn parse(answer: &[u8]) -> Option<Socket> {
    let answer = answer.get(..ANSWER_BYTES)?;
    let word = |at: usize| {
        answer
            .get(at..at + 4)?
            .try_into()
            .ok()
            .map(u32::from_ne_bytes)
    };
    let end = |port: usize, ip: usize| {
        let port = u16::from_be_bytes(answer.get(port..port + 2)?.try_into().ok()?);
        let ip: [u8; 4] = answer.get(ip..ip + 4)?.try_into().ok()?;
        Some(SocketAddr::from((ip, port)))
    };
    let state = State::from_number(answer[1]);
    let send_queue = if state == State::Listen {
        0
    } else {
        word(SEND_QUEUE)?
    };
    Some(Socket {
        local: end(4, 8)?,
        remote: end(6, 24)?,
        state,
        receive_queue: word(56)?.into(),
        send_queue: send_queue.into(),
        inode: word(68)?.into(),
    })
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};

    use super::*;
    use crate::kernel::tcp;

    #[test]
    fn traffic_counts_what_was_read_and_written_and_nothing_twice() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound");
        let mut client = TcpStream::connect(address).expect("connected");
        let (mut server, _) = listener.accept().expect("accepted");
        client.write_all(&[1; 1000]).expect("sent");
        server.read_exact(&mut [0; 300]).expect("read");
        server.write_all(&[2; 200]).expect("sent");
        let local = client.local_addr().expect("bound");
        let traffic = traffic(address, local)
            .expect("an answer")
            .expect("a connection");
        assert_eq!((traffic.read, traffic.written), (300, 200));
    }

    #[test]
    fn it_answers_as_the_table_does() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let mut client =
            TcpStream::connect(listener.local_addr().expect("bound")).expect("connected");
        client.write_all(b"five!").expect("sent");
        let (local, remote) = (
            client.local_addr().expect("bound"),
            client.peer_addr().expect("connected"),
        );
        crate::reach("five bytes on the other side", || {
            find(remote, local)
                .is_ok_and(|s| s.is_some_and(|s| s.receive_queue == 5 && s.inode == 0))
        })
        .expect("netlink answers");
        let table = tcp::sockets().expect("the table");
        let nobody = SocketAddr::from(([0, 0, 0, 0], 0));
        for (mine, theirs) in [(local, remote), (remote, local), (remote, nobody)] {
            let row = table
                .iter()
                .find(|s| s.local == mine && s.remote == theirs)
                .expect("a row")
                .clone();
            assert_eq!(find(mine, theirs).expect("an answer"), Some(row));
        }
        assert_eq!(
            find(remote, "127.0.0.1:1".parse().expect("an address")).expect("an answer"),
            None
        );
    }
}
