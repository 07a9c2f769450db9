//! Output that nobody reads for a while: the program sleeps in its next write to it, and a check
//! can let something happen just there, between two steps of the program.
//!
//! Invariant: the kit fills the pipe, and takes out again exactly what it has filled it with. When
//! a [`HeldOutput`] is dropped, the output is read as before.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;

use rustix::fs::OFlags;

use crate::kernel::threads::Call;
use crate::program::Program;
use crate::program::output::{FILLER, Output};
use crate::reach;
use crate::verdict::stop::Checked;

/// As long as it lives, nobody reads what the program prints to its standard output, and its pipe
/// is full.
#[derive(Debug)]
pub struct HeldOutput<'a>(&'a Output);

impl Program {
    /// Reads nothing more of its standard output, and fills the pipe. The program should sleep.
    ///
    /// # Errors
    /// Could not judge, when the pipe cannot be filled.
    pub fn hold_output(&self) -> Checked<HeldOutput<'_>> {
        let path = format!("/proc/{}/fd/1", self.pid().as_raw_nonzero());
        let mut options = OpenOptions::new();
        options
            .write(true)
            .custom_flags(OFlags::NONBLOCK.bits() as i32);
        let mut pipe = options.open(path)?;
        let output = self.output();
        let held = HeldOutput(output);
        output.hold(true);
        // The draining thread sleeps in a read, most likely: it takes this byte, and then pauses.
        fill(output, &mut pipe, &[FILLER])?;
        reach("the pipe of the program's output, unread", || {
            output.is_held()
        })?;
        // In large pieces first, then byte by byte, until not a single one has room.
        for piece in [4096, 1] {
            while fill(output, &mut pipe, &vec![FILLER; piece])? {}
        }
        Ok(held)
    }

    /// Waits until a thread of the program sleeps in a write to its output, which is held.
    ///
    /// # Errors
    /// Red, when none does.
    pub fn sleeps_over_its_output(&self) -> Checked {
        let writes = || self.threads().iter().any(|t| t.sleeps_in(&[Call::Write]));
        let seen = self.owes(|| writes().then_some(()));
        seen.ok_or_else(|| self.red("it prints nothing"))
    }
}

impl Drop for HeldOutput<'_> {
    fn drop(&mut self) {
        self.0.hold(false);
    }
}

/// Writes filler into the pipe; false when there was room for none of it.
fn fill(output: &Output, pipe: &mut File, filler: &[u8]) -> Checked<bool> {
    // Expected before it is written: the draining thread may be quicker than this one.
    output.expect_filler(filler.len());
    let written = match pipe.write(filler) {
        Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
        written => written?,
    };
    output.expect_less_filler(filler.len() - written);
    Ok(written > 0)
}
