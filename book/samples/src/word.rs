//! The word in which tokio notes what it knows of a socket, read out of this process's own memory.
//!
//! tokio 1.54: `runtime/io/scheduled_io.rs`, `ScheduledIo`. Where in that object the word lies is
//! the compiler's affair, so it is looked for.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;

/// The object begins at a multiple of this, and is not larger.
const SIZE: usize = 128;
/// What the word is after one event, which said `writable`: a socket that has just connected.
const CONNECTED: u64 = 1 << 16 | 2;

/// The place of a socket's word.
#[derive(Debug)]
pub struct Word {
    memory: File,
    /// Where it lies.
    address: u64,
}

/// What a word says: 16 bits of readiness, 15 of tick, and one that is set
/// when the runtime is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note(u64);

impl Word {
    /// Finds the word of a tokio socket that has connected, and that nothing has been sent to.
    ///
    /// # Errors
    /// When the socket is not registered, or has had other events.
    pub fn of(socket: &impl AsRawFd) -> io::Result<Self> {
        let memory = File::open("/proc/self/mem")?;
        let begin = token(socket)?;
        let mut object = [0; SIZE];
        memory.read_exact_at(&mut object, begin)?;
        let mut words = object.chunks_exact(8);
        let index = words.position(|word| word == CONNECTED.to_ne_bytes());
        let index = index.ok_or(ErrorKind::NotFound)?;
        let address = begin + 8 * index as u64;
        Ok(Self { memory, address })
    }

    /// Reads it.
    ///
    /// # Errors
    /// When the socket and its word are gone.
    pub fn look(&self) -> io::Result<Note> {
        let mut word = [0; 8];
        self.memory.read_exact_at(&mut word, self.address)?;
        Ok(Note(u64::from_ne_bytes(word)))
    }
}

/// The number that a socket of this process was registered with.
///
/// # Errors
/// When it is not registered.
pub fn token(socket: &impl AsRawFd) -> io::Result<u64> {
    let of_the_socket = format!("{}", socket.as_raw_fd());
    for info in fs::read_dir("/proc/self/fdinfo")?.flatten() {
        let text = fs::read_to_string(info.path()).unwrap_or_default();
        for row in text.lines().filter_map(|line| line.strip_prefix("tfd:")) {
            let mut words = row.split_ascii_whitespace();
            if words.next() == Some(&of_the_socket) {
                let data = words.skip_while(|word| *word != "data:").nth(1);
                let data = data.and_then(|hex| u64::from_str_radix(hex, 16).ok());
                return data.ok_or(ErrorKind::InvalidData.into());
            }
        }
    }
    Err(ErrorKind::NotFound.into())
}

impl Note {
    /// The word itself.
    #[must_use]
    pub fn bits(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [(u64, &str); 6] = [
            (1, "readable"),
            (2, "writable"),
            (4, "read-closed"),
            (8, "write-closed"),
            (16, "priority"),
            (32, "error"),
        ];
        let set = NAMES.iter().filter(|(bit, _)| self.0 & bit != 0);
        let set: Vec<&str> = set.map(|(_, name)| *name).collect();
        write!(f, "tick {}, {}", self.0 >> 16 & 0x7fff, set.join(" "))
    }
}
