//! Two ends of a connection, and states of it that the kernel shows.

use std::io;
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;

use grader::{Checked, reach};
use rustix::io::ioctl_fionread;

/// A connection of this process with itself; both ends block.
///
/// # Errors
/// Could not judge, when the kernel does not give one.
pub fn connection() -> Checked<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let near = TcpStream::connect(listener.local_addr()?)?;
    let (far, _) = listener.accept()?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    Ok((near, far))
}

/// Waits until `bytes` bytes lie unread in the kernel for `socket`.
///
/// # Errors
/// Could not judge, when they do not arrive.
pub fn reach_unread(socket: &impl AsFd, bytes: u64) -> Checked {
    let words = format!("{bytes} unread bytes in a socket");
    reach(&words, || ioctl_fionread(socket).is_ok_and(|n| n == bytes))
}

/// Whether an error says that the call would have had to wait.
#[must_use]
pub fn would_block<T>(result: &io::Result<T>) -> bool {
    matches!(result, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
}
