//! The echo server on smol, with its executor for one thread.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use smol::LocalExecutor;
use smol::io::{AsyncReadExt, AsyncWriteExt};
use smol::net::{TcpListener, TcpStream};

use super::BUFFER;

pub(super) fn serve(address: SocketAddr) -> io::Result<()> {
    let executor = Rc::new(LocalExecutor::new());
    let spawner = Rc::clone(&executor);
    smol::block_on(executor.run(async {
        let listener = TcpListener::bind(address).await?;
        println!("listening on {}", listener.local_addr()?);
        loop {
            let (client, _address) = listener.accept().await?;
            spawner.spawn(echo(client)).detach();
        }
    }))
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
