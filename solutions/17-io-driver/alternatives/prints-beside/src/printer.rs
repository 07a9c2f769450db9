//! A thread that prints: nobody who follows a connection ever waits for the output.

use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};

/// Hands lines to the thread.
#[derive(Clone)]
pub(crate) struct Printer(Sender<String>);

impl Printer {
    /// Starts the thread; it ends when the last printer is gone.
    pub(crate) fn start() -> (Self, JoinHandle<()>) {
        let (lines, due) = mpsc::channel();
        let printing = thread::spawn(move || {
            for line in due {
                println!("{line}");
            }
        });
        (Self(lines), printing)
    }

    /// Has a line printed, some time.
    pub(crate) fn say(&self, line: impl ToString) {
        let _ = self.0.send(line.to_string());
    }
}
