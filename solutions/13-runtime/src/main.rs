//! Lesson 13: an echo server that hangs up on clients which are silent for too long, and that ends
//! in good order when it is told to by SIGTERM.
//!
//! Usage: give it an address, and the milliseconds after which a silent client is hung up on; an
//! address of its own choice and 30 seconds if you do not.
#![forbid(unsafe_code)]

mod client;
mod signal;

use std::env;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use runtime::net::TcpListener;
use runtime::{Closing, Runtime, sleep, spawn, timeout};

use crate::client::DEADLINE;
use crate::signal::Signal;

/// How long to wait when no client can be taken: descriptors come back when others leave.
const PAUSE: Duration = Duration::from_millis(100);

fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let address = arguments.next().unwrap_or("127.0.0.1:0".into());
    let address = address.parse().map_err(io::Error::other)?;
    let millis = arguments.next().map_or(Ok(30_000), |word| word.parse());
    let idle = Duration::from_millis(millis.map_err(io::Error::other)?);
    Runtime::new()?.block_on(async {
        let listener = TcpListener::bind(address)?;
        let signal = Signal::terminate()?;
        println!("listening on {}", listener.local_addr()?);
        let (closing, left) = (Closing::new(), Closing::new());
        let last = Arc::new(Last(left.clone()));
        drop(spawn(accept(listener, idle, closing.clone(), last)));
        signal.comes().await?;
        closing.begin();
        // Clients that have something coming still get it, for as long as that is bearable.
        let _ = timeout(DEADLINE, left.begun()).await;
        Ok(())
    })
}

/// Owned by everybody who is in. The last one to leave says so.
struct Last(Closing);

impl Drop for Last {
    fn drop(&mut self) {
        self.0.begin();
    }
}

/// Makes a task of each client, until the end begins.
async fn accept(listener: TcpListener, idle: Duration, closing: Closing, last: Arc<Last>) {
    let mut begun = closing.begun();
    while let Some(accepted) = begun.unless(listener.accept()).await {
        match accepted {
            Ok((client, _address)) => {
                let (begun, last) = (closing.begun(), Arc::clone(&last));
                drop(spawn(async move {
                    client::serve(client, idle, begun).await;
                    drop(last);
                }));
            }
            Err(error) => {
                eprintln!("no client could be taken: {error}");
                sleep(PAUSE).await;
            }
        }
    }
}
