//! What `just check lesson-03` holds your program to.
//!
//! # Hint: panicked at
//! A panic names its place, and it stands under *saw*. Which value was `None` or `Err` there, or
//! which index was out of range? Can that happen with clients that do nothing wrong?
//!
//! # Hint: a program that has ended serves nobody
//! Your program has ended, and what it said last stands under *saw*. Whose error was it: one
//! client's, or the program's own? Only the second kind may go up to `main`.
//!
//! # Hint: asleep in that call, a thread hears of one thing only
//! A round asks and never waits. Which socket still blocks: the listener, or a
//! client that you have accepted?
//!
//! # Hint: a client that has connected and gets no answer
//! The autopsy says who waits. Is it clients, at the listener? Then look at your accept. Is it
//! bytes, at a client? Then look at your read.

#[path = "grade/rounds.rs"]
mod rounds;
#[path = "grade/troubles.rs"]
mod troubles;

use std::time::{Duration, Instant};

use assert_cmd::cargo::cargo_bin;
use grader::kernel::threads::Call;
use grader::{Cause, Checked, Explain, Program, check, departures, echo, memory, reach};

/// `one`: as long as the client is silent each read is answered with WouldBlock; it is counted,
/// printed, and followed by a pause of 100 ms. When bytes come, the program says how many and ends.
///
/// # Hint
/// A read gives you Ok with a number, or Err. WouldBlock is one kind of Err, and the only one that
/// is good news: `error.kind()` tells you.
///
/// # Hint: a thread sleeps in
/// A socket blocks until you say otherwise. Who says it, and of which socket?
///
/// # Hint
/// A `match` with four arms in a `loop`: 0 bytes, some bytes, an error whose kind is WouldBlock,
/// any other error. Only the third goes round again, after `thread::sleep`.
///
/// # Hint: without a gap
/// One answer, one line, one more on the count. Is there a way through your loop that
/// does only two of the three?
#[test]
fn prints_each_would_block() {
    check(|c| {
        let server = c.start_with(cargo_bin!(), &["one"])?;
        let begun = Instant::now();
        let mut client = server.connect()?;
        let expected = "while the client is silent the program prints `WouldBlock #1`, `WouldBlock #2` and so on, \
                        and sleeps for 100 ms after each";
        let why = "WouldBlock is the kernel's answer `nothing yet`, and it comes at once. An answer is counted, and \
                   the question asked again later; a program that ends here took it for a failure, and one that \
                   sleeps in its read never got it";
        let look =
            "what your loop does with each answer of the read, and whether the socket blocks";
        says(&server, "WouldBlock #1")
            .and_then(|()| server.sleeps_in(&[Call::Sleep]))
            .and_then(|()| says(&server, "WouldBlock #4"))
            .explain(expected, why, look)?;
        let (took, least) = (begun.elapsed(), Duration::from_millis(300));
        if took < least {
            let saw = format!("four questions within {} ms", took.as_millis());
            return Err(server.red(saw).explain(expected, why, look));
        }
        let bytes = c.payload(100);
        let sent = 1 + usize::from(bytes[0]) % bytes.len();
        client.send(&bytes[..sent])?;
        says(&server, &format!("read {sent} bytes")).and_then(|()| ends_well(&server)).explain(
            &format!("{sent} bytes are sent: the program prints `read {sent} bytes` and ends with exit code 0"),
            "a read that is not refused says how many bytes it has brought, and `one` has nothing more to ask",
            "the arm of your `match` that gets the bytes",
        )?;
        let refusals = numbered(&server);
        if refusals == (1..=refusals.len()).collect::<Vec<_>>() {
            return Ok(());
        }
        let saw = format!("the numbers {refusals:?}");
        Err(server.red(saw).explain(
            "the lines `WouldBlock #n` are numbered 1, 2, 3 and so on, without a gap",
            "one line for each answer, or the count of the lines is not the count of the questions",
            "where you count, and where you print",
        ))
    });
}

