//! What tokio notes of one connection, moment by moment, and which calls change it.
#![forbid(unsafe_code)]

use std::io::{self, Write};
use std::net::{Shutdown, TcpListener};

use samples::word::Word;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::task::yield_now;

fn main() -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(live())
}

async fn live() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut stream = TcpStream::connect(listener.local_addr()?).await?;
    let (mut peer, _) = listener.accept()?;
    let word = Word::of(&stream)?;
    let tell = |what: &str| word.look().map(|note| println!("{what:<37} {note}"));
    let mut buffer = [0; 64];

    // ANCHOR: life
    tell("connected")?;
    peer.write_all(b"hello")?;
    tell("5 bytes have come; no turn yet")?;
    stream.readable().await?;
    tell("the driver has turned")?;
    let three = stream.try_read(&mut buffer[..3])?;
    tell(&format!("try_read of 3: {three} bytes"))?;
    let two = stream.try_read(&mut buffer)?;
    tell(&format!("try_read of 64: {two} bytes"))?;
    let refused = stream.try_read(&mut buffer).map_err(|error| error.kind());
    tell(&format!("try_read of 64: {refused:?}"))?;

    peer.write_all(b"hello")?;
    stream.read_exact(&mut buffer[..5]).await?;
    tell("read of 5: 5 bytes")?;
    peer.write_all(b"hello")?;
    let five = stream.read(&mut buffer).await?;
    tell(&format!("read of 64: {five} bytes"))?;

    peer.shutdown(Shutdown::Write)?;
    stream.readable().await?;
    tell("the peer has closed its write half")?;
    let none = stream.read(&mut buffer).await?;
    tell(&format!("read of 64: {none} bytes"))?;
    stream.shutdown().await?;
    yield_now().await;
    tell("shut here too; the driver has turned")?;
    // ANCHOR_END: life
    Ok(())
}
