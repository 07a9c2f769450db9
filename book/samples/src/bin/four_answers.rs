//! Asks one non-blocking socket for bytes, and prints each of the four answers that there are.
#![forbid(unsafe_code)]

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let (mut client, mut socket) = pair(&listener)?;
    // ANCHOR: answers
    socket.set_nonblocking(true)?;
    ask(&mut socket, "the client is silent");
    client.write_all(b"hello")?;
    ask(&mut socket, "the client has sent five bytes");
    ask(&mut socket, "the five bytes have been read");
    drop(client);
    ask(&mut socket, "the client has closed");
    ask(&mut socket, "asked once more");
    // ANCHOR_END: answers

    let (client, mut socket) = pair(&listener)?;
    socket.set_nonblocking(true)?;
    socket.write_all(b"never read")?;
    drop(client);
    ask(&mut socket, "another client broke off");
    Ok(())
}

// ANCHOR: ask
/// Reads once, and prints what came of it.
fn ask(socket: &mut TcpStream, situation: &str) {
    thread::sleep(Duration::from_millis(10));
    let answer = socket.read(&mut [0; 64]).map_err(|error| error.kind());
    println!("{situation:>30}: {answer:?}");
}
// ANCHOR_END: ask

/// A client, and the server's end of its connection.
fn pair(listener: &TcpListener) -> io::Result<(TcpStream, TcpStream)> {
    let client = TcpStream::connect(listener.local_addr()?)?;
    let (socket, _address) = listener.accept()?;
    Ok((client, socket))
}
