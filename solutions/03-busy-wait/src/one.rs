//! One client, asked ten times a second whether it has said something.

use std::io::{self, ErrorKind, Read};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

/// How long to sleep between two questions. The client's bytes wait that long, at worst.
const PAUSE: Duration = Duration::from_millis(100);

/// Accepts one client and asks it for bytes until it answers with some, or with its goodbye.
///
/// # Errors
/// When the listener fails, or the client is lost.
pub(crate) fn serve(listener: &TcpListener) -> io::Result<()> {
    // todo: let one client in, and ask it for bytes until its answer is not WouldBlock
    let (mut client, _address) = listener.accept()?;
    client.set_nonblocking(true)?;
    let mut buffer = [0; 4096];
    let mut refusals = 0;
    loop {
        match client.read(&mut buffer) {
            Ok(0) => {
                println!("client left");
                return Ok(());
            }
            Ok(n) => {
                println!("read {n} bytes");
                return Ok(());
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                refusals += 1;
                println!("WouldBlock #{refusals}");
                thread::sleep(PAUSE);
            }
            Err(error) => return Err(error),
        }
    }
    // end
}
