//! The echo server on tokio's current-thread runtime.

use std::cell::RefCell;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::spawn;

use super::{BUFFER, SHARED};

thread_local! {
    static ONE: RefCell<[u8; SHARED]> = const { RefCell::new([0; SHARED]) };
}

pub(super) fn serve(address: SocketAddr, one_buffer: bool) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(address).await?;
        println!("listening on {}", listener.local_addr()?);
        let accepting = spawn(async move {
            loop {
                let (client, _address) = listener.accept().await?;
                match one_buffer {
                    false => drop(spawn(echo(client))),
                    true => drop(spawn(echo_by_one_buffer(client))),
                }
            }
        });
        accepting.await?
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
        client.readable().await?;
        let echoed = ONE.with_borrow_mut(|buffer| {
            let read = client.try_read(buffer)?;
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
