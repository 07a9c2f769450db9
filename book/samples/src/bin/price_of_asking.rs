//! Measures how long a round past silent clients takes: one read for each, all of them refused.
#![forbid(unsafe_code)]

use std::io::{self, Read};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

fn main() -> io::Result<()> {
    for count in [1, 10, 100, 1000] {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let mut clients = Vec::new();
        let mut sockets = Vec::new();
        for _ in 0..count {
            clients.push(TcpStream::connect(listener.local_addr()?)?);
            let (socket, _address) = listener.accept()?;
            socket.set_nonblocking(true)?;
            sockets.push(socket);
        }
        let (begun, mut rounds) = (Instant::now(), 0);
        while begun.elapsed() < Duration::from_secs(1) {
            for socket in &mut sockets {
                assert!(socket.read(&mut [0; 64]).is_err());
            }
            rounds += 1;
        }
        let round = begun.elapsed() / rounds;
        println!("{count:>4} clients: a round takes {round:>9.1?}, {rounds:>7} rounds in a second");
    }
    Ok(())
}
