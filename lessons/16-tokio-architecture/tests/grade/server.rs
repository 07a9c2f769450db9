//! The echo server: what it owes to its clients, whatever it is built with,
//! and what it is built with.

use grader::departures::Server;
use grader::fd_exhaustion::Exhaustion;
use grader::kernel::threads::{Call, Thread};
use grader::{Cause, Check, Checked, Explain, Explanation, Program, amounts, echo, rest};

use crate::panics::ExplainPanics;

/// Where its threads sleep when there is nothing to do.
const ASLEEP: [Call; 2] = [Call::Epoll, Call::Futex];

/// What has to be known of this server when its clients leave.
pub(crate) const SERVER: Server<'_> = Server {
    rests_in: &ASLEEP,
    serves_many: true,
    bears_a_full_socket: true,
};

/// What usually goes wrong without descriptors.
pub(crate) const SHORTAGE: Exhaustion = Exhaustion {
    rests_in: &ASLEEP,
    served: (
        "an error of `accept` that leaves the loop ends `block_on`, and every task ends with its runtime. And a pause that \
         puts the thread to sleep is a pause for everybody",
        "where an error of `accept().await` goes, and how the loop waits after it",
    ),
    calm: (
        "`accept().await` is ready at once when there is an error to report. A loop that goes on without waiting for \
         anything polls for ever, and the runtime lets it",
        "what the loop waits for after an accept that failed",
    ),
    waiting: (
        "tokio keeps the listener's readiness until `accept` is refused with WouldBlock, and EMFILE is no such \
         refusal. A loop that calls `accept` again gets those who wait; one that never does leaves them there",
        "whether the loop comes back to `accept` after an error, and how soon",
    ),
    rest: (
        "an accept that is retried by the clock, although it has not failed, wakes the program for nothing. A pause belongs \
         after an error, and nowhere else",
        "what the loop waits for when an accept has not failed",
    ),
    next: (
        "a listener that is dropped, or that nobody accepts from any more, serves nobody who comes",
        "what became of the loop that accepts",
    ),
};

const OTHERS_WAIT: Explanation = Explanation {
    expected: "others are served while one client's socket is full",
    why: "whatever waits for room has a task of its own to wait in, and nobody else is in it. A call of std that \
          waits for room, or a lock that is held meanwhile, makes others wait too",
    look: "what waits while there is no room, and what it holds",
};

const BYTES_ARE_LOST: Explanation = Explanation {
    expected: "every byte comes back in the end, in order, even those that a full socket refused at first",
    why: "an awaited `write` waits until there is room for something, takes what fits, and says how much that was. \
          The rest is still yours, and a loop that forgets it loses bytes as soon as a client reads slowly",
    look: "what becomes of the bytes that a write did not take",
};

const ASKS_AGAIN: Explanation = Explanation {
    expected: "while a client does not read, the program sleeps until there is room for its bytes again",
    why: "a write that is refused and tried again without an `await` that waits for room goes round and round: `try_write` \
          returns at once, and `yield_now` only lets others run before the next try. A wait for something that holds \
          already, such as bytes to read while none are wanted, is no wait either",
    look: "what the task awaits between a write that was refused and the next one",
};

/// Echoes to all, whatever a full socket refuses, and sleeps when there is nothing to do.
pub(crate) fn echoes(c: &mut Check, server: &Program) -> Checked {
    serves_a_second_client(c, server)?;
    echo::comes_back(c, server)?;
    answers_a_goodbye(c, server)?;
    let full = echo::keeps_what_a_full_socket_refused(c, server);
    full.explain_by(|failure| {
        if failure.expected.starts_with("others") {
            OTHERS_WAIT
        } else if failure.expected.starts_with("while a client") {
            ASKS_AGAIN
        } else {
            BYTES_ARE_LOST
        }
    })?;
    rest::sleeps_with_silent_clients(c, server, 100, &ASLEEP)
}

/// Is no harder on itself than lesson 06's server was when clients hoard, break off, or leave.
pub(crate) fn bears_with_its_clients(c: &mut Check, server: &Program) -> Checked {
    let why = "between the read and the write of one client nothing may pile up. A loop that writes before it reads \
               again needs one buffer; a queue between a task that reads and a task that writes needs a bound";
    let look = "what is between your read and your write, and who waits when it is full";
    echo::stops_reading_from_a_client_that_never_reads(c, server, why, look)?;
    let mut bystander = server.connect()?;
    bystander.echo(&c.payload(100)).plainly().explain(
        "a client that connects is served, whatever others do",
        "the one before it sends and does not read, and its task waits for room; no other task has to",
        "what the clients' tasks share",
    )?;
    echo::survives_a_reset(c, server, Some(&mut bystander))?;
    echo::forgets_clients_that_left(server, 200)
}

