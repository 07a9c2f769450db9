//! The experiment `starve`: who sleeps where while one client is served by blocking calls.

use grader::kernel::tcp::{Socket, State};
use grader::kernel::threads::{Call, Thread};
use grader::{Cause, Check, Checked, Client, Explain, Program};

use crate::panics::ExplainPanics;

/// Why a first client is lost, and where to look.
const LOST: (&str, &str) = (
    "tokio's sockets never block, and `into_std` hands them out as they are: a read that would have to wait fails with \
     WouldBlock, and that is no goodbye. A loop that ends after a round or two, without any goodbye, looks the same from here",
    "what you ask of the socket before the first blocking call, where an error of such a call goes, and what ends the loop",
);

/// A client that is served, and silent from now on.
fn first_client(c: &mut Check, program: &Program) -> Checked<Client> {
    let mut client = program.connect()?;
    let mut lengths = [100, 10, 20_000, 1, 100].into_iter();
    let served = lengths.try_for_each(|len| client.echo(&c.payload(len)));
    let served = served.or_panicked().plainly();
    served.explain_when(Cause::HungUp, LOST.0, LOST.1).explain(
        "the first client is served, by blocking calls",
        "calls in a task begin when the task is polled, and on this one thread it is polled when the program waits for \
         something in an `await`; calls on the pool begin by themselves",
        "what is started for the first client, and what the program does next",
    )?;
    Ok(client)
}

/// Whether the program has closed its end.
fn is_lost(client: &Client) -> bool {
    let open = |end: Socket| end.state == State::Established;
    client
        .ends()
        .is_ok_and(|ends| !ends.programs.is_some_and(open))
}

/// In a task of the only thread: the thread sleeps in the client's read, and the next
/// client is not even accepted.
pub(crate) fn waits_for_one_client(c: &mut Check, program: &Program) -> Checked {
    let mut first = first_client(c, program)?;
    let asleep = program.sleeps_in(&[Call::Read]);
    let (why, look) = if is_lost(&first) {
        LOST
    } else {
        (
            "that is what is to be shown: a blocking call in a task puts to sleep the thread that polls all tasks. A \
             thread that sleeps in epoll_wait has made no blocking call, and a second thread is a way out that is not \
             asked for here",
            "where the blocking calls are made, and whether they are std's",
        )
    };
    asleep.or_panicked().explain(
        "without `--pool` the runtime's only thread sleeps in the read of its first client",
        why,
        look,
    )?;
    let mut second = program.connect()?;
    let bytes = c.payload(100);
    second.send(&bytes)?;
    second.reach_unread(bytes.len() as u64)?;
    let still = program
        .sleeps_in(&[Call::Read])
        .and_then(|()| match second.is_accepted() {
            true => Err(program.red("a second client was accepted meanwhile")),
            false => Ok(()),
        });
    still.explain(
        "without `--pool`, while the first client is silent, the second is not even accepted",
        "there is one thread, and it sleeps in a read. If somebody accepts all the same, there is another thread",
        "which thread the blocking calls are made on",
    )?;
    let left = first.finish_sending().and_then(|()| first.expect_goodbye());
    let (why, look) = if program.asleep().is_some() {
        (
            "the read has returned 0, and the thread sleeps elsewhere by now. A connection is closed when the last \
             owner of its socket is dropped: a stream that stays in a variable stays open",
            "who owns the first client's stream when the blocking loop has come to its end",
        )
    } else {
        (
            "a read of 0 bytes is the goodbye. A loop that takes it for a message without bytes reads again at once, \
             and gets the same",
            "how the blocking loop ends",
        )
    };
    left.or_panicked().plainly().explain(
        "when the first client has said goodbye, its connection is closed",
        why,
        look,
    )?;
    let goes_on = second.expect(&bytes);
    goes_on.or_panicked().plainly().explain(
        "when the first client has left, the second is served as if nothing had happened",
        "the read returns 0, the task ends, and the thread again polls whatever is ready",
        "how the blocking loop ends, and what the program does after it has given the first client away",
    )
}

