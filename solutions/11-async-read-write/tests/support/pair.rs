//! A connection: one end is ours, the other one is of `std`.
#![allow(dead_code, reason = "no test needs all of it")]

use std::net as std_net;

use net::futures_by_hand::block_on;
use net::reactor::{Background, Reactor};
use net::{TcpListener, TcpStream};

/// A reactor that turns in the background, and a connection on it.
pub(crate) struct Pair {
    /// Kept, or nobody turns.
    pub(crate) background: Background,
    pub(crate) stream: TcpStream,
    pub(crate) peer: std_net::TcpStream,
}

impl Pair {
    pub(crate) fn new() -> Self {
        let background = Reactor::new().unwrap().background().unwrap();
        let entered = background.handle().enter();
        let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let peer = std_net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        peer.set_nodelay(true).unwrap();
        let (stream, address) = block_on(listener.accept()).unwrap();
        assert_eq!(address, peer.local_addr().unwrap());
        assert_eq!(address, stream.peer_addr().unwrap());
        drop(entered);
        Self {
            background,
            stream,
            peer,
        }
    }
}
