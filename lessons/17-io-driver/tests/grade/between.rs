//! What arrives while `explore` is between two steps: it sleeps in a write of its output, which
//! nobody reads, and has not come back to the driver.

use std::path::Path;

use grader::kernel::tcp::State;
use grader::{Cause, Check, Checked, Client, Explain, HeldOutput, Program};

use crate::call::{awaits, calls, ends_well};
use crate::look::{Moment, looks, parse};

/// Has the program sleep in its output while it tells of a message.
fn is_about_to_tell<'a>(
    c: &mut Check,
    program: &'a Program,
    server: &mut Client,
) -> Checked<HeldOutput<'a>> {
    awaits(program)?;
    let held = program.hold_output()?;
    let len = c.any_below(50) + 1;
    server.send(&c.payload(len))?;
    program.sleeps_over_its_output().explain(
        "`explore` reads what comes and prints it",
        "a message is told as soon as it is read: `data: …` and `read N bytes`",
        "what is done when `readable` has returned",
    )?;
    Ok(held)
}

/// The goodbye is read before the driver has heard of it.
pub(crate) fn a_goodbye_ahead_of_the_driver(c: &mut Check, explore: &Path) -> Checked {
    let (program, mut server) = calls(c, explore, "explore")?;
    let held = is_about_to_tell(c, &program, &mut server)?;
    server.finish_sending()?;
    server.reach_goodbye()?;
    drop(held);
    let look = looks(&program, Moment::Goodbye).explain(
        "a read that brings 0 bytes is told as `goodbye: …`, also where it is ahead of the driver",
        "the goodbye came while the program printed a line, so the read has met it before the driver has. The note says \
         read-closed after the driver's next turn, and that comes once the program lets it",
        "what is waited for between the read of 0 bytes and the line, and how",
    )?;
    if look.is("readable: true, writable: true, read-closed") {
        return ends_well(&program);
    }
    if look.says("write-closed") {
        return Err(program.red(look.to_string()).explain(
            "`goodbye` is told before the program shuts its own half",
            "write-closed means that both halves are shut, and the second is this program's. The goodbye is the moment \
             between the two",
            "in which order the goodbye is told and the own half is shut",
        ));
    }
    Err(program.red(look.to_string()).explain(
        "`goodbye` is told when the driver has heard of it too: the look says read-closed",
        "a read can be ahead of the note. The goodbye came after the driver's last turn, and the note still said readable, \
         from the message before; so the read was made, and the kernel answered it. Until the driver has turned, a look shows \
         what was true before the goodbye",
        "when the look of `goodbye` is taken, and whether the driver has had a turn since the read of 0 bytes",
    ))
}

/// The reset is read before the driver has heard of it.
pub(crate) fn a_reset_ahead_of_the_driver(c: &mut Check, explore: &Path) -> Checked {
    let (program, mut server) = calls(c, explore, "explore")?;
    let held = is_about_to_tell(c, &program, &mut server)?;
    server.reset()?;
    drop(held);
    let told = looks(&program, Moment::Reset);
    told.explain_when(
        Cause::Ended,
        "the reset came while the program printed a line, and the next read met it: by the error ConnectionReset, with the \
         note still as it was. That is the same moment, whoever hears of it first",
        "each place where `explore` reads, and what an error of the read makes the program do there",
    )
    .explain(
        "a reset is told as `reset: …` also where a read has met it before the driver",
        "the kernel tells an error once. Here the read has got it, and the driver, which comes later, is told that both \
         directions are closed, and of no error: a program that waits for `error` in the note waits for good",
        "what is waited for between the failed read and the line `reset: …`",
    )?;
    ends_well(&program)
}

/// The reset comes when the goodbye has been told, or nearly.
pub(crate) fn a_reset_after_the_goodbye(c: &mut Check, explore: &Path) -> Checked {
    let (program, server) = calls(c, explore, "explore")?;
    awaits(&program)?;
    let held = program.hold_output()?;
    server.finish_sending()?;
    program.sleeps_over_its_output().explain(
        "`explore` prints `goodbye: …` when it has read 0 bytes",
        "a read that brings 0 bytes has brought the goodbye, and a moment is told when it has come",
        "what a read of 0 bytes makes the loop do",
    )?;
    // A program that prints by a thread of its own may have shut its half by now. Then it has been
    // quicker than the reset, and owes nothing more.
    let shut = |server: &Client| server.ends().map(|ends| ends.programs.map(|end| end.state));
    if shut(&server)? != Some(State::CloseWait) {
        return Ok(());
    }
    server.reset()?;
    drop(held);
    let look = looks(&program, Moment::Shutdown).explain(
        "a reset that comes after the goodbye is no moment of its own: `explore` prints `shutdown: …` all the same",
        "the reset has closed both directions, so nothing is left to shut, and `shutdown` may say so by an error: \
         tokio's takes that for done, the kernel's own is answered with NotConnected. What the driver hears is that both \
         halves are closed",
        "what an error of the shutdown leads to, and what is waited for after it",
    )?;
    if program
        .lines()
        .iter()
        .any(|line| parse(line, Moment::Reset).is_some())
    {
        return Err(program.red("`goodbye: …`, and then `reset: …`").explain(
            "a reset that comes after the goodbye is no moment of its own",
            "the goodbye has been told, and what comes after it is told by the look of `shutdown`",
            "what makes the program print `reset`",
        ));
    }
    if look.says("write-closed") {
        return ends_well(&program);
    }
    Err(program.red(look.to_string()).explain(
        "after a reset that follows the goodbye, the look of `shutdown` says `write-closed`, as ever",
        "the driver hears of the reset at its next turn, and from then on both halves are closed. A look from before that turn \
         does not show it",
        "when the look of `shutdown` is taken: has the driver had a turn since?",
    ))
}
