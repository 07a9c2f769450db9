//! Any number of clients on one thread that never sleeps: it goes round and asks each of them.
//!
//! Invariant: between two rounds `clients` holds those who have been let in and have
//! neither left nor been lost.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};

/// The most that is read from a client in one round, in bytes.
const CHUNK: usize = 16 * 1024;

/// Goes round for ever.
///
/// # Errors
/// When the listener cannot be made non-blocking. What goes wrong with a
/// client ends that client only.
pub(crate) fn serve(listener: &TcpListener) -> io::Result<()> {
    // todo: go round for ever: let in whoever waits, ask every client, and keep those who stay
    listener.set_nonblocking(true)?;
    let mut clients = Vec::new();
    let mut buffer = [0; CHUNK];
    loop {
        let_in(listener, &mut clients);
        clients.retain_mut(|client| stays(client, &mut buffer));
    }
    // end
}

// yours: how those who wait at the listener are let in without waiting for them,
// and what one client is asked, what its four answers mean, and whether it stays
/// Lets in whoever waits at the listener.
fn let_in(listener: &TcpListener, clients: &mut Vec<TcpStream>) {
    // WouldBlock means that nobody waits. Whatever else an error means, the next round asks again.
    while let Ok((client, _address)) = listener.accept() {
        // A socket that blocks would make everyone wait for one: its client is hung up on.
        if client.set_nonblocking(true).is_ok() {
            clients.push(client);
        }
    }
}

/// Asks one client for bytes, sends back what comes, and returns whether the client is still there.
fn stays(client: &mut TcpStream, buffer: &mut [u8]) -> bool {
    match client.read(buffer) {
        Ok(0) => false,
        // A client whose socket is full is given up: `write_all` does not say
        // how much it has written.
        Ok(n) => client.write_all(&buffer[..n]).is_ok(),
        Err(error) => error.kind() == ErrorKind::WouldBlock,
    }
}
// end
