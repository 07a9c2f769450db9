//! The chunks that `explore` reads: each of them is told of by a look and a read, in that order.

use grader::reading::{chunk, is_heard};
use grader::{Check, Checked, Client, Explain, Program, Stop};

use crate::call::awaits;
use crate::look::{Look, Moment, parse};

/// Messages that grow until one of them takes several reads, whatever the program reads at once.
/// None takes so many that their lines would not be kept.
const SIZES: [usize; 4] = [200, 1_600, 12_800, LARGEST];
/// The largest: so much a connection takes while nobody reads.
const LARGEST: usize = 80_000;

/// What must hold of every read.
const EXPECTED: &str = "each read that brings bytes has a look of its own: `data: readable: true, writable: true`, and right \
                        after it `read N bytes`";

/// What the lines tell of the chunks.
#[derive(Default)]
struct Told {
    reads: usize,
    /// The latest look, as long as no read has followed it.
    open: Option<Look>,
}

/// Every read so far has a look of its own, and every look a read: but for the last,
/// whose read may be under way.
pub(crate) fn is_announced(program: &Program) -> Checked {
    told(program).map(drop)
}

/// Before the goodbye there are no more looks of `data` than reads that brought
/// something: the last read has none.
pub(crate) fn goodbye_is_no_data(program: &Program) -> Checked {
    let lines = program.lines();
    let is_goodbye = |line: &String| parse(line, Moment::Goodbye).is_some();
    let before = lines.split(is_goodbye).next().unwrap_or_default();
    let reads = before.iter().filter(|line| brings_bytes(line)).count();
    let looks = before.iter().filter_map(|line| parse(line, Moment::Data));
    let Some(look) = looks.skip(reads).last() else {
        return Ok(());
    };
    Err(program.red(format!("{look}, and then no bytes")).explain(
        "a read of 0 bytes is told as `goodbye`, and not as `data` as well",
        "readable is also what the note says when the end has come, so the look before the last read is like all those \
         before it. Only the read tells which of the two it is, so the line has to wait for the read",
        "where the line `data: …` is printed: before the answer of the read is known, or after",
    ))
}

/// Sends messages, each as one event, until one has taken several reads, and returns its length.
pub(crate) fn takes_several_reads(c: &mut Check, server: &mut Client) -> Checked<usize> {
    let program = server.program().clone();
    let reads = || program.lines().iter().filter(|l| brings_bytes(l)).count();
    for len in SIZES {
        awaits(&program)?;
        let before = reads();
        program.suspend()?;
        server.send(&c.payload(len))?;
        server.reach_unread(len as u64)?;
        program.resume()?;
        is_heard(server).explain(
            "a message of any length is read to its end",
            "one event may stand for more bytes than one read brings, and for the rest no other event will come",
            "what leads from one read to the next",
        )?;
        if reads() > before + 1 {
            return Ok(len);
        }
    }
    Ok(LARGEST)
}

/// Goes through the lines in their order.
fn told(program: &Program) -> Checked<Told> {
    let lines = program.lines();
    let mut told = Told::default();
    for line in &lines {
        if let Some(look) = parse(line, Moment::Data) {
            if told.open.is_some() {
                return Err(refused(program, &look));
            }
            told.open = Some(look);
        } else if brings_bytes(line) {
            match told.open.take() {
                Some(look) if look.begins("readable: true, writable: true") => told.reads += 1,
                Some(look) => return Err(old(program, &look)),
                None => return Err(unannounced(program, told.reads, line)),
            }
        }
    }
    Ok(told)
}

/// Whether it is a line `read N bytes`, of more than none.
fn brings_bytes(line: &str) -> bool {
    chunk(line).is_some_and(|n| n > 0)
}

fn refused(program: &Program, look: &Look) -> Stop {
    let saw = format!("{look} a second time, and no `read N bytes` between the two");
    program.red(saw).explain(
        EXPECTED,
        "`readable` may return and the read be refused all the same: that happens after each message that a \
         `try_read` has brought. The look is taken before the read; but whether there is anything to tell is known \
         only when the read has answered",
        "where the line `data: …` is printed: before the answer of the read is known, or after",
    )
}

fn unannounced(program: &Program, reads: usize, line: &str) -> Stop {
    if reads == 0 {
        let saw = format!("`{line}`, and no line `data: …` before it");
        return program.red(saw).explain(
            EXPECTED,
            "the look is taken when the wait is over and before the read, once for each chunk, and its line comes before \
             the other",
            "what happens between the return of `readable` and the line `read N bytes`",
        );
    }
    let saw = format!("`{line}`, and no line `data: …` between it and the read before");
    program.red(saw).explain(
        EXPECTED,
        "a look is about the one read that follows it. Whatever leads to another read, a buffer that was full or a \
         new message, by then bytes have gone and others may have come, so the next read has to be preceded by a look \
         as well",
        "the way from one read to the next: does it lead past the look?",
    )
}

fn old(program: &Program, look: &Look) -> Stop {
    program.red(look.to_string()).explain(
        EXPECTED,
        "what `ready` returns is a copy, and it does not change when the note does. A look from before an await tells \
         of the time before it; a look with half of the interest tells half",
        "which `Ready` is printed, when it was asked for, and with which interest",
    )
}
