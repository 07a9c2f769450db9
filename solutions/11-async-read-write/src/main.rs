//! Lesson 11: an echo server. Each client is a task of the executor, on one thread, which sleeps in
//! the reactor. A client that is silent costs no buffer.
#![forbid(unsafe_code)]

mod echo;

use std::env;
use std::io;
use std::time::Duration;

use executor::reactor::Reactor;
use executor::{Executor, Spawner};
use net::TcpListener;
use net::futures_by_hand::Delay;

/// How many tasks have their turn between two looks at the sockets.
const TASKS: usize = 256;
/// How long to wait when no client can be taken: descriptors come back when others leave.
const PAUSE: Duration = Duration::from_millis(100);

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:0".into());
    let mut reactor = Reactor::new()?;
    let _entered = reactor.handle().enter();
    let mut executor = Executor::new(reactor.handle().bell());
    let listener = TcpListener::bind(address.parse().map_err(io::Error::other)?)?;
    println!("listening on {}", listener.local_addr()?);
    let spawner = executor.spawner();
    drop(spawner.spawn(accept(listener, executor.spawner())));
    loop {
        executor.run(TASKS);
        // A task that is woken after this look rings the bell, and that ends the turn.
        let at_most = executor.has_ready().then_some(Duration::ZERO);
        reactor.turn(at_most)?;
    }
}

/// Makes a task of each client.
async fn accept(listener: TcpListener, spawner: Spawner) {
    loop {
        match listener.accept().await {
            Ok((client, _address)) => drop(spawner.spawn(echo::serve(client))),
            Err(error) => {
                eprintln!("no client could be taken: {error}");
                // A task that waits stops nobody else; a thread that sleeps would stop everybody.
                Delay::new(PAUSE).await;
            }
        }
    }
}
