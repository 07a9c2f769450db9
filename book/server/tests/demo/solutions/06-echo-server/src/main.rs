//! A stand-in for a solution: it is shown in the demo, never compiled.

fn main() -> io::Result<()> {
    serve(&TcpListener::bind("127.0.0.1:0")?)
}

/// Serves one client after the other.
fn serve(listener: &TcpListener) -> io::Result<()> {
    // todo: accept every client that is waiting
    loop {
        match listener.accept() {
            Ok((client, _)) => clients.insert(client),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        }
    }
    // end
}
