//! How `raw`, `rivals` and `count` end: well after a goodbye, and not well when the connection is
//! lost.

use std::path::Path;

use grader::kernel::threads::Call;
use grader::{Check, Checked, Client, Explain, Program};

use crate::call::{awaits, calls, ends_well, hears};

/// A goodbye ends `raw` in either loop, and it prints nothing more.
pub(crate) fn of_raw(c: &mut Check, program: &Path) -> Checked {
    for reaches_the_second in [false, true] {
        let (program, mut server) = calls(c, program, "raw")?;
        awaits(&program)?;
        if reaches_the_second {
            comes_to_the_second_loop(c, &program, &mut server)?;
        }
        let said = program.lines();
        server.finish_sending()?;
        let loop_of = if reaches_the_second {
            "second"
        } else {
            "first"
        };
        has_ended(&program, loop_of, &said)?;
    }
    // A message and the goodbye at once: the message is read, and the goodbye ends the program.
    let (program, mut server) = calls(c, program, "raw")?;
    awaits(&program)?;
    program.suspend()?;
    server.send(&c.payload(20))?;
    server.reach_unread(20)?;
    server.finish_sending()?;
    server.reach_goodbye()?;
    program.resume()?;
    has_ended(&program, "first", &["read 20 bytes".to_owned()])
}

/// The first loop of `raw` is over, and the program sleeps in the second.
fn comes_to_the_second_loop(c: &mut Check, program: &Program, server: &mut Client) -> Checked {
    server.send(&c.payload(20))?;
    let over = program.says("`raw: N would-blocks`", |line| {
        line.starts_with("raw: ").then_some(())
    });
    let calm = over.and_then(|()| program.sleeps_in(&[Call::Epoll, Call::Futex]));
    calm.explain(
        "`raw` comes to its second loop and sleeps there; only then something else happens",
        "this check is about the end of a connection, and has not come to it yet. How the two loops go on is what \
         `a_raw_recv_after_readable_would_spin` asks",
        "that check first",
    )
}

/// The program has ended well, with no line but these.
fn has_ended(program: &Program, loop_of: &str, said: &[String]) -> Checked {
    let expected = format!("a goodbye ends `raw` in its {loop_of} loop, with exit code 0");
    let ended = program.ends().and_then(|status| match status.success() {
        true => Ok(()),
        false => Err(program.red("it did not end with exit code 0")),
    });
    ended.explain(
        &expected,
        "a `recv` of 0 bytes is the goodbye: nothing more comes, and every further `recv` brings 0 bytes again. It is no \
         refusal and no message, so it neither counts nor is it told as one",
        "what 0 bytes make each of the two loops do",
    )?;
    let of_raw = |line: &&String| {
        ["read ", "raw: ", "try_io: "]
            .iter()
            .any(|word| line.starts_with(word))
    };
    let lines = program.lines();
    let Some(more) = lines
        .iter()
        .filter(of_raw)
        .find(|line| !said.contains(line))
    else {
        return Ok(());
    };
    Err(program.red(format!("after the goodbye: `{more}`")).explain(
        &format!("after a goodbye in its {loop_of} loop `raw` prints nothing more"),
        "what the line would tell has not happened: the loop was left for the goodbye, and not because it had been refused \
         a thousand times, or had read its message",
        "where each loop is left at 0 bytes, and what is printed behind it",
    ))
}

/// A goodbye is a message of 0 bytes to a rival.
pub(crate) fn of_rivals(c: &mut Check, program: &Path) -> Checked {
    let (program, server) = calls(c, program, "rivals")?;
    awaits(&program)?;
    server.finish_sending()?;
    for name in ["A", "B"] {
        let line = format!("{name}: read 0 bytes");
        let told = program.says(&format!("`{line}`"), |said| (said == line).then_some(()));
        told.explain(
            "a goodbye is taken like a message by each of the two tasks: `A: read 0 bytes` and `B: read 0 bytes`",
            "a goodbye stays: every read after it brings 0 bytes, so it is enough for both. To a task it is the answer Ok, \
             and a read that has brought an answer ends it",
            "what a read of 0 bytes makes a task do",
        )?;
    }
    ends_well(&program)
}

/// A connection that is reset while the program waits is lost, and the program does not end as if
/// all had been read.
pub(crate) fn of_a_lost_connection(c: &mut Check, program: &Path) -> Checked {
    for what in ["count", "rivals", "raw"] {
        let (program, mut server) = calls(c, program, what)?;
        if what == "count" {
            hears(c, &mut server)?;
        }
        awaits(&program)?;
        is_no_clean_end(&program, server, what)?;
    }
    let (program, mut server) = calls(c, program, "raw")?;
    awaits(&program)?;
    comes_to_the_second_loop(c, &program, &mut server)?;
    is_no_clean_end(&program, server, "raw")
}

fn is_no_clean_end(program: &Program, server: Client, what: &str) -> Checked {
    server.reset()?;
    let why = "a reset is answered with the error ConnectionReset, once. It says that what the server still had to send is lost, \
               so nothing that was counted or read is complete: an error that is swallowed, or taken for the goodbye, makes a \
               broken connection look like a finished one";
    let look = "each error of a read but WouldBlock, and where it goes";
    let expected = format!("a reset ends `{what}` as an error does: with another exit code than 0");
    let status = program.ends().explain(&expected, why, look)?;
    if status.success() {
        let saw = "it ended with exit code 0 after a reset";
        return Err(program.red(saw)).explain(&expected, why, look);
    }
    let told = program
        .lines()
        .into_iter()
        .find(|line| line.starts_with("total "));
    told.map_or(Ok(()), |line| {
        let expected = "after a reset `count` prints no total";
        Err(program.red(format!("`{line}`"))).explain(expected, why, look)
    })
}
