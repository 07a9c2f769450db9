//! Lesson 04 again, built differently: the clients stand in columns, one for the sockets and one
//! for what is under way; each is read as far as it goes, ahead of what is written, and whoever
//! leaves gives its row to the last.
//!
//! Invariant: `sockets[i]` and `traffic[i]` are one client's.
#![forbid(unsafe_code)]

mod traffic;

use std::env;
use std::io;
use std::net::{TcpListener, TcpStream};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

use crate::traffic::Traffic;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:0".into());
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    println!("listening on {}", listener.local_addr()?);
    let mut server = Server {
        listener,
        sockets: Vec::new(),
        traffic: Vec::new(),
    };
    loop {
        server.turn()?;
    }
}

struct Server {
    listener: TcpListener,
    sockets: Vec<TcpStream>,
    traffic: Vec<Traffic>,
}

impl Server {
    /// Asks once, and does what the answers allow.
    fn turn(&mut self) -> io::Result<()> {
        let clients = self.sockets.iter().zip(&self.traffic);
        let mut list: Vec<_> = clients
            .map(|(socket, traffic)| PollFd::new(socket, traffic.interest()))
            .collect();
        list.push(PollFd::new(&self.listener, PollFlags::IN));
        match poll(&mut list, None) {
            Ok(_) => {}
            Err(Errno::INTR) => return Ok(()),
            Err(errno) => return Err(errno.into()),
        }
        let mut answers: Vec<_> = list.iter().map(PollFd::revents).collect();
        let arrivals = answers.pop();
        // From the back, so that the last row, which fills the gap, has had its turn.
        for (i, answer) in answers.iter().enumerate().rev() {
            if !answer.is_empty() && self.traffic[i].advance(&self.sockets[i]).is_err() {
                self.sockets.swap_remove(i);
                self.traffic.swap_remove(i);
            }
        }
        if arrivals.is_some_and(|answer| !answer.is_empty()) {
            self.let_in();
        }
        Ok(())
    }

    /// Takes everyone who waits at the listener.
    fn let_in(&mut self) {
        while let Ok((socket, _address)) = self.listener.accept() {
            if socket.set_nonblocking(true).is_ok() {
                self.sockets.push(socket);
                self.traffic.push(Traffic::default());
            }
        }
    }
}
