//! Another correct solution of lesson 06, built differently in every respect that the contract
//! leaves free: a slab with reused tokens, interests that follow the state, short reads, and a list
//! of clients that still have work.
//!
//! Invariant: a client stands in `unfinished` exactly when its last answer was not WouldBlock.
#![forbid(unsafe_code)]

mod client;
mod slab;

use std::collections::VecDeque;
use std::env;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token};

use crate::client::{Client, Turn};
use crate::slab::Slab;

const LISTENER: Token = Token(0);

fn main() -> io::Result<()> {
    let address: SocketAddr = env::args()
        .nth(1)
        .unwrap_or("127.0.0.1:0".into())
        .parse()
        .map_err(io::Error::other)?;
    let mut poll = Poll::new()?;
    let mut listener = TcpListener::bind(address)?;
    poll.registry()
        .register(&mut listener, LISTENER, Interest::READABLE)?;
    println!("listening on {}", listener.local_addr()?);

    let mut clients = Slab::default();
    let mut unfinished = VecDeque::new();
    let mut short_of_files = false;
    let mut events = Events::with_capacity(64);
    loop {
        let at_most = match (unfinished.is_empty(), short_of_files) {
            (false, _) => Some(Duration::ZERO),
            (true, true) => Some(Duration::from_millis(100)),
            (true, false) => None,
        };
        match poll.poll(&mut events, at_most) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            other => other?,
        }
        let mut clients_wait = short_of_files;
        for event in &events {
            match event.token() {
                LISTENER => clients_wait = true,
                Token(token) if !unfinished.contains(&token) => unfinished.push_back(token),
                _ => {}
            }
        }
        if clients_wait {
            short_of_files = !accept_all(&poll, &listener, &mut clients)?;
        }
        for _ in 0..unfinished.len() {
            let Some(token) = unfinished.pop_front() else {
                break;
            };
            match clients
                .get_mut(token)
                .map(|client| client.turn(poll.registry(), Token(token)))
            {
                Some(Ok(Turn::Unfinished)) => unfinished.push_back(token),
                Some(Ok(Turn::Waiting)) | None => {}
                Some(Ok(Turn::Over) | Err(_)) => drop(clients.remove(token)),
            }
        }
    }
}

/// Accepts until WouldBlock; returns whether it came so far.
fn accept_all(poll: &Poll, listener: &TcpListener, clients: &mut Slab<Client>) -> io::Result<bool> {
    loop {
        match listener.accept() {
            Ok((mut stream, _)) => {
                let token = clients.vacant();
                poll.registry()
                    .register(&mut stream, Token(token), Interest::READABLE)?;
                clients.insert(token, Client::new(stream));
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
            Err(_) => return Ok(false),
        }
    }
}
