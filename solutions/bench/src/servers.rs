//! The echo servers, each in a process of its own: this program again, with another argument.
//!
//! In their usual form they read into a buffer that each client has. The others have one buffer for
//! all: a client has none while it is silent.

mod of_smol;
mod of_tokio;
mod ours;

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use crate::machine;
use crate::server::Server;

/// The one that others are compared with.
pub(crate) const TOKIO: &str = "tokio";

/// All of them.
pub(crate) const SERVERS: [&str; 7] = [
    TOKIO,
    "tokio, one buffer",
    "ours",
    "ours, one buffer",
    "ours, spinning",
    "smol",
    "mio, lesson 06",
];

/// How long ours spins, where it does.
const SPIN: Duration = Duration::from_micros(20);
/// How long the buffer of a client is in the usual form.
const BUFFER: usize = 4096;
/// How long the one buffer is.
const SHARED: usize = 16 * 1024;

/// Serves as the one of this name until it is killed.
///
/// # Errors
/// When it cannot, or there is none of this name.
pub(crate) fn serve(name: &str) -> io::Result<()> {
    if let [core, _, ..] = machine::cores()[..] {
        machine::stay_on(core);
    }
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    match name {
        "tokio" => of_tokio::serve(address, false),
        "tokio, one buffer" => of_tokio::serve(address, true),
        "ours" => ours::serve(address, false, Duration::ZERO),
        "ours, one buffer" => ours::serve(address, true, Duration::ZERO),
        "ours, spinning" => ours::serve(address, false, SPIN),
        "smol" => of_smol::serve(address),
        "mio, lesson 06" => {
            let mut server = Server::bind(address)?;
            println!("listening on {}", server.local_addr()?);
            server.run()
        }
        other => Err(io::Error::other(format!("there is no server `{other}`"))),
    }
}
