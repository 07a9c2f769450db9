//! The contract of programs that read and do not answer: they print `read N bytes` for each chunk,
//! on a line of its own.

use std::path::Path;

use crate::check::Check;
use crate::client::Client;
use crate::kernel::threads::Call;
use crate::program::Program;
use crate::reach;
use crate::verdict::Cause;
use crate::verdict::explain::Explain;
use crate::verdict::stop::Checked;

pub use crate::program::reads::{Reads, chunk};

/// How many bytes a program has said that it read: the sum of N over its lines `read N bytes`.
#[must_use]
pub fn said(program: &Program) -> u64 {
    program.reads().bytes
}

/// Waits until the program has said that it read everything that `client` has sent so far, for as
/// long as it goes on reading. `client` must be its only client.
///
/// # Errors
/// Red, when it does not say so.
pub fn is_heard(client: &Client) -> Checked {
    let (program, sent) = (client.program(), client.sent());
    let heard = comes_to(program, sent, || said(program)).map_err(|said| {
        program.red(format!(
            "its lines `read N bytes` add up to {said} of the {sent} bytes sent"
        ))
    });
    heard.suggest(
        "what the client sends is read as it comes, and `read N bytes` says so for each chunk",
        "an event says only that something has arrived: reading it is yours, and so is saying it",
        "what an event makes you do, and the form of the line",
    )
}

/// As [`is_heard`], of a program that wakes as soon as something has come: it makes no pause, in
/// `nanosleep`, while bytes lie unread.
///
/// # Errors
/// Red, when it makes one, and when it does not say that it read everything.
pub fn is_heard_at_once(client: &Client) -> Checked {
    let program = client.program();
    let mut pause = None;
    let in_time = program.owes(|| {
        pause = client.pauses_over_a_message();
        (pause.is_some() || said(program) == client.sent()).then_some(())
    });
    match (in_time, pause) {
        (_, Some(thread)) => {
            let call = thread.call.name();
            let saw =
                format!("the client's bytes lay unread while a thread made a pause in {call}");
            Err(program.red(saw).caused(Some(Cause::Elsewhere)))
        }
        _ => is_heard(client),
    }
}

/// Waits until no byte of `client` lies unread before the program, for as long as it goes on
/// reading.
///
/// # Errors
/// Red, when bytes stay there.
pub fn queue_is_emptied(client: &Client) -> Checked {
    let unread = || {
        let ends = client.ends().ok();
        let programs = ends.and_then(|ends| ends.programs);
        programs.map_or(0, |end| end.receive_queue)
    };
    comes_to(client.program(), 0, unread).map_err(|unread| {
        client
            .program()
            .red(format!("{unread} bytes stay in the receive queue"))
    })
}

/// Waits until `number` is `due`, as long as it changes: a program that reads a byte at a time
/// needs a while on a busy machine. The error is the last number seen.
fn comes_to(program: &Program, due: u64, number: impl Fn() -> u64) -> Result<(), u64> {
    let mut before = number();
    while before != due {
        let changed = program.owes(|| Some(number()).filter(|now| *now != before));
        before = changed.ok_or(before)?;
    }
    Ok(())
}

/// The moment at which a client resets its connection.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// It waits to be accepted.
    InTheBacklog,
    /// The program sleeps, and has read all that it has sent.
    AllRead,
    /// Its bytes lie unread.
    BytesUnread,
}

impl Moment {
    fn tell(self) -> &'static str {
        match self {
            Self::InTheBacklog => "while it waited to be accepted",
            Self::AllRead => "while the program slept",
            Self::BytesUnread => "while its bytes lay unread",
        }
    }
}

/// A client that resets its connection is lost, and has not said goodbye: the program ends with
/// another exit code than 0, and prints no line that says that all is well, of which `says_well`
/// tells. It may sleep in `rests_in` when nothing is to be done.
///
/// # Errors
/// Red, when the program takes the reset for a goodbye, or stays.
pub fn a_reset_is_no_goodbye(
    check: &mut Check,
    program: &Path,
    rests_in: &[Call],
    says_well: impl Fn(&str) -> bool,
) -> Checked {
    for moment in [Moment::AllRead, Moment::BytesUnread, Moment::InTheBacklog] {
        let program = check.start(program)?;
        resets(check, &program, rests_in, moment)?;
        let is_lost = program.ends().and_then(|status| {
            let well = program.finds_line(|line| says_well(line).then(|| line.to_owned()));
            let lost = format!("its client had reset the connection {}", moment.tell());
            match well {
                Some(line) => Err(program.red(format!("it said `{line}`; {lost}"))),
                None if status.success() => Err(program.red(format!("{lost}; this is no end"))),
                None => Ok(()),
            }
        });
        is_lost
            .explain_when(
                Cause::Ended,
                "a reset is no goodbye: nobody knows what else the client wanted to say. The read that meets it returns an \
                 error, once; the next one says 0 bytes, as after a goodbye. An error that is dropped, or taken for the end, \
                 makes a client that was lost look like one that has finished",
                "where the error of a read goes that is neither WouldBlock nor Interrupted",
            )
            .explain(
                "a client that resets its connection is lost: the program ends with an exit code other than 0, and does not \
                 say that all is well",
                "the program stays, for a client that will never send again. A reset is told by an error of the read; where \
                 every error means `nothing yet`, nothing will ever tell of it again",
                "what each kind of error of a read makes the program do",
            )?;
    }
    Ok(())
}

/// A client comes, and resets its connection at that moment.
fn resets(check: &mut Check, program: &Program, rests_in: &[Call], moment: Moment) -> Checked {
    if let Moment::InTheBacklog = moment {
        program.suspend()?;
        let hasty = program.connect()?;
        reach("a client that waits to be accepted", || {
            program.waiting_clients() == 1
        })?;
        hasty.reset()?;
        return program.resume();
    }
    let mut client = program.connect()?;
    client.send(&check.payload(100))?;
    is_heard(&client)?;
    program.sleeps_in(rests_in).plainly()?;
    if let Moment::AllRead = moment {
        return client.reset();
    }
    program.suspend()?;
    let before = client.sent();
    client.send(&check.payload(5000))?;
    client.reach_unread(client.sent() - before)?;
    client.reset()?;
    program.resume()
}
