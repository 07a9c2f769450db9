//! Lesson 03 built differently: a queue that turns, small buffers, bytes that wait for room with
//! their client, and an accept after every client.
#![forbid(unsafe_code)]

use std::collections::VecDeque;
use std::env;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().collect();
    let address = arguments.get(2).map_or("127.0.0.1:0", String::as_str);
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    println!("listening on {}", listener.local_addr()?);
    match arguments.get(1).map(String::as_str) {
        Some("one") => one(&listener),
        Some("many") => many(&listener),
        other => Err(io::Error::other(format!("`one` or `many`, not {other:?}"))),
    }
}

/// What a socket answers when it is asked for bytes.
enum Answer {
    Bytes(usize),
    NothingYet,
    Goodbye,
    Lost(io::Error),
}

fn ask(client: &mut TcpStream, buffer: &mut [u8]) -> Answer {
    match client.read(buffer) {
        Ok(0) => Answer::Goodbye,
        Ok(n) => Answer::Bytes(n),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Answer::NothingYet,
        Err(error) => Answer::Lost(error),
    }
}

/// Asks the listener as it asks the client: again and again.
fn one(listener: &TcpListener) -> io::Result<()> {
    let pause = Duration::from_millis(100);
    let mut client = loop {
        match listener.accept() {
            Ok((client, _address)) => break client,
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(pause / 10),
            Err(error) => return Err(error),
        }
    };
    client.set_nonblocking(true)?;
    for n in 1.. {
        match ask(&mut client, &mut [0; 1024]) {
            Answer::NothingYet => println!("WouldBlock #{n}"),
            Answer::Bytes(count) => {
                println!("read {count} bytes");
                break;
            }
            Answer::Goodbye => {
                println!("client left");
                break;
            }
            Answer::Lost(error) => return Err(error),
        }
        thread::sleep(pause);
    }
    Ok(())
}

/// A client, and the bytes that its socket has refused.
struct Client {
    socket: TcpStream,
    pending: Vec<u8>,
}

/// Takes the client at the front, serves it until it is silent, and puts it at the end.
fn many(listener: &TcpListener) -> io::Result<()> {
    let mut queue: VecDeque<Client> = VecDeque::new();
    loop {
        match accept(listener) {
            Ok(Some(client)) => queue.push_back(client),
            Ok(None) => {}
            Err(error) => println!("nobody was accepted: {error}"),
        }
        if let Some(mut client) = queue.pop_front() {
            match serve(&mut client) {
                Ok(true) => queue.push_back(client),
                Ok(false) => println!("one left, {} stay", queue.len()),
                Err(error) => println!("one was lost: {error}"),
            }
        }
        thread::yield_now();
    }
}

/// Takes one client that waits, if there is one.
fn accept(listener: &TcpListener) -> io::Result<Option<Client>> {
    match listener.accept() {
        Ok((socket, address)) => {
            socket.set_nonblocking(true)?;
            println!("{address} came");
            let pending = Vec::new();
            Ok(Some(Client { socket, pending }))
        }
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(error),
    }
}

/// Echoes a little at a time until the client has nothing more, or takes nothing more; returns
/// whether it is still there.
fn serve(client: &mut Client) -> io::Result<bool> {
    let mut buffer = [0; 700];
    loop {
        while !client.pending.is_empty() {
            match client.socket.write(&client.pending) {
                Ok(n) => drop(client.pending.drain(..n)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                Err(error) => return Err(error),
            }
        }
        match ask(&mut client.socket, &mut buffer) {
            Answer::Bytes(n) => client.pending.extend(&buffer[..n]),
            Answer::NothingYet => return Ok(true),
            Answer::Goodbye => return Ok(false),
            Answer::Lost(error) => return Err(error),
        }
    }
}
