//! `busy`: a process that keeps one core busy until the process that started it ends.

use std::env;
use std::hint;
use std::io::{self, Read, stdin};
use std::process::{self, Child, Command, Stdio};
use std::thread;

use anyhow::Result;
use course::error::Exit;

/// Keeps a core busy until stdin ends. The kernel closes the other end of the pipe when the parent
/// process ends, even by `kill -9`.
pub(super) fn run() -> Result<Exit> {
    thread::spawn(|| {
        let _ = io::copy(&mut stdin().lock().by_ref(), &mut io::sink());
        process::exit(0);
    });
    loop {
        hint::spin_loop();
    }
}

/// As many busy processes as there are cores; they end when this is dropped.
pub(super) struct BusyCores(Vec<Child>);

impl BusyCores {
    pub(super) fn begin() -> io::Result<Self> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let mut busy = Self(Vec::with_capacity(cores));
        for _ in 0..cores {
            let mut command = Command::new(env::current_exe()?);
            let child = command
                .arg("busy")
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            busy.0.push(child.spawn()?);
        }
        Ok(busy)
    }
}

impl Drop for BusyCores {
    fn drop(&mut self) {
        for child in &mut self.0 {
            drop(child.stdin.take());
            let _ = child.wait();
        }
    }
}
