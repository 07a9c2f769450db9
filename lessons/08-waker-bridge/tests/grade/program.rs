//! What the program does with a client, from the outside.

use grader::kernel::threads::Call;
use std::path::Path;

use grader::{Cause, Check, Checked, Client, Explain, Explanation, Failure, Program, reading};

use crate::chain;

/// Where it sleeps between two messages.
const ASLEEP: &[Call] = &[Call::Epoll];

const HEARD: &str =
    "what the client sends is read as it comes, and `read N bytes` says so for each read";

const NOT_HEARD_WHY: &str = "the bytes are in the kernel, and one link of the chain from there to your future does not hold: \
    the event, the waker in the slot, the bell, the poll";
const NOT_HEARD_LOOK: &str =
    "the last lines that it has printed: which step should have come next?";

const ENDED_WHY: &str = "a program that has ended waits for nobody. To a read, WouldBlock is an error like any other, \
    and with `?` it goes all the way up; so does what `Poll::poll` returns";
const ENDED_LOOK: &str =
    "what the line above says of its end, and where that error could have been dealt with";

/// What is said of a program that has ended or does not come to rest, whatever it was to do.
fn restless(checked: Checked) -> Checked {
    let spins = "it is busy although its future is pending. A time-out of zero makes every turn return at once; a future \
                 that calls its own waker asks to be polled again at once, and so does a bell that is never cleared";
    checked
        .explain_when(Cause::Ended, ENDED_WHY, ENDED_LOOK)
        .explain_when(
            Cause::Spins,
            spins,
            "the end of its log: which steps repeat?",
        )
        .plainly()
}

/// Before the first message and after it, the one thread sleeps.
pub(crate) fn sleeps_before_and_after(c: &mut Check, program: &Program) -> Checked {
    let mut client = program.connect()?;
    let words = c.payload(100);
    idles(program)?;
    restless(chain::say(&mut client, &words)).explain(HEARD, NOT_HEARD_WHY, NOT_HEARD_LOOK)?;
    idles(program)
}

fn idles(program: &Program) -> Checked {
    let why = "a pending future needs no attention: its waker lies in the slot, and the kernel knows the socket. A \
               time-out, just in case, buys nothing and gets the thread up for it";
    let look = "the time-out that `turn` is called with, and what `turn` does with it";
    let idles = program.idles_in(ASLEEP);
    restless(idles.explain_when(Cause::TimeOut, why, look)).explain(
        "while the client is silent, before its first message and after it, the one thread sleeps in epoll_wait",
        why,
        look,
    )
}

/// Three messages and a goodbye, each told step by step.
pub(crate) fn tells_the_chain(c: &mut Check, program: &Program) -> Checked {
    let mut client = program.connect()?;
    let words = [c.payload(5), c.payload(300), c.payload(1)];
    let talked = words.iter().try_for_each(|words| {
        program.sleeps_in(ASLEEP)?;
        chain::say(&mut client, words)
    });
    let parted = talked.and_then(|()| chain::part(program, &client));
    let steps = chain::steps(program);
    if let Some(chain::Broken { saw, rule }) = chain::broken(&steps) {
        let red = program.red(saw);
        return Err(red.explain(rule.expected, rule.why, rule.look));
    }
    let told = parted.and_then(|()| match steps.last().map(String::as_str) {
        Some("done") => Ok(()),
        _ => Err(program.red("it ended without `done`")),
    });
    told.explain(
        "three messages and a goodbye, each sent once the program sleeps, lead through the whole chain to `done`",
        "each message is one walk around the circle: event, wake, poll, read, would-block, register, sleep",
        "the last step in the log, and which one should have followed it",
    )
}

