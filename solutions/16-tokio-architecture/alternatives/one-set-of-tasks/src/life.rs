//! `life`: the first task's handle in an option, the third one's abortion by a handle of its own.

use std::future::{self, poll_fn};
use std::io;
use std::pin::pin;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::runtime::{ALL_DRIVERS, Flavor, build};
use crate::server;

/// Lets three clients in and watches three tasks.
pub(crate) fn watch_three_tasks() -> io::Result<()> {
    build(Flavor::Current, ALL_DRIVERS)?.block_on(async {
        let listener = server::bind("127.0.0.1:0").await?;
        let mut handles = Vec::new();
        let mut clients = Vec::new();
        for _ in 0..3 {
            clients.push(listener.accept().await?.0);
        }
        for (name, client) in ["kept", "detached", "aborted"].into_iter().zip(clients) {
            handles.push(tokio::spawn(told(name, client)));
            println!("{name}: spawned");
        }
        let third = handles.pop().ok_or(io::ErrorKind::NotFound)?;
        handles.truncate(1);
        println!("detached: let go");
        for kept in handles {
            let _ = kept.await;
            println!("kept: joined");
        }
        third.abort_handle().abort();
        println!("aborted: abort");
        if let Err(error) = third.await
            && error.is_cancelled()
        {
            println!("aborted: cancelled");
        }
        future::pending().await
    })
}

/// Says that it is gone.
struct Gone(&'static str);

impl Drop for Gone {
    fn drop(&mut self) {
        println!("{}: dropped", self.0);
    }
}

/// Waits for a message, and tells of each poll.
fn told(name: &'static str, mut client: TcpStream) -> impl Future<Output = ()> + Send {
    let gone = Gone(name);
    async move {
        let _gone = gone;
        let mut buffer = [0; 64];
        let mut read = pin!(client.read(&mut buffer));
        poll_fn(|cx| {
            println!("{name}: poll");
            let answer = read.as_mut().poll(cx).map(drop);
            println!(
                "{name}: {}",
                if answer.is_ready() {
                    "ready"
                } else {
                    "pending"
                }
            );
            answer
        })
        .await;
    }
}
