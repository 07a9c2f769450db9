//! `busy`: a process that keeps one core busy, for as long as whoever started it lives.

use std::env;
use std::hint;
use std::io::{self, Read, stdin};
use std::process::{self, Child, Command, Stdio};
use std::thread;

use anyhow::Result;
use course::error::Exit;

/// Burns until stdin ends; the kernel closes it with the process at its other end, however that
/// dies.
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
