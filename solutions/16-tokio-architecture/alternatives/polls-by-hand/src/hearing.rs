//! How the experiments listen: they read, and print what came of it.

use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// What has been sent on one machine is there in microseconds. What has not come
/// after a second does not come.
pub(crate) const A_SECOND: Duration = Duration::from_secs(1);

/// For as long as it takes.
pub(crate) const FOR_GOOD: Duration = Duration::MAX;

/// Reads what `client` sends, and prints each answer under `label`: `N bytes`, `goodbye`,
/// `error: …`. Returns after either of the last two, and after `timed out`, which it prints when
/// there was no answer for as long as `patience`.
pub(crate) async fn hear_out(label: &str, client: &mut TcpStream, patience: Duration) {
    let mut buffer = [0; 4096];
    loop {
        match timeout(patience, client.read(&mut buffer)).await {
            Ok(Ok(0)) => return println!("{label}: goodbye"),
            Ok(Ok(n)) => println!("{label}: {n} bytes"),
            Ok(Err(error)) => return println!("{label}: error: {error}"),
            Err(_) => return println!("{label}: timed out"),
        }
    }
}
