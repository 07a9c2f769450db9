//! Crowds that come and go, half of them by a goodbye and half by a reset.

use grader::{Check, Checked, Client, Explain, Program};

/// Nothing is left of them: no thread, no open file, and no stack.
pub(super) fn come_and_go(c: &mut Check, server: &Program) -> Checked {
    let mut stays = server.connect()?;
    stays.echo(&c.payload(100))?;
    server.owes(|| server.asleep());
    let held = || (server.threads().len(), server.open_files().len());
    let (threads, files) = held();
    let mut come_and_go = |count: usize| {
        let mut clients = server.connect_many(count)?;
        clients.echo(c, 100)?;
        let count = clients.len();
        clients.drain(count / 2..).try_for_each(Client::reset)?;
        drop(clients);
        let given_back = || held().0 <= threads && held().1 <= files;
        server.owes(|| given_back().then_some(())).ok_or_else(|| {
            let (threads_now, files_now) = held();
            let saw = format!(
                "{threads_now} threads and {files_now} open files; {threads} and {files} before {count} clients came \
                 and went"
            );
            server.red(saw).explain(
                "when a client has left, its thread has ended and its socket is closed",
                "what a thread costs, it costs until it ends. One that outlives its client sleeps for good, or \
                 reads the same goodbye over and over, and every crowd leaves some of them behind",
                "how the loop over a client's bytes ends, at a goodbye and at an error",
            )
        })
    };
    come_and_go(20)?;
    come_and_go(100)?;
    let reserved = server.reserved_bytes();
    come_and_go(100)?;
    let grown = || server.reserved_bytes().saturating_sub(reserved) >> 20;
    server.owes(|| (grown() < 100).then_some(())).ok_or_else(|| {
        let saw = format!("{} MiB more of address space after a second hundred than after the first", grown());
        server.red(saw).explain(
            "when a client has left, the stack of its thread goes back to the system",
            "a thread that has ended keeps its stack as long as somebody could still join it. Handles that are \
             collected keep a stack for every client there ever was; a handle that is dropped keeps none",
            "what becomes of the `JoinHandle` that `spawn` returns",
        )
    })
}
