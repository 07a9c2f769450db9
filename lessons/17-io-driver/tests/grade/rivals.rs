//! What the two tasks of `rivals` tell.

use grader::{Cause, Checked, Explain, Program};

use crate::call::{ends_well, idles};

/// A line of a task: who says it, and how many bytes it got; `None` for WouldBlock.
type Answer = (char, Option<usize>);

/// One message has come for both tasks: one reads it, the other is refused and waits again.
pub(crate) fn one_reads_and_one_is_refused(program: &Program, len: usize) -> Checked {
    let both = program.owes(|| (answers(program).len() >= 2).then_some(()));
    let told = answers(program);
    let reads = told.iter().filter(|(_, n)| n.is_some()).count();
    if program.ended().is_some() {
        return Err(program.red(tell(&told)).explain(
            "a task that finds nothing is told WouldBlock, and waits again",
            "readiness is a hint: it says that a read was worth while when the event came, and promises nothing. The \
             other task was quicker, and that is nobody's fault",
            "what the answer WouldBlock makes a task do",
        ));
    }
    if both.is_none() && reads == 1 {
        return Err(program.red(tell(&told)).explain(
            "one event wakes both tasks: one reads the message, the other is told WouldBlock",
            "those who wait in `readable` stand in a list, and all of them are called. The places that `AsyncRead` \
             and the `poll_…_ready` functions use hold one waker each: whoever comes second pushes the first one out, \
             and nobody will ever call the one that was first",
            "how each of the two tasks waits",
        ));
    }
    let calm = idles(program).explain_when(
        Cause::Ended,
        "both tasks have ended, so the one that was refused has not waited again. Readiness is a hint: the other task was \
         quicker, and that is nobody's fault",
        "what the answer WouldBlock makes a task do",
    );
    calm.explain(
        "when the message is gone, the task that did not get it sleeps until there is another",
        "a refused `try_read` has taken the note back, so the next `readable` waits. A task that asks again without \
         waiting, or reads past tokio, is refused for ever",
        "what a task does between the answer WouldBlock and its next read",
    )?;
    let told = answers(program);
    let by_two = matches!(told[..], [(a, _), (b, _)] if a != b);
    let got = told.iter().filter_map(|(_, n)| *n).collect::<Vec<_>>();
    if by_two && got == [len] {
        return Ok(());
    }
    let saw = format!("{len} bytes were sent; {}", tell(&told));
    Err(program.red(saw).explain(
        "one message for two tasks: one line `A: read N bytes` or `B: read N bytes`, and one line WouldBlock from the \
         other",
        "a task makes one read for each `readable` that returns, and it ends with the first one that brings something",
        "the loop of a task, and the form of its lines",
    ))
}

/// Another message has come, for the task that is left.
pub(crate) fn the_other_reads(program: &Program, len: usize) -> Checked {
    let read = |told: &[Answer]| matches!(told, [.., (_, Some(n))] if *n == len) && told.len() == 3;
    let seen = program.owes(|| read(&answers(program)).then_some(()));
    let told = answers(program);
    let readers: Vec<char> = told
        .iter()
        .filter(|(_, n)| n.is_some())
        .map(|(who, _)| *who)
        .collect();
    if seen.is_none() || !matches!(readers[..], [a, b] if a != b) {
        let saw = format!(
            "{len} bytes were sent after the first message; {}",
            tell(&told)
        );
        return Err(program.red(saw).explain(
            "the task that was refused gets the next message",
            "it was called for nothing once, and that is no reason to leave: its bytes are still to come",
            "where a task goes after the answer WouldBlock",
        ));
    }
    ends_well(program)
}

/// What the tasks have said so far.
fn answers(program: &Program) -> Vec<Answer> {
    program
        .lines()
        .iter()
        .filter_map(|line| parse(line))
        .collect()
}

/// `A: read N bytes`, or `A: WouldBlock`.
fn parse(line: &str) -> Option<Answer> {
    let (who, answer) = line.split_once(": ")?;
    let who = who.parse().ok().filter(|who| matches!(who, 'A' | 'B'))?;
    if answer == "WouldBlock" {
        return Some((who, None));
    }
    let n = answer.strip_prefix("read ")?.strip_suffix(" bytes")?;
    Some((who, Some(n.parse().ok()?)))
}

/// What they have said, in one sentence without a full stop.
fn tell(told: &[Answer]) -> String {
    let words: Vec<String> = told
        .iter()
        .take(5)
        .map(|(who, answer)| match answer {
            Some(n) => format!("`{who}: read {n} bytes`"),
            None => format!("`{who}: WouldBlock`"),
        })
        .collect();
    match words.len() {
        0 => "neither task has said anything".into(),
        5 => format!("the tasks said {}, and more", words.join(", ")),
        _ => format!("the tasks said {}", words.join(", ")),
    }
}
