//! The experiments `drivers`, `elsewhere` and `outlive`: what they print, and what the kernel knows of it.

use grader::kernel::threads::Call;
use grader::{Check, Checked, Client, Explain, Program};

/// Prints what a socket and a timer made of exactly these drivers, and has an epoll instance only for the one.
pub(crate) fn has_drivers(program: &Program, io: bool, time: bool) -> Checked {
    let expected = "a runtime has the drivers that were asked for: with its driver a socket or a timer works, and without \
                    it panics, naming the call that is missing";
    for (what, asked, call) in [("socket", io, "enable_io"), ("timer", time, "enable_time")] {
        let after = |line: &str| Some(line.strip_prefix(what)?.strip_prefix(": ")?.to_owned());
        let said = program.says(&format!("`{what}: …`"), after);
        let said = said.plainly().explain(
            expected,
            "each of the two is tried on the runtime that you build, and what came of it is printed",
            "what `build` returns, and whether it returns",
        )?;
        let as_asked = match asked {
            true => said == "works",
            false => said.starts_with("panicked") && said.contains(call),
        };
        let (why, look) = if asked {
            (
                "a builder enables nothing by itself: a driver that was not enabled is not there, and whoever needs it \
                 finds out when the program runs",
                "which driver `drivers` asks for, and which calls you make for it",
            )
        } else {
            (
                "it was built with a driver that nobody has asked for. That is what `enable_all` does: convenient, and \
                 the reason why few have ever seen this panic",
                "which calls you make when a driver is not asked for",
            )
        };
        if !as_asked {
            return Err(program
                .red(format!(
                    "`drivers {}` said `{what}: {said}`",
                    argument(io, time)
                ))
                .explained(expected, why, look));
        }
    }
    let files = program.open_files();
    let epoll = files.iter().any(|file| file.target.contains("eventpoll"));
    if epoll == io {
        return Ok(());
    }
    let has = if epoll { "an" } else { "no" };
    Err(program.red(format!("{has} epoll instance among its open files")).explained(
        expected,
        "the epoll instance belongs to the I/O driver: it is there exactly when a runtime that lives has one",
        "how many runtimes you build, and for how long they live",
    ))
}

/// What these drivers are called on the command line.
fn argument(io: bool, time: bool) -> &'static str {
    match (io, time) {
        (false, false) => "none",
        (true, false) => "io",
        (false, true) => "time",
        (true, true) => "both",
    }
}

/// Waits until the program has accepted `client`, and sleeps: in epoll_wait, or in a join with a thread that does.
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
    ended.explain(
        "when the client says goodbye, the program has heard it out, and ends with exit code 0",
        "`hear_out` returns at a goodbye, and there is nothing left to do then",
        "what you do after `hear_out`, and what it would wait for",
    )
}

/// `elsewhere`: nothing is heard while the stream's own runtime is not driven, and everything while it is.
pub(crate) fn hears_while_it_is_driven(c: &mut Check, program: &Program) -> Checked {
    let lengths = [5 + c.any_below(90), 100 + c.any_below(90)];
    let [first, second] = lengths.map(|len| c.payload(len));
    let mut client = program.connect()?;
    is_awaited(&client).plainly().explain(
        "the program accepts its client, and then sleeps in epoll_wait until it hears of it",
        "every runtime with an I/O driver sleeps in its own epoll instance when it has nothing to poll; a thread that does \
         not sleep drives none",
        "what each thread of the program waits for",
    )?;
    client.send(&first)?;
    let undriven = says(program, "undriven").plainly().explain(
        "`undriven: …` is said after a second on a runtime that is not the stream's own",
        "the future is polled on `away`, whose timer ends the waiting; that much works wherever the stream was born",
        "the first call of `hear_out`, its label and its patience, and the runtime that it runs on",
    )?;
    if undriven != "timed out" {
        return Err(program.red(format!("`undriven: {undriven}`")).explained(
            "while nobody drives the stream's own runtime, nothing is heard, whoever polls the future",
            "the socket is registered with the epoll instance of `home`. If something is heard, somebody sleeps in that \
             instance or turns it: then `home` is driven too early",
            "who is in `home.block_on`, and since when",
        ));
    }
    let heard = hears(program, "driven", &first);
    let expected = "as soon as a thread drives the stream's own runtime, what has come meanwhile is heard on the other";
    let says_so = |line: &String| line.starts_with("driven: error");
    if heard.is_err() && program.lines().iter().any(says_so) {
        return heard.explain(
            expected,
            "a stream says so when its runtime has ended. It was to be driven, not to be dropped; that is the next experiment",
            "who owns `home` while `away` waits",
        );
    }
    heard.plainly().explain(
        expected,
        "the bytes have arrived and lie in the receive queue, and `home` has an event for them; it is told to the one who \
         sleeps in the epoll instance of `home`, and nobody does. To enter a runtime, or to hold it, is not to drive it",
        "which thread is in `home.block_on` while `away` waits",
    )?;
    let again = is_awaited(&client).and_then(|()| {
        client.send(&second)?;
        hears(program, "driven", &second)
    });
    again.plainly().explain(
        "as long as a thread drives the stream's own runtime, everything is heard on the other",
        "the first bytes were heard and the next were not: `home` was driven for a moment, and its thread has come back. \
         A runtime is driven while its `block_on` lasts, and that lasts as long as the future you give it",
        "what the thread that drives `home` waits for",
    )?;
    parts(&client, "driven")
}

/// `outlive`: an error without delay, then a socket that works on another runtime.
pub(crate) fn is_orphaned_and_moves(c: &mut Check, program: &Program) -> Checked {
    let bytes = c.payload(5 + 90);
    let mut client = program.connect()?;
    let orphaned = says(program, "orphaned").plainly().explain(
        "`orphaned: …` is said of a stream whose runtime has ended",
        "the stream is still yours when its runtime is gone, and can be asked on any other",
        "the first call of `hear_out`, and its label",
    )?;
    if !orphaned.starts_with("error: ") || !orphaned.contains("shutdown") {
        return Err(program.red(format!("`orphaned: {orphaned}`")).explained(
            "a stream whose runtime has ended says so with an error",
            "a runtime that is shut down wakes everybody who waits in it, and marks every socket. Whoever still waits in \
             vain waits for a runtime that is alive and that nobody drives",
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
        return Err(program.red(format!("`{line}`")).explained(
            "the socket of an orphaned stream works when it is moved to a runtime that lives",
            "the stream still belongs to the runtime that has ended, whichever runtime it is read on. To be heard it has \
             to leave the old one, and to be born again on the new",
            "which stream the second `hear_out` is given, and in whose context it was made",
        ));
    }
    moved.explain(
        "the socket of an orphaned stream works when it is moved to a runtime that lives",
        "the kernel's socket knows nothing of runtimes. What it needs is a registration with an epoll instance that \
         somebody sleeps in, and it gets one where `from_std` is called; and it must not block, or a read sleeps in the \
         kernel and not in the runtime",
        "in whose context you call `from_std`, and what you did to the socket before",
    )?;
    parts(&client, "moved")
}
