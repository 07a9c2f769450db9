//! What `count` tells, against what was sent and what strace has seen.

use std::iter;
use std::path::Path;

use grader::{Check, Checked, Client, Explain, Program};

use crate::call::{awaits, calls, ends_well, hears};
use crate::data;

/// Messages that are sent, each of them to a program that sleeps.
const MESSAGES: usize = 3;

/// Sends some messages and a goodbye, holds the lines of the program to each other, and returns how
/// many refusals it has told. A program that is traced cannot be suspended, and gets no long
/// messages.
pub(crate) fn counts(
    c: &mut Check,
    program: &Program,
    server: &mut Client,
    long_ones_too: bool,
) -> Checked<u64> {
    for _ in 0..MESSAGES {
        hears(c, server)?;
        awaits(program).explain(
            "after each message `count` is refused once, says so, and sleeps until the next",
            "WouldBlock means that nothing is there just now. It is what a loop like this is told after every message, \
             and no reason to leave it",
            "what the answer WouldBlock makes the loop do",
        )?;
    }
    if long_ones_too {
        data::takes_several_reads(c, server)?;
    }
    server.finish_sending()?;
    let (total, told) = program
        .says("`total N bytes, W would-blocks`", total)
        .explain(
            "after the goodbye `count` prints `total N bytes, W would-blocks`",
            "a read of 0 bytes is the goodbye. `readable` returns at once from then on, so nothing else will end the \
             loop",
            "what a read of 0 bytes makes the loop do, and the form of the line",
        )?;
    if total != server.sent() {
        let saw = format!("`total {total} bytes`; {} were sent", server.sent());
        return Err(program.red(saw).explain(
            "every byte that was read is in the total",
            "a read says how many bytes it has brought",
            "where the bytes are added up",
        ));
    }
    let numbers = program
        .lines()
        .iter()
        .filter_map(|line| refusal(line))
        .collect::<Vec<_>>();
    let in_order = iter::successors(Some(1), |n| Some(n + 1))
        .take(numbers.len())
        .eq(numbers.iter().copied());
    if !in_order || told != numbers.len() as u64 {
        let saw = format!(
            "the lines `WouldBlock #n` have the numbers {numbers:?}, and the total says {told}"
        );
        return Err(program.red(saw).explain(
            "`WouldBlock #1`, `WouldBlock #2` and so on: one line for each refusal, and their number at the end",
            "what is counted is the answer WouldBlock. A read that brought bytes, or the goodbye, was not refused, \
             however often it was tried",
            "in which arm of the `match` the counter grows",
        ));
    }
    if told < MESSAGES as u64 {
        let saw = format!(
            "{told} would-blocks for {MESSAGES} messages, each of which found the program asleep"
        );
        return Err(program.red(saw).explain(
            "after each message a read is refused, and a line says so",
            "`try_read` does not know that it has emptied the socket until it is refused. `read(…).await` is \
             cleverer: it never tells you of WouldBlock, and is seldom refused at all. A short read is proof enough \
             for it",
            "which call makes the read",
        ));
    }
    ends_well(program)?;
    Ok(told)
}

/// A goodbye comes before any message: there is a total all the same.
pub(crate) fn counts_nothing(c: &mut Check, program: &Path) -> Checked {
    let (program, server) = calls(c, program, "count")?;
    awaits(&program)?;
    server.finish_sending()?;
    let told = program.says("`total 0 bytes, W would-blocks`", |line| {
        total(line).filter(|(bytes, _)| *bytes == 0)
    });
    told.explain(
        "`count` prints its total also where the goodbye is all that the server sends",
        "the total is told when the loop has come to its end, whatever it has met before: none is a number too",
        "what the last line depends on",
    )?;
    ends_well(&program)
}

/// As many refusals have been told as strace has seen.
pub(crate) fn agrees(program: &Program, told: u64, refused: u64) -> Checked {
    let expected =
        "each WouldBlock that is counted is an EAGAIN of the kernel's, and strace sees as many";
    let saw = format!(
        "{told} would-blocks were reported, and under strace the kernel refused {refused} reads"
    );
    if told > refused {
        return Err(program.red(saw).explain(
            expected,
            "`try_read` asks the note before it asks the kernel. Without a `readable` right before it the note may be \
             empty: then tokio answers WouldBlock by itself, and no system call is made",
            "what is awaited before each `try_read`, and before the first one",
        ));
    }
    if told < refused {
        return Err(program.red(saw).explain(
            expected,
            "somewhere a read is refused and nobody says so",
            "every place where the program reads, and every answer it takes no notice of",
        ));
    }
    Ok(())
}

/// N and W of `total N bytes, W would-blocks`.
fn total(line: &str) -> Option<(u64, u64)> {
    let words: Vec<&str> = line.split(' ').collect();
    let ["total", n, "bytes,", w, "would-blocks"] = words[..] else {
        return None;
    };
    Some((n.parse().ok()?, w.parse().ok()?))
}

/// N of `WouldBlock #N`.
fn refusal(line: &str) -> Option<u64> {
    line.strip_prefix("WouldBlock #")?.parse().ok()
}
