//! `rivals`: a set of two tasks.

use std::io::{self, ErrorKind};
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::printer::Printer;

/// Lets two tasks have a message each.
pub(crate) async fn rivals(stream: &Arc<TcpStream>, printer: &Printer) -> io::Result<()> {
    let mut tasks = JoinSet::new();
    for name in ['A', 'B'] {
        let (stream, printer) = (Arc::clone(stream), printer.clone());
        tasks.spawn(async move {
            let mut chunk = [0; 1 << 12];
            let read = loop {
                stream.readable().await?;
                match stream.try_read(&mut chunk) {
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {
                        printer.say(format!("{name}: WouldBlock"));
                    }
                    answer => break answer?,
                }
            };
            printer.say(format!("{name}: read {read} bytes"));
            io::Result::Ok(())
        });
    }
    let all: io::Result<Vec<()>> = tasks.join_all().await.into_iter().collect();
    all.map(drop)
}
