//! Lesson 03 built differently: places that are used again, each with the number of bytes that wait
//! in its buffer; a round reads from all of them first, and writes to all of them then. Nobody is
//! given up for a full socket.
#![forbid(unsafe_code)]

use std::env;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let program = arguments.next().unwrap_or_default();
    let address = arguments.next().unwrap_or("127.0.0.1:0".into());
    let done = TcpListener::bind(address).and_then(|listener| {
        println!("listening on {}", listener.local_addr()?);
        match program.as_str() {
            "one" => one(&listener),
            "many" => many(&listener),
            _ => Err(io::Error::other("usage: one|many [ADDRESS]")),
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Asks with a large buffer, and says how much came.
fn one(listener: &TcpListener) -> io::Result<()> {
    let (mut client, _address) = listener.accept()?;
    client.set_nonblocking(true)?;
    let mut refusals = 0;
    loop {
        let mut bytes = [0; 65_536];
        let answer = client.read(&mut bytes);
        match answer.map_err(|error| (error.kind(), error)) {
            Err((ErrorKind::WouldBlock, _)) => refusals += 1,
            Err((_, error)) => return Err(error),
            Ok(count) => {
                match count {
                    0 => println!("client left"),
                    _ => println!("read {count} bytes"),
                }
                return Ok(());
            }
        }
        println!("WouldBlock #{refusals}");
        thread::sleep(Duration::from_millis(100));
    }
}

/// A place for a client, which has one for as long as it is there.
struct Place {
    socket: TcpStream,
    buffer: Box<[u8]>,
    filled: usize,
}

fn many(listener: &TcpListener) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let mut places: Vec<Option<Place>> = Vec::new();
    loop {
        if let Ok((socket, _address)) = listener.accept()
            && socket.set_nonblocking(true).is_ok()
        {
            let place = Some(Place {
                socket,
                buffer: vec![0; 32 * 1024].into(),
                filled: 0,
            });
            match places.iter_mut().find(|place| place.is_none()) {
                Some(free) => *free = place,
                None => places.push(place),
            }
        }
        for part in [Place::reads, Place::writes] {
            for place in &mut places {
                if place.as_mut().is_some_and(|place| !part(place)) {
                    *place = None;
                }
            }
        }
    }
}

impl Place {
    /// Reads once if nothing waits. Returns whether the client stays.
    fn reads(&mut self) -> bool {
        if self.filled > 0 {
            return true;
        }
        match self.socket.read(&mut self.buffer) {
            Ok(count) => self.filled = count,
            Err(error) => return error.kind() == ErrorKind::WouldBlock,
        }
        self.filled > 0
    }

    /// Writes once if something waits. Returns whether the client stays.
    fn writes(&mut self) -> bool {
        if self.filled == 0 {
            return true;
        }
        match self.socket.write(&self.buffer[..self.filled]) {
            Ok(count) => {
                self.buffer.copy_within(count..self.filled, 0);
                self.filled -= count;
                true
            }
            Err(error) => error.kind() == ErrorKind::WouldBlock,
        }
    }
}