/// `one`: a client that leaves without a word is told apart from one that is silent. The program
/// says so and ends. One that is lost, by a reset, is not taken for silent either.
///
/// # Hint
/// Two answers look like silence. Only one of them is an error.
///
/// # Hint
/// `Ok(0)` means that no byte will ever come. Asked again, the socket says it again, for ever. And
/// of all errors only WouldBlock is silence.
///
/// # Hint: the client resets
/// A reset is an error, and so is WouldBlock. Ask `error.kind()` before you sleep: only one of
/// them is followed by bytes.
#[test]
fn says_when_the_client_leaves_without_a_word() {
    check(|c| {
        let server = c.start_with(cargo_bin!(), &["one"])?;
        let client = server.connect()?;
        client.finish_sending()?;
        client.reach_goodbye()?;
        says(&server, "client left").and_then(|()| ends_well(&server)).explain(
            "the client says goodbye without having sent a byte: the program prints `client left` and ends with \
             exit code 0",
            "WouldBlock means `nothing yet`; 0 bytes mean `nothing any more`. If one is taken for the other, the \
             program goes on for ever asking somebody who has gone, or gives up somebody who is thinking",
            "what the read returns when the client has gone, and which arm of your `match` gets it",
        )?;
        // The first answer that this one's read gets is the reset.
        let server = c.start_with(cargo_bin!(), &["one"])?;
        server.suspend()?;
        let client = server.connect()?;
        reach("a client that waits to be accepted", || {
            server.waiting_clients() == 1
        })?;
        client.reset()?;
        server.resume()?;
        let expected =
            "the client resets: the program ends, in whatever way, and does not print `WouldBlock`";
        let why = "a reset is an error, as WouldBlock is, and means the opposite: not `nothing yet`, but `never \
                   again`. Whoever sleeps at any error waits for somebody who is lost";
        let look = "which errors get into the arm that sleeps";
        server.ends().map(drop).explain(expected, why, look)?;
        match numbered(&server).len() {
            0 => Ok(()),
            n => Err(server
                .red(format!("{n} lines `WouldBlock #n`"))
                .explain(expected, why, look)),
        }
    });
}

/// `many`: a hundred clients speak at the same moment, and one thread sends each of them its own
/// bytes back. So it does with as many as the backlog takes.
///
/// # Hint
/// Keep the clients in a list. A round asks each of them once, and then there is the next round.
///
/// # Hint
/// A client that has nothing to say answers WouldBlock. It stays in the list, and the round goes
/// on.
///
/// # Hint: before the buffer is used for the next
/// Send back what you have read before you ask the next: `&buffer[..n]`, and to
/// the client it came from.
#[test]
fn serves_many_clients_on_one_thread() {
    check(|c| {
        let server = c.start_with(cargo_bin!(), &["many"])?;
        let expected = "a hundred clients that send at the same time all get their own bytes back, from one thread";
        let why = "a socket that does not block costs no thread: whoever has nothing to say is passed by, and asked \
                   again in the next round";
        let look = "what a round does with a client that answers, and with one that does not";
        let served = server.connect_many(100).and_then(|mut clients| {
            let words: Vec<_> = clients.iter().map(|_| c.payload(16 * 1024)).collect();
            let mut pairs = clients.iter_mut().zip(&words);
            pairs.try_for_each(|(client, words)| client.send(words))?;
            let mut pairs = clients.iter_mut().zip(&words);
            pairs.try_for_each(|(client, words)| client.expect(words))?;
            Ok(server.threads().len())
        });
        let lost = "what is read from one client has to be written to that same client, all of it, before the buffer is \
                    used for the next; and a round that ends at one client never comes to those behind it";
        let served = served.plainly().explain_when(Cause::HungUp, why, look);
        match served.explain(expected, lost, look)? {
            1 => rounds::have_room_for_a_full_backlog(c, &server),
            n => Err(server
                .red(format!("{n} threads"))
                .explain(expected, why, look)),
        }
    });
}

/// `many`: nobody waits for somebody else to speak, to come, or to leave.
///
/// # Hint
/// Three calls can make the round wait: `accept`, `read`, `write`. For each: on which socket is it
/// called, and does that socket block?
///
/// # Hint
/// The listener is a socket like the others, and an accepted client does not inherit
/// what you told the listener.
#[test]
fn never_waits_for_a_silent_client() {
    check(|c| {
        let server = c.start_with(cargo_bin!(), &["many"])?;
        let _silent = server.connect()?;
        let mut talker = server.connect()?;
        let mut talks = || talker.echo(&c.payload(100));
        let alone = talks().and_then(|()| talks());
        let _another = server.connect()?;
        alone.and_then(|()| talks()).plainly().explain(
            "a client is served while another says nothing, and while no new one comes",
            "one call that sleeps holds up the whole round: an accept until the next client comes, a read until this \
             one speaks. Neither the listener nor a client may block",
            "which sockets were made non-blocking, and when",
        )
    });
}

