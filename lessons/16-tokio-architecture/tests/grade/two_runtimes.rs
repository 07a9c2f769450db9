//! The experiments `elsewhere` and `outlive`: what they print, and what the kernel knows of it.

use std::time::Instant;

use grader::kernel::epoll::Instance;
use grader::kernel::threads::Call;
use grader::{Check, Checked, Client, Explain, Program};

use crate::panics::ExplainPanics;
use crate::patience;

/// Waits until the program has accepted `client`, and sleeps: in epoll_wait, or in a join
/// with a thread that does.
fn is_awaited(client: &Client) -> Checked {
    let program = client.program();
    program.owes(|| client.is_accepted().then_some(()));
    program.sleeps_in(&[Call::Epoll, Call::Futex])
}

/// What the program says next to `label`.
fn says(program: &Program, label: &str) -> Checked<String> {
    program.says(&format!("`{label}: …`"), |line| {
        Some(line.strip_prefix(label)?.strip_prefix(": ")?.to_owned())
    })
}

/// Waits for `label: N bytes`, where N is what the client has just sent.
fn hears(program: &Program, label: &str, bytes: &[u8]) -> Checked {
    let line = format!("{label}: {} bytes", bytes.len());
    program.says(&format!("`{line}`"), |said| (said == line).then_some(()))
}

/// Takes leave, and waits until the program has heard it and has ended well.
fn parts(client: &Client, label: &str) -> Checked {
    let program = client.program();
    client.finish_sending()?;
    let goodbye = format!("{label}: goodbye");
    let heard = program.says(&format!("`{goodbye}`"), |said| {
        (said == goodbye).then_some(())
    });
    let ended = heard.and_then(|()| match program.ends()?.success() {
        true => Ok(()),
        false => Err(program.red("it did not end with exit code 0")),
    });
    ended.or_panicked().explain(
        "when the client says goodbye, the program has heard it out, and ends with exit code 0",
        "`hear_out` returns at a goodbye, and there is nothing left to do then",
        "what you do after `hear_out`, and what it would wait for",
    )
}

/// The descriptor of the epoll instance in which the listener is registered, and nothing
/// else so far: that of `home`.
fn epoll_of_the_listener(program: &Program) -> Option<i32> {
    let files = program.open_files();
    let listens = |fd| {
        files
            .iter()
            .any(|file| file.fd == fd && file.socket_inode().is_some())
    };
    let mut registrations = program.registrations().into_iter();
    Some(registrations.find(|r| listens(r.fd))?.epoll)
}

/// Whether the client's socket is registered in another epoll instance than that of `home`.
fn has_moved(client: &Client, home: Option<i32>) -> bool {
    let now = client.registration().map(|r| r.epoll);
    now.is_some() && home.is_some() && now != home
}

/// Holds that a thread sleeps in the epoll instance of `home`, where the client's socket still
/// is, and another elsewhere.
fn is_driven(client: &Client, home: Option<i32>) -> Checked {
    let program = client.program();
    let slept_in = || {
        let asleep = |instance: &Instance| !instance.sleepers.is_empty();
        let instances = program.epoll_instances().into_iter().filter(asleep);
        let of_home =
            |instance: &Instance| home.is_some_and(|fd| instance.descriptors.contains(&fd));
        let (home, others): (Vec<_>, Vec<_>) = instances.partition(of_home);
        (!home.is_empty(), !others.is_empty())
    };
    let as_it_should = || slept_in() == (true, true) && !has_moved(client, home);
    if program.owes(|| as_it_should().then_some(())).is_some() {
        return Ok(());
    }
    let (saw, why, look) = if has_moved(client, home) {
        (
            "the client's socket is registered with another epoll instance than the one it was accepted in",
            "a stream that has moved is at home where it is read, and it does not matter what became of its old \
             runtime. Here it was to stay, and its runtime to be driven; how a stream moves is the next experiment",
            "which stream the second `hear_out` is given, and where it was made",
        )
    } else {
        match slept_in() {
            (true, false) => (
                "the only epoll instance that a thread sleeps in is that of `home`",
                "whoever listens in `home.block_on` drives `home` and polls the stream there: one runtime that does \
                 both, as in every program. To poll and to drive can be two runtimes' work, on two threads, and that \
                 is what is to be shown",
                "whose `block_on` the second `hear_out` runs in",
            ),
            (false, true) => (
                "no thread sleeps in the epoll instance of `home` any more",
                "the first bytes were heard, and the next would not be: `home` was driven for a moment, and its thread \
                 has come back. A runtime is driven while its `block_on` lasts, and that lasts as long as the future \
                 you give it",
                "what the thread that drives `home` waits for",
            ),
            _ => (
                "no thread sleeps in epoll_wait",
                "a runtime with an I/O driver that has nothing to poll sleeps in its epoll instance, if somebody is in \
                 its `block_on`",
                "what each thread of the program waits for",
            ),
        }
    };
    let stop = program.red(saw);
    Err(stop).or_panicked().plainly().explain(
        "while the stream is read on `away`, one thread sleeps in the epoll instance of `home`, and one in that of \
         `away`",
        why,
        look,
    )
}