/// Serves as many clients as come in one moment, and reads as many bytes as arrive in one.
pub(crate) fn takes_what_the_kernel_holds(c: &mut Check, server: &Program) -> Checked {
    let why = "each client has a task of its own to come to, and the backlog is there for those who have to wait for a moment. A \
               number of clients beyond which nobody is accepted, a set, a list or a semaphore that is full, leaves the rest \
               waiting until one of the others has gone";
    let look = "what a client needs, besides a descriptor, before it is served";
    amounts::a_full_backlog_is_served(c, server, why, look)?;
    let thousand = server.connect_many(1000);
    let served = thousand.and_then(|mut clients| clients.echo(c, 20));
    served
        .plainly()
        .explain("a thousand clients are served at a time", why, look)?;
    amounts::a_full_queue_is_read(
        c,
        server,
        "a read brings no more than the buffer holds, and the rest stays in the receive queue. It is read by further reads, \
         until there is nothing, and each of them has to be waited for",
        "what leads from one read of a client to the next",
    )
}

fn serves_a_second_client(c: &mut Check, server: &Program) -> Checked {
    let mut first = server.connect()?;
    let hung_up = (
        "the socket was closed, so its last owner is gone: a task that ended, with an error or at once, or one that was \
         dropped with whatever had it, a set of tasks or a runtime",
        "who owns a client's socket, and what ends that",
    );
    let alone = first.echo(&c.payload(100)).or_panicked().plainly();
    alone.explain_when(Cause::HungUp, hung_up.0, hung_up.1).explain(
        "a client that connects is served",
        "a task that is spawned runs when its runtime is driven, and a future that is not awaited never runs at all",
        "what becomes of the future that serves a client",
    )?;
    let mut second = server.connect()?;
    let served = second.echo(&c.payload(100)).or_panicked().plainly();
    let blocks = |t: &Thread| t.sleeps_in(&[Call::Read]);
    let (why, look) = if server.threads().iter().any(blocks) {
        (
            "a thread of the runtime sleeps in a read of one client. `async` does not make a call of std give way: only \
             an `await` does, and while the thread sleeps no other task is polled",
            "which `read` it is that you call: std's or tokio's?",
        )
    } else if second.is_accepted() {
        (
            "the second client was accepted, and whoever is to serve it waits until the first has had its turn: one task that \
             serves one after the other, or a lock that one task holds while it awaits its client's bytes. A task that waits \
             lets go of its thread, and of nothing else",
            "what the clients' tasks share, and who has it while a client is silent",
        )
    } else {
        (
            "a task is one line of waiting. If the one that accepts also waits for a client's bytes, everybody waits for \
             that client, and the runtime has nothing else to do",
            "what stands between one `accept` and the next",
        )
    };
    served
        .explain_when(Cause::HungUp, hung_up.0, hung_up.1)
        .explain(
            "a second client is served while the first is silent",
            why,
            look,
        )
}

fn answers_a_goodbye(c: &mut Check, server: &Program) -> Checked {
    let mut client = server.connect()?;
    let bytes = c.payload(50_000);
    client.send(&bytes)?;
    client.finish_sending()?;
    let answered = client.expect(&bytes).and_then(|()| client.expect_goodbye());
    answered.plainly().explain(
        "a client that has finished sending gets every byte, and then a goodbye",
        "a read of 0 bytes is the goodbye. What was read before it still has to be written; then the socket is closed \
         when its last owner is dropped",
        "how a client's task ends, and who else owns a half of its socket",
    )
}

/// Has `count` threads, and no more when clients come.
pub(crate) fn has_threads(c: &mut Check, server: &Program, count: usize) -> Checked {
    let so_many = || server.owes(|| (server.threads().len() == count).then_some(()));
    let red = |when: &str| {
        let threads = server.threads().len();
        server.red(format!("{threads} threads, not {count}, {when}"))
    };
    if so_many().is_none() {
        let (why, look) = if server.threads().len() == 1 {
            (
                "one thread in all is what a current-thread runtime has. A multi-thread runtime with one worker has two: the \
                 worker polls the tasks, and the thread in `block_on` polls the one future that it was given",
                "which constructor of `Builder` the flavor leads to, whatever the number of workers",
            )
        } else if count == 1 {
            (
                "a current-thread runtime polls its tasks on the thread that is in `block_on`; it needs no other",
                "which constructor of `Builder` the flavor leads to",
            )
        } else {
            (
                "each worker is a thread that the runtime starts when it is built. The thread that calls `block_on` is \
                 none of them: it polls the one future that it was given, and sleeps",
                "which flavor is built, and the number that it is told",
            )
        };
        return Err(red("before a client has come").explain(EXPECTED_THREADS, why, look));
    }
    let mut clients = server.connect_many(40)?;
    clients.echo(c, 100).plainly().explain(
        "each of 40 clients is served, however few the threads are",
        "a worker polls whichever task is ready. A task that keeps its thread while it waits takes it from all others",
        "what a client's task does while its client is silent",
    )?;
    so_many().ok_or_else(|| {
        red("with 40 clients").explain(
            EXPECTED_THREADS,
            "a task is not a thread: forty tasks wait in the slots of forty sockets. Threads that come with the clients \
             come from the blocking pool, or were started by hand",
            "what you start for a client",
        )
    })
}

const EXPECTED_THREADS: &str = "N workers are N threads, beside the one in `block_on`; a current-thread runtime is that \
                                one alone; and clients cost tasks, not threads";
