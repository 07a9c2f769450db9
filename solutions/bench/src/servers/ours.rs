//! The echo server on the runtime of lesson 13.

use std::cell::RefCell;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use runtime::net::tokio::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream};
use runtime::{Runtime, spawn};

use super::{BUFFER, SHARED};

thread_local! {
    static ONE: RefCell<[u8; SHARED]> = const { RefCell::new([0; SHARED]) };
}

pub(super) fn serve(address: SocketAddr, one_buffer: bool, spin: Duration) -> io::Result<()> {
    Runtime::new()?.spin(spin).block_on(async {
        let listener = TcpListener::bind(address)?;
        println!("listening on {}", listener.local_addr()?);
        // A task accepts: the main future of a runtime has a way of its own.
        let accepting = spawn(async move {
            loop {
                let (client, _address) = listener.accept().await?;
                match one_buffer {
                    false => drop(spawn(echo(client))),
                    true => drop(spawn(echo_by_one_buffer(client))),
                }
            }
        });
        accepting
            .await
            .map_err(|_| io::Error::other("it was aborted"))?
    })
}

async fn echo(mut client: TcpStream) -> io::Result<()> {
    let mut buffer = [0; BUFFER];
    loop {
        let read = client.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        client.write_all(&buffer[..read]).await?;
    }
}

async fn echo_by_one_buffer(mut client: TcpStream) -> io::Result<()> {
    loop {
        let tick = client.readable().await?;
        let echoed = ONE.with_borrow_mut(|buffer| {
            let read = client.try_read(tick, buffer)?;
            let written = match client.try_write(&buffer[..read]) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
                written => written?,
            };
            io::Result::Ok((read, buffer[written..read].to_vec()))
        });
        match echoed {
            Ok((0, _)) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            echoed => client.write_all(&echoed?.1).await?,
        }
    }
}
