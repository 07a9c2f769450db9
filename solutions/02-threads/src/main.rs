//! Lesson 02: an echo server that spends a thread on every client.
//!
//! Invariant: the first thread sleeps in `accept`; every other thread has one client, sleeps in
//! that client's read, and ends when its client has left.
#![forbid(unsafe_code)]

use std::env;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:0".into());
    let listener = TcpListener::bind(address)?;
    println!("listening on {}", listener.local_addr()?);
    serve(&listener)
}

/// Gives every client a thread of its own, for ever.
///
/// There is no error that it may return: when `main` ends, every thread ends, whoever it is
/// serving.
fn serve(listener: &TcpListener) -> ! {
    // todo: accept clients for ever, and give each a thread of its own
    loop {
        match listener.accept() {
            Ok((client, address)) => {
                if let Err(error) = hire(client, address) {
                    eprintln!("{address} was sent away: {error}");
                }
            }
            Err(error) => {
                eprintln!("nobody was accepted: {error}");
                thread::sleep(ACCEPT_AGAIN);
            }
        }
    }
    // end
}

// yours: the life of a client's thread, from its start to its client's goodbye
/// When `accept` fails, for want of descriptors most likely, whoever waits still waits, and asking
/// again at once would fail at once.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

/// Starts the thread that serves `client`. Nobody waits for its end: it tells the log how it went.
///
/// # Errors
/// When the system gives no further thread. The client was to move into it, and is hung up on.
fn hire(client: TcpStream, address: SocketAddr) -> io::Result<()> {
    // The kernel keeps 15 bytes of a thread's name, for `ps -L -o comm` to show.
    let angler = thread::Builder::new().name(format!("port {}", address.port()));
    angler.spawn(move || match echo(client) {
        Ok(bytes) => eprintln!("{address} left after {bytes} bytes"),
        Err(error) => eprintln!("{address} was lost: {error}"),
    })?;
    Ok(())
}

/// Sends back what `client` sends until it says goodbye; returns how many bytes that was.
///
/// # Errors
/// When the client is lost, by a reset for example.
fn echo(mut client: TcpStream) -> io::Result<u64> {
    let mut buffer = [0; 4096];
    let mut echoed = 0;
    loop {
        let n = client.read(&mut buffer)?;
        if n == 0 {
            return Ok(echoed);
        }
        client.write_all(&buffer[..n])?;
        echoed += n as u64;
    }
}
// end
