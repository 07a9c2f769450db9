//! `count`: by the poll functions of the stream.

use std::future::poll_fn;
use std::io::{self, ErrorKind};

use tokio::net::TcpStream;

use crate::printer::Printer;

/// Reads to the goodbye, and counts.
pub(crate) async fn count(stream: &TcpStream, printer: &Printer) -> io::Result<()> {
    let (mut total, mut refused) = (0, 0);
    loop {
        let mut chunk = Vec::with_capacity(700);
        poll_fn(|cx| stream.poll_read_ready(cx)).await?;
        match stream.try_read_buf(&mut chunk) {
            Ok(0) => break,
            Ok(n) => {
                total += n;
                printer.say(format!("read {n} bytes"));
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                refused += 1;
                printer.say(format!("WouldBlock #{refused}"));
            }
            Err(error) => return Err(error),
        }
    }
    printer.say(format!("total {total} bytes, {refused} would-blocks"));
    Ok(())
}