/// Last words and goodbye come in one edge.
pub(crate) fn hears_the_goodbye(c: &mut Check, program: &Program) -> Checked {
    let mut client = program.connect()?;
    let (first, last) = (c.payload(100), c.payload(50_000));
    let listens = chain::say(&mut client, &first).and_then(|()| program.sleeps_in(ASLEEP));
    restless(listens).explain(HEARD, NOT_HEARD_WHY, NOT_HEARD_LOOK)?;
    client.finish_in_one_moment(&last)?;
    let expected = "50 000 bytes and the goodbye that arrive together: all are read, then 0 bytes, and the exit code is 0";
    // As long as it goes on reading it has not come to its end. Where it does not read, its end is
    // the question all the same.
    let _ = reading::is_heard(&client);
    let status = program.ends().explain(
        expected,
        "0 bytes are the goodbye, the one answer that is final: a future that stays pending on it waits for somebody who \
         has left, and one that reads on reads 0 bytes for ever",
        "what your future returns for a read of 0 bytes, and what is done with that",
    )?;
    let reading::Reads { times, bytes, last } = program.reads();
    if bytes == client.sent() && last == Some(0) && status.success() {
        return Ok(());
    }
    let saw = format!(
        "{} bytes were sent; {times} reads brought {bytes}, and the last of them {}",
        client.sent(),
        last.unwrap_or_default()
    );
    let red: Checked = Err(program.red(saw));
    if !status.success() {
        return red.explain(
            expected,
            "it has met an error, before the end or at it, and an error is not a goodbye",
            ENDED_LOOK,
        );
    }
    red.explain(
        expected,
        "bytes and goodbye are one edge: the read that takes the last bytes says nothing of the goodbye behind them. Only \
         a read of 0 bytes does, and it comes last",
        "what your future takes for the end, and what it returns for a read of 0 bytes",
    )
}

/// Three times stopped and continued, and a message after each.
pub(crate) fn goes_on_after_a_stop(c: &mut Check, program: &Program) -> Checked {
    let mut client = program.connect()?;
    speaks_and_sleeps(&mut client, &c.payload(100))?;
    let goes_on = (0..3).try_for_each(|_| {
        program.suspend()?;
        program.resume()?;
        chain::say(&mut client, &c.payload(100))?;
        program.sleeps_in(ASLEEP)
    });
    let rests = goes_on.and_then(|()| program.idles_in(ASLEEP));
    rests
        .explain_when(
            Cause::TimeOut,
            "a wait with a time-out wakes the thread for nothing, and that there was a stop is no reason for one",
            "what `turn` and `run` do when a wait has ended without an event",
        )
        .explain_by(after_a_stop)?;
    match chain::broken(&chain::steps(program)) {
        Some(chain::Broken { saw, rule }) => Err(program.red(saw)).explain(
            rule.expected,
            "there are stops in this talk, and each of them brings a turn back without an event. From nothing nothing follows: \
             no wake, and no poll. Or a step is told in another order than it is taken, as without a stop",
            "what follows a wait that was interrupted, and where `event` is told",
        ),
        None => Ok(()),
    }
}

/// As long as nothing is stopped: what goes wrong here has nothing to do with a stop.
fn speaks_and_sleeps(client: &mut Client, words: &[u8]) -> Checked {
    let said = chain::say(client, words).and_then(|()| client.program().sleeps_in(ASLEEP));
    restless(said).explain(
            "a message is read, and then the program sleeps in epoll_wait: nothing has been stopped yet",
            NOT_HEARD_WHY,
            NOT_HEARD_LOOK,
        )
}

fn after_a_stop(failure: &Failure) -> Explanation {
    let (why, look) = match failure.cause {
        Some(Cause::Spins) => (
            "after a stop it does not come to rest: an executor that turns again at once without asking the kernel \
             anew, or polls after every turn that has failed, is busy from then on",
            "what `turn` returns when the wait was interrupted, and what `run` makes of that",
        ),
        _ => (
            "a stop ends the sleep with an error, ErrorKind::Interrupted. It is no event and no failure: a program \
             that ends because of it, or takes the waker out of the slot because of it, does not hear what comes next",
            "what `turn` does with an error of `Poll::poll`",
        ),
    };
    Explanation {
        expected: "a program that was stopped and continued goes on as if nothing had happened",
        why,
        look,
    }
}

/// A client that has said goodbye before it is accepted, without a byte.
pub(crate) fn hears_who_never_stayed(c: &mut Check, program: &Path) -> Checked {
    let program = c.start(program)?;
    program.suspend()?;
    let client = program.connect()?;
    client.finish_sending()?;
    client.reach_goodbye()?;
    program.resume()?;
    let ends = program
        .ends()
        .and_then(|status| match (program.reads().last, status.success()) {
            (Some(0), true) => Ok(()),
            _ => Err(program.red("it does not end well")),
        });
    ends.explain(
        "a client that says goodbye before it is accepted, without a byte: a read of 0 bytes, and the exit code 0",
        "the goodbye is there before anybody polls: the first read meets it. It is an answer, and nothing else will come",
        "what the first poll does, and what your future returns for a read of 0 bytes",
    )
}

/// A client that resets its connection.
pub(crate) fn is_lost_by_a_reset(c: &mut Check, program: &Path) -> Checked {
    reading::a_reset_is_no_goodbye(c, program, ASLEEP, |line| line == "done")
}
