//! The experiment `starve`: who sleeps where while one client is served by blocking calls.

use grader::kernel::tcp::{Socket, State};
use grader::kernel::threads::{Call, Thread};
use grader::{Cause, Check, Checked, Client, Explain, Program};

/// Why a first client is lost, and where to look.
const LOST: (&str, &str) = (
    "tokio's sockets never block, and `into_std` hands them out as they are: a read that would have to wait fails with \
     WouldBlock, and that is no goodbye",
    "what you ask of the socket before the first blocking call, and where an error of such a call goes",
);

/// A client that is served, and silent from now on.
fn first_client(c: &mut Check, program: &Program) -> Checked<Client> {
    let mut client = program.connect()?;
    let served = client.echo(&c.payload(100)).plainly();
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

/// In a task of the only thread: the thread sleeps in the client's read, and the next client is not even accepted.
pub(crate) fn waits_for_one_client(c: &mut Check, program: &Program) -> Checked {
    let mut first = first_client(c, program)?;
    let asleep = program.sleeps_in(&[Call::Read]);
    let (why, look) = if is_lost(&first) {
        LOST
    } else {
        (
            "that is what is to be shown: a blocking call in a task puts the thread to sleep that polls all tasks. One \
             that sleeps in epoll_wait made no blocking call, and a second thread is a way out that is not asked for here",
            "where the blocking calls are made, and whether they are std's",
        )
    };
    asleep.explain(
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
    first.finish_sending()?;
    let goes_on = first.expect_goodbye().and_then(|()| second.expect(&bytes));
    goes_on.plainly().explain(
        "when the first client has left, the second is served as if nothing had been",
        "the read returns 0, the task ends, and the thread polls again whoever is ready",
        "how the blocking loop ends, and what the program does after it has given the first client away",
    )
}

/// On the pool: one thread sleeps in the client's read, another one in epoll_wait, and everybody is served.
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
    served.explain(
        "with `--pool` a second client is served while the first is silent",
        why,
        look,
    )?;
    let apart = program
        .sleeps_in(&[Call::Epoll, Call::Read, Call::Futex])
        .and_then(|()| {
            let threads = program.threads();
            let somebody = |call: &Call| threads.iter().any(|t: &Thread| t.sleeps_in(&[*call]));
            match calls.iter().find(|call| !somebody(call)) {
                None => first.echo(&c.payload(100)),
                Some(call) => Err(program.red(format!("no thread sleeps in {}", call.name()))),
            }
        });
    apart.explain(
        "with `--pool` one thread sleeps in the first client's read, and the runtime's in epoll_wait",
        "a blocking call needs a thread that may sleep; the tasks need one that may not. If nobody sleeps in a read, the \
         first client is not served by blocking calls",
        "what is called for the first client, and on which thread",
    )
}
