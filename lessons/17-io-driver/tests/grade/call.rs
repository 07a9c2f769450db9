//! The program at one end of a connection, the grader at the other: what all checks
//! of this lesson begin with.

use std::path::Path;

use grader::kernel::threads::Call;
use grader::reading::is_heard;
use grader::{Check, Checked, Client, Explain, Listener, Program};

/// Where the threads of a tokio program sleep: one in the driver, others, if there are any, parked.
const ASLEEP: [Call; 2] = [Call::Epoll, Call::Futex];

/// Starts `what` and receives its connection.
pub(crate) fn calls(c: &mut Check, program: &Path, what: &str) -> Checked<(Program, Client)> {
    let host = Listener::open()?;
    let program = c.spawn(program, &[what, &host.address()])?;
    let server = host.receives(&program)?;
    Ok((program, server))
}

/// Waits until the program sleeps: whatever it has been woken for is dealt with.
pub(crate) fn awaits(program: &Program) -> Checked {
    program.sleeps_in(&ASLEEP).suggest(
        "the program waits for the server, and sleeps while it waits",
        "the next message has to find it asleep: a program that ends, or that goes round and round, does not wait",
        "what each answer of a read makes the program do",
    )
}

/// Waits until the program sleeps, and has not woken for a while.
pub(crate) fn idles(program: &Program) -> Checked {
    program.idles_in(&ASLEEP).suggest(
        "while nothing comes the program sleeps in tokio's driver, and does not wake once",
        "`readable` returns at once for as long as the driver's note says so, and the note is taken back only when \
         tokio hears a refusal. A loop that reads behind its back goes round for ever, and so does one that asks \
         without waiting, or waits for something that always holds",
        "the loop around the read: what it awaits, and who makes the read",
    )
}

/// Sends a few bytes to the sleeping program, and waits until it has said that it
/// read all that was ever sent.
pub(crate) fn hears(c: &mut Check, server: &mut Client) -> Checked {
    awaits(server.program())?;
    let len = c.any_below(99) + 1;
    server.send(&c.payload(len))?;
    is_heard(server).suggest(
        "what the server sends is read, and `read N bytes` says so for each chunk",
        "`readable` says that a read is worth while, and reads nothing itself",
        "what is done when `readable` has returned, and the form of the line",
    )
}

/// Waits until the program has ended, and well.
pub(crate) fn ends_well(program: &Program) -> Checked {
    let ended = program.ends().and_then(|status| match status.success() {
        true => Ok(()),
        false => Err(program.red("it did not end with exit code 0")),
    });
    ended.suggest(
        "when everything is told the program ends, with exit code 0",
        "nothing more can come, so there is nothing to wait for; and nothing has failed",
        "what stands after the last line that is printed",
    )
}
