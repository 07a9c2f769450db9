//! `count`: on the read half alone, and drained after each wait.

use std::io::{self, ErrorKind};

use tokio::net::TcpStream;

/// Reads to the goodbye, and counts.
pub(crate) async fn count(stream: TcpStream) -> io::Result<()> {
    let (half, _unused) = stream.into_split();
    let (mut total, mut refused) = (0, 0);
    let mut chunk = vec![0; 33];
    'talk: loop {
        half.readable().await?;
        loop {
            match half.try_read(&mut chunk) {
                Ok(0) => break 'talk,
                Ok(n) => {
                    total += n;
                    println!("read {n} bytes");
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        refused += 1;
        println!("WouldBlock #{refused}");
    }
    println!("total {total} bytes, {refused} would-blocks");
    Ok(())
}
