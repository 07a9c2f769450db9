//! What the two loops of `raw` tell.

use std::path::Path;

use grader::reading::is_heard;
use grader::{Cause, Check, Checked, Client, Explain, Explanation, Listener, Program};

use crate::call::{awaits, ends_well, idles};

/// How often the first loop has to be refused.
const ROUNDS: u64 = 1000;

/// How often the second loop may be refused: once at its beginning, and perhaps once by an
/// event that was under way.
const FEW: u64 = 3;

/// One message has come and nothing more: the first loop reads it and is then
/// refused, again and again.
pub(crate) fn is_refused_a_thousand_times(program: &Program, server: &Client) -> Checked {
    is_heard(server).explain(
        "the first loop reads the message that has come, and `read N bytes` says so",
        "a `recv` after `readable` brings what is there; only after that is it refused",
        "what the first loop does with bytes",
    )?;
    let told = program.says("`raw: N would-blocks`", |line| number(line, "raw: "));
    let told = told.explain(
        "the first loop is refused a thousand times although the server sends nothing more; then it prints \
         `raw: 1000 would-blocks`",
        "it shows what happens when tokio hears of no refusal: its note goes on saying readable, and `readable` returns \
         at once. If the loop sleeps instead, something in it has told tokio",
        "who makes the reads of the first loop, and when it ends",
    )?;
    if told == ROUNDS {
        return Ok(());
    }
    Err(program.red(format!("`raw: {told} would-blocks`")).explain(
        "the first loop ends when it was refused a thousand times",
        "reads that brought something are not refusals, and the bound keeps the loop from burning a core for good",
        "what is counted, and what ends the loop",
    ))
}

/// The second loop waits for a message.
pub(crate) fn sleeps_in_try_io(program: &Program) -> Checked {
    let calm = idles(program).explain_when(
        Cause::Ended,
        "it has been refused, and took that for a failure or for an end. The note was wrong, and now it is right; the \
         message that the second loop is for has not been sent yet",
        "what the answer WouldBlock of `try_io` makes the second loop do",
    );
    calm.explain_by(|_| {
        let [why, look] = if program.spins_in_its_own_code() {
            UNASKED
        } else {
            UNHEARD
        };
        Explanation {
            expected: "the second loop is refused once; then it sleeps until there is something to read",
            why,
            look,
        }
    })
}

/// Why it goes round, and where to look, if the kernel is not asked any more.
const UNASKED: [&str; 2] = [
    "one refusal was heard, and since then the kernel is not asked: where the note has nothing of its interest, \
     `try_io` answers WouldBlock by itself, and the closure is not called. So the loop does not wait where it should. \
     Either nothing is awaited between two tries, or what is awaited still holds: what a refusal strikes out are the \
     bits of the interest that `try_io` was given, and a wait for another interest sees nothing of that",
    "what the second loop awaits before each `try_io`, and whether the two have the same interest",
];

/// The same if it is.
const UNHEARD: [&str; 2] = [
    "`try_io` takes the note back when its closure returns an error of the kind WouldBlock, and it looks at nothing \
     else. A refusal that is wrapped in Ok, or in another error, has not been heard, and still less one that the \
     closure has nothing to do with. And a refusal that was heard helps only a loop that waits afterwards",
    "where the `recv` of the second loop is made, what the closure returns when it is refused, and what is awaited before the \
     next try",
];

/// Another message has come: the second loop reads it and ends.
pub(crate) fn reads_through_try_io(program: &Program, server: &Client) -> Checked {
    is_heard(server).explain(
        "the second loop reads the next message, and `read N bytes` says so",
        "an event sets the note again, `readable` returns, and what the closure returns is what `try_io` returns",
        "what the second loop does with bytes",
    )?;
    let told = program.says("`try_io: N would-blocks`", |line| number(line, "try_io: "));
    let told = told.explain(
        "when the second loop has read a message it prints `try_io: N would-blocks`",
        "one message is all that it waits for",
        "what ends the second loop, and the form of the line",
    )?;
    if (1..=FEW).contains(&told) {
        return Ok(());
    }
    Err(program.red(format!("`try_io: {told} would-blocks`")).explain(
        "the second loop was refused once: at its beginning the note still said readable, and nothing was there",
        "the first loop leaves the note wrong, and the first refusal that tokio hears puts it right",
        "what the second loop counts, and from where",
    ))
}

/// Both loops once more, under strace: as many refusals have been told as the kernel has made.
pub(crate) fn refusals_are_the_kernels(c: &mut Check, program: &Path) -> Checked {
    let host = Listener::open()?;
    let (program, mut trace) = c.spawn_traced(program, &["raw", &host.address()])?;
    let mut server = host.receives(&program)?;
    awaits(&program)?;
    server.send(&c.payload(20))?;
    is_refused_a_thousand_times(&program, &server)?;
    sleeps_in_try_io(&program)?;
    server.send(&c.payload(30))?;
    reads_through_try_io(&program, &server)?;
    ends_well(&program)?;
    trace.is_complete()?;
    let told = ["raw: ", "try_io: "].map(|prefix| {
        let lines = program.lines();
        lines
            .iter()
            .find_map(|line| number(line, prefix))
            .unwrap_or_default()
    });
    let refused = trace.refusals(&["recvfrom", "recvmsg", "read", "readv"], "EAGAIN")?;
    let [raw, try_io] = told;
    if raw + try_io == refused {
        return Ok(());
    }
    let saw = format!(
        "{raw} and {try_io} would-blocks were reported, and under strace the kernel refused {refused} reads"
    );
    Err(program.red(saw).explain(
        "each would-block that `raw` reports is an EAGAIN of the kernel's, and strace sees as many",
        "what is shown is what reading behind tokio's back costs: a thousand system calls that bring nothing. A number that \
         is printed and was not counted shows nothing, and neither does a refusal that tokio has made up",
        "what is counted in each of the two loops, and which number is printed",
    ))
}

/// N of `PREFIX N would-blocks`.
fn number(line: &str, prefix: &str) -> Option<u64> {
    line.strip_prefix(prefix)?
        .strip_suffix(" would-blocks")?
        .parse()
        .ok()
}
