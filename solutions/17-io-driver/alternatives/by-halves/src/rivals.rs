//! `rivals`: two local tasks, each of them one call of `async_io`, which waits and tries by itself.

use std::io::{self, ErrorKind};
use std::rc::Rc;

use rustix::net::{RecvFlags, recv};
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::task::spawn_local;

/// Lets two tasks have a message each.
pub(crate) async fn rivals(stream: TcpStream) -> io::Result<()> {
    let stream = Rc::new(stream);
    let first = spawn_local(take_one('A', Rc::clone(&stream)));
    let second = spawn_local(take_one('B', stream));
    first.await??;
    second.await?
}

async fn take_one(name: char, stream: Rc<TcpStream>) -> io::Result<()> {
    let mut chunk = [0; 256];
    let read = stream.async_io(Interest::READABLE, || {
        let read = recv(&*stream, &mut chunk, RecvFlags::empty());
        let read = read.map(|(_, n)| n).map_err(io::Error::from);
        if matches!(&read, Err(error) if error.kind() == ErrorKind::WouldBlock) {
            println!("{name}: WouldBlock");
        }
        read
    });
    println!("{name}: read {} bytes", read.await?);
    Ok(())
}
