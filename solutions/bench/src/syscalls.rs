//! System calls a message, counted by strace in runs of their own: nothing is timed under it.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::child::Server;
use crate::load::Load;

/// How many messages the second run has more, roughly.
const MESSAGES: usize = 2000;
/// Time for the server to go to sleep: strace makes it slow, and one that is always late has more
/// to do at once.
const PAUSE: Duration = Duration::from_millis(3);

/// How many system calls a message takes when so many clients send at once; `None` where there is
/// no strace.
///
/// # Errors
/// When a server does not serve.
pub(crate) fn a_message(name: &str, connections: usize) -> io::Result<Option<f64>> {
    let mut strace = Command::new("strace");
    if strace.arg("-V").stdout(Stdio::null()).status().is_err() {
        return Ok(None);
    }
    // The same but for the bursts: start and connections cancel out.
    let bursts = (MESSAGES / connections).clamp(5, 200);
    let few = total(name, connections, 1)?;
    let many = total(name, connections, 1 + bursts)?;
    let messages = (bursts * connections) as f64;
    Ok(few.zip(many).map(|(few, many)| (many - few) / messages))
}

/// All system calls of a server whose clients all send at once, so many times.
fn total(name: &str, connections: usize, bursts: usize) -> io::Result<Option<f64>> {
    let log = std::env::temp_dir().join(format!("bench-{}.strace", std::process::id()));
    let server = Server::start_counted(name, &log)?;
    let mut load = Load::connect(server.address, connections)?;
    for _ in 0..bursts {
        load.talk(connections)?;
        thread::sleep(PAUSE);
    }
    server.end_counted()?;
    let total = read_total(&log);
    // It is of no use any more.
    let _ = fs::remove_file(&log);
    Ok(total)
}

/// The sum of the column `calls`: `100.00    0.000102           4        25           total`.
fn read_total(log: &Path) -> Option<f64> {
    let text = fs::read_to_string(log).ok()?;
    let line = text.lines().find(|line| line.ends_with("total"))?;
    line.split_whitespace().nth(3)?.parse().ok()
}