/// `elsewhere`: nothing is heard while the stream's own runtime is not driven,
/// and everything while it is.
pub(crate) fn hears_while_it_is_driven(c: &mut Check, program: &Program) -> Checked {
    let lengths = [5 + c.any_below(90), 100 + c.any_below(90)];
    let [first, second] = lengths.map(|len| c.payload(len));
    let listens_at = epoll_of_the_listener(program);
    let begun = Instant::now();
    let mut client = program.connect()?;
    is_awaited(&client).or_panicked().plainly().explain(
        "the program accepts its client, and then sleeps in epoll_wait until it hears from the client",
        "every runtime with an I/O driver sleeps in its own epoll instance when it has nothing to poll; a thread that \
         does not sleep drives none",
        "what each thread of the program waits for",
    )?;
    let home = listens_at.or_else(|| Some(client.registration()?.epoll));
    client.send(&first)?;
    let undriven = says(program, "undriven").or_panicked().plainly().explain(
        "`undriven: …` is said after a second on a runtime that is not the stream's own",
        "the future is polled on `away`, whose timer ends the waiting; that much works wherever the stream was born",
        "the first call of `hear_out`, its label and its patience, and the runtime that it runs on",
    )?;
    if undriven != "timed out" {
        let (why, look) = if has_moved(&client, home) {
            (
                "the socket is registered with another epoll instance than the one that it was accepted in, so it has \
                 another home: it was moved, which is the next experiment",
                "what is done to the stream before it is read",
            )
        } else {
            (
                "the socket is registered with the epoll instance of `home`. If something is heard, somebody sleeps in \
                 that instance or turns it: then `home` is driven too early",
                "who is in `home.block_on`, and since when",
            )
        };
        return Err(program.red(format!("`undriven: {undriven}`")).explain(
            "while nobody drives the stream's own runtime, nothing is heard, whoever polls the future",
            why,
            look,
        ));
    }
    patience::was_a_second(program, begun)?;
    let heard = hears(program, "driven", &first);
    let expected = "as soon as a thread drives the stream's own runtime, what has come meanwhile is heard on the other";
    let says_so = |line: &String| line.starts_with("driven: error");
    if heard.is_err() && program.lines().iter().any(says_so) {
        return heard.or_panicked().explain(
            expected,
            "a stream says so when its runtime has ended. It was to be driven, not to be dropped; that is the next \
             experiment",
            "who owns `home` while `away` waits",
        );
    }
    heard.or_panicked().plainly().explain(
        expected,
        "the bytes have arrived and lie in the receive queue, and `home` has an event for them; it is told to whoever \
         sleeps in the epoll instance of `home`, and nobody does. To enter a runtime, or to hold it, is not to drive \
         it",
        "which thread is in `home.block_on` while `away` waits",
    )?;
    is_awaited(&client).or_panicked().plainly().explain(
        "once the first bytes are heard, every thread of the program sleeps until more comes",
        "nothing has been sent since. A thread that drives a runtime sleeps in its epoll instance, and one that waits \
         for that thread sleeps in a join",
        "what each thread of the program waits for",
    )?;
    is_driven(&client, home)?;
    patience::is_for_good(program, home, "driven")?;
    client.send(&second)?;
    let again = hears(program, "driven", &second);
    again.or_panicked().plainly().explain(
        "as long as a thread drives the stream's own runtime, everything is heard on the other",
        "the first bytes were heard and the next were not, although a thread sleeps where their event goes. What it \
         leads to is a wake, and somebody has to poll the stream then",
        "who polls the stream once the first bytes are heard",
    )?;
    parts(&client, "driven")
}

/// `outlive`: an error without delay, then a socket that works on another runtime.
pub(crate) fn is_orphaned_and_moves(c: &mut Check, program: &Program) -> Checked {
    let bytes = c.payload(5 + 90);
    let mut client = program.connect()?;
    let orphaned = says(program, "orphaned").or_panicked().plainly().explain(
        "`orphaned: …` is said of a stream whose runtime has ended",
        "the stream is still yours when its runtime is gone, and can be read on any other",
        "the first call of `hear_out`, and its label",
    )?;
    if !orphaned.starts_with("error: ") || !orphaned.contains("shutdown") {
        return Err(program.red(format!("`orphaned: {orphaned}`")).explain(
            "a stream whose runtime has ended says so with an error",
            "a runtime that is shut down wakes everybody who waits in it, and marks every socket. A read that still \
             waits in vain waits for a runtime that is alive and that nobody drives",
            "who owns `home`, and what ends it before you listen",
        ));
    }
    let moved = is_awaited(&client).and_then(|()| {
        client.send(&bytes)?;
        hears(program, "moved", &bytes)
    });
    let errs = |line: &String| line.starts_with("moved: error");
    if let (true, Some(line)) = (
        moved.is_err(),
        program.lines().iter().find(|line| errs(line)),
    ) {
        return Err(program.red(format!("`{line}`")).explain(
            "the socket of an orphaned stream works when it is moved to a runtime that lives",
            "the stream still belongs to the runtime that has ended, whichever runtime it is read on. To be heard it \
             has to leave the old one, and to be born again on the new",
            "which stream the second `hear_out` is given, and in whose context it was made",
        ));
    }
    moved.or_panicked().explain(
        "the socket of an orphaned stream works when it is moved to a runtime that lives",
        "the kernel's socket knows nothing of runtimes. What it needs is a registration with an epoll instance that \
         somebody sleeps in, and it gets one where `from_std` is called; and it must not block, or a read sleeps in the \
         kernel and not in the runtime",
        "in whose context you call `from_std`, and what you did to the socket before",
    )?;
    is_awaited(&client).or_panicked().plainly().explain(
        "once it has been heard, the program sleeps in the new runtime's epoll instance until more comes",
        "nothing has been sent since, so there is nothing to do but to wait",
        "what is awaited after the first bytes",
    )?;
    patience::is_for_good(program, None, "moved")?;
    parts(&client, "moved")
}
