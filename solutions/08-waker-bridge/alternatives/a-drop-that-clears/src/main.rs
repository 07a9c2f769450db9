//! Lesson 08 built differently: reads from one client until it leaves, a byte at a time.
#![forbid(unsafe_code)]

use std::env;
use std::io;
use std::net::TcpListener;

use bridge::{Bridge, Reader, run};
use mio::net::TcpStream;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:0".into());
    let listener = TcpListener::bind(address)?;
    println!("listening on {}", listener.local_addr()?);
    let (client, _address) = listener.accept()?;
    client.set_nonblocking(true)?;
    let mut bridge = Bridge::new()?;
    let reader = bridge.register(TcpStream::from_std(client))?;
    run(&mut bridge, read_each_byte(reader))??;
    println!("done");
    Ok(())
}

/// Reads until the client says goodbye.
async fn read_each_byte(mut reader: Reader) -> io::Result<()> {
    loop {
        let mut byte = [0];
        let n = reader.read_some(&mut byte).await?;
        println!("read {n} bytes");
        if n == 0 {
            return Ok(());
        }
    }
}