/// `many`: with no client, and with ten who say nothing, the program never sleeps. This is what the
/// lesson is about: not a fault of yours, but the price of asking.
///
/// # Hint
/// A pause in the round would spare the core. Whom would it keep waiting?
///
/// # Hint
/// After a round the next one begins, whatever it has brought: no sleep, no time-out.
#[test]
fn burns_a_core_while_nothing_happens() {
    check(|c| {
        let server = c.start_with(cargo_bin!(), &["many"])?;
        rounds::burn(c, &server)
    });
}

/// `many`: two hundred clients come and go, and nothing of them is left.
///
/// # Hint
/// Who owns a client's socket, and what makes the owner let go of it?
///
/// # Hint
/// To remove from a list while you walk along it, use `retain_mut`, or walk backwards.
///
/// # Hint: an index into a list that has become shorter
/// Somebody has gone, and something still speaks of them: an answer from before, a token, an index.
/// What does your program do then?
#[test]
fn forgets_clients_that_left() {
    check(|c| {
        let server = c.start_with(cargo_bin!(), &["many"])?;
        echo::forgets_clients_that_left(&server, 200)
    });
}

/// `many`: a client that leaves by a reset takes nobody with it.
///
/// # Hint
/// WouldBlock keeps a client in the list. What do the other errors do?
///
/// # Hint
/// An error that is not WouldBlock ends this client: it leaves the list, and the round goes on.
#[test]
fn survives_a_client_that_resets() {
    check(|c| {
        let server = c.start_with(cargo_bin!(), &["many"])?;
        let mut bystander = server.connect()?;
        bystander.echo(&c.payload(100))?;
        echo::survives_a_reset(c, &server, Some(&mut bystander))
    });
}

/// `many`: a client may leave at any moment, by a goodbye or by a reset: while it waits to be
/// accepted, or while its bytes lie unread. Each time it gets what it is owed, nothing of it is
/// kept, and the others are served as quickly as before.
///
/// # Hint
/// Two things come together here. The failure says which two: what does each of your calls answer
/// then, `accept`, `read`, `write`?
///
/// # Hint
/// Between `accept` and the first read, which calls can fail? That is this client's end, and nobody
/// else's.
#[test]
fn survives_clients_that_leave_at_any_moment() {
    check(|c| {
        let server = c.start_with(cargo_bin!(), &["many"])?;
        departures::are_survived(c, &server, troubles::SERVER)
    });
}

/// `many`: a client that sends and never reads makes nobody wait. It may be given up.
///
/// # Hint
/// The socket to such a client is full in the end. What does a write there answer then?
///
/// # Hint
/// Do not ask a full socket again in the same round: go on to the next client.
#[test]
fn makes_nobody_wait_for_a_client_that_does_not_read() {
    check(|c| {
        let server = c.start_with(cargo_bin!(), &["many"])?;
        troubles::one_that_does_not_read(c, &server)
    });
}

/// `many`: out of file descriptors, those who are served stay served, and those who wait are served
/// when there are descriptors again.
///
/// # Hint
/// `accept` fails with EMFILE. Nobody is to blame, and nothing is over: the client still waits in
/// the backlog.
///
/// # Hint
/// An accept that fails ends the accepting of this round. The next round asks again.
#[test]
fn survives_running_out_of_file_descriptors() {
    check(|c| {
        let server = c.start_with(cargo_bin!(), &["many"])?;
        troubles::run_out(c, &server)
    });
}

/// `many`: twelve thousand short clients leave nothing behind in the memory.
///
/// # Hint
/// Which of your collections get longer when a client comes? Where does each get shorter?
///
/// # Hint
/// A line in a list for each client there ever was is kept too, however short it is.
#[test]
fn keeps_nothing_of_clients_that_left() {
    check(|c| {
        let server = c.start_with(cargo_bin!(), &["many"])?;
        memory::nothing_is_kept_of_crowds_that_left(c, &server)
    });
}

/// Waits until the program has printed exactly this line.
fn says(server: &Program, line: &str) -> Checked {
    server.says(&format!("`{line}`"), |said| (said == line).then_some(()))
}

/// Waits until the program has ended by itself, with exit code 0.
fn ends_well(server: &Program) -> Checked {
    match server.ends()? {
        status if status.success() => Ok(()),
        status => Err(server.red(format!("it ended with {status}"))),
    }
}

/// The numbers in its lines `WouldBlock #n`, in the order in which it printed them.
fn numbered(server: &Program) -> Vec<usize> {
    let number = |line: &String| line.strip_prefix("WouldBlock #")?.parse().ok();
    server.lines().iter().filter_map(number).collect()
}