/// On the pool: one thread sleeps in the client's read, another one in epoll_wait,
/// and everybody is served.
pub(crate) fn waits_for_nobody(c: &mut Check, program: &Program) -> Checked {
    let mut first = first_client(c, program)?;
    let mut second = program.connect()?;
    let served = second.echo(&c.payload(100)).plainly();
    let calls = [Call::Epoll, Call::Read];
    let threads = program.threads();
    let apart = calls
        .iter()
        .all(|call| threads.iter().any(|t| t.sleeps_in(&[*call])));
    let (why, look) = if apart {
        (
            "the blocking calls are made on a thread of the pool, as they should be; but whoever was to accept the second \
             client waits for their end. To wait for a job on the pool is an `await` like any other: the task stands there",
            "what is awaited before the others are served",
        )
    } else {
        (
            "the blocking calls were made on the thread that polls the tasks, so `--pool` has changed nothing. The runtime \
             keeps a pool of threads that may be put to sleep, and it has to be asked for one",
            "what `on_the_pool` leads to",
        )
    };
    served.or_panicked().explain(
        "with `--pool` a second client is served while the first is silent",
        why,
        look,
    )?;
    sleeps_on_the_pool(program)?;
    let still = first.echo(&c.payload(100));
    still.or_panicked().plainly().explain(
        "with `--pool` the first client is served, whoever else is",
        "the thread of the pool sleeps in the read of this client until bytes come, and then has to echo them as before",
        "how the blocking loop goes on after its first round",
    )?;
    let left = first.finish_sending().and_then(|()| first.expect_goodbye());
    left.or_panicked().plainly().explain(
        "with `--pool`, too, the first client's connection is closed when it has said goodbye",
        "the read returns 0, the job on the pool is over, and what it owned is dropped. The runtime's thread never knew of \
         this client's goodbye: if it has kept a share of the stream, the connection stays open",
        "who owns the first client's stream besides the job on the pool, and what ends the job",
    )?;
    let others = second.echo(&c.payload(100));
    others.or_panicked().plainly().explain(
        "with `--pool`, when the first client has left, the others are served as before",
        "the end of a job on the pool is the end of nobody else",
        "what the program does when the blocking calls have come to their end",
    )
}

/// One thread sleeps in epoll_wait, and another in a read: one that the
/// runtime has started, and named.
fn sleeps_on_the_pool(program: &Program) -> Checked {
    let asleep = program.sleeps_in(&[Call::Epoll, Call::Read, Call::Futex]);
    let threads = program.threads();
    let asleep_in = |call: Call| {
        let thread = threads.iter().find(|t| t.sleeps_in(&[call]));
        thread.ok_or_else(|| program.red(format!("no thread sleeps in {}", call.name())))
    };
    let apart = asleep.and_then(|()| asleep_in(Call::Epoll));
    let reader = apart.and_then(|_| asleep_in(Call::Read));
    let reader = reader.or_panicked().explain(
        "with `--pool` one thread sleeps in the first client's read, and the runtime's in epoll_wait",
        "a blocking call needs a thread that may sleep; the tasks need one that may not. If nobody sleeps in a read, the \
         first client is not served by blocking calls",
        "what is called for the first client, and on which thread",
    )?;
    let main = program.pid().as_raw_nonzero().get();
    let is_main = |t: &&Thread| t.id == main;
    if threads.iter().find(is_main).map(|t| &t.name) != Some(&reader.name) {
        return Ok(());
    }
    let saw = format!(
        "the thread that sleeps in the read is called `{}`, as the main thread is",
        reader.name
    );
    Err(program.red(saw).explain(
        "with `--pool` the thread that sleeps in the first client's read is one of the runtime's pool",
        "a thread that is given no name has that of the thread that starts it, and the pool gives its threads one of \
         their own. The runtime knows nothing of this thread: it does not count towards the 512, has no second job when \
         this one is done, and no task can await what it returns",
        "what starts the thread that makes the blocking calls",
    ))
}
