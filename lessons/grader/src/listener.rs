//! A listener of the kit's own, for programs that connect: here the program under judgement is the
//! client.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};

use crate::client::Client;
use crate::program::Program;
use crate::verdict::explain::Explain;
use crate::verdict::stop::Checked;

/// A listening socket on a free port of 127.0.0.1.
#[derive(Debug)]
pub struct Listener {
    /// Never blocks.
    listener: TcpListener,
    address: SocketAddr,
}

impl Listener {
    /// Opens a listener on a free port.
    ///
    /// # Errors
    /// Could not judge, when the kernel refuses.
    pub fn open() -> Checked<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// Where it listens, as an argument for a program.
    #[must_use]
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Waits until `program` has connected, and returns the kit's end of that connection.
    ///
    /// # Errors
    /// Red, when the program does not connect.
    pub fn receives(&self, program: &Program) -> Checked<Client> {
        let called = program.owes(|| match self.listener.accept() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => None,
            other => Some(other),
        });
        let Some(called) = called else {
            let saw = format!("nobody has connected to {}", self.address);
            return Err(program.red(saw).suggest(
                "the program connects to the address that is its argument",
                "every check of it begins once it has connected",
                "what `main` does with its arguments",
            ));
        };
        let (stream, address) = called?;
        stream.set_nonblocking(true)?;
        Ok(Client::over(program, stream, address)?)
    }
}
