//! `raw`: both loops are one function, which is told how to read.

use std::io::{self, ErrorKind};
use std::ops::ControlFlow::{self, Break, Continue};

use rustix::net::{RecvFlags, recv};
use tokio::io::Interest;
use tokio::net::TcpStream;

use crate::printer::Printer;

/// Reads twice, once behind tokio's back.
pub(crate) async fn raw(stream: &TcpStream, printer: &Printer) -> io::Result<()> {
    let bare = || {
        let (chunk, n) = recv(stream, &mut [0; 2000][..], RecvFlags::empty())?;
        let _ = chunk;
        Ok(n)
    };
    let first = rounds(stream, bare, |refused, n| {
        if n > 0 {
            printer.say(format!("read {n} bytes"));
        }
        if refused == 1000 {
            Break(())
        } else {
            Continue(())
        }
    });
    let Some(refused) = first.await? else {
        return Ok(());
    };
    printer.say(format!("raw: {refused} would-blocks"));
    let told = || stream.try_io(Interest::READABLE, bare);
    let second = rounds(stream, told, |_, n| {
        if n == 0 {
            return Continue(());
        }
        printer.say(format!("read {n} bytes"));
        Break(())
    });
    if let Some(refused) = second.await? {
        printer.say(format!("try_io: {refused} would-blocks"));
    }
    Ok(())
}

/// Waits and reads until `after` has enough, and returns how often it was refused; `None` at a
/// goodbye. `after` hears how often that was so far, and how many bytes have come.
async fn rounds(
    stream: &TcpStream,
    read: impl Fn() -> io::Result<usize>,
    mut after: impl FnMut(u32, usize) -> ControlFlow<()>,
) -> io::Result<Option<u32>> {
    let mut refused = 0;
    loop {
        stream.readable().await?;
        let n = match read() {
            Ok(0) => return Ok(None),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                refused += 1;
                0
            }
            n => n?,
        };
        if after(refused, n).is_break() {
            return Ok(Some(refused));
        }
    }
}
