//! What `just check lesson-06` holds your program to.

use assert_cmd::cargo::cargo_bin;
use grader::kernel::tcp;
use grader::kernel::threads::Call;
use grader::{Explain, Stream, check, echo, reach};

/// Whatever a client sends comes back: every byte, in order, however much it is.
///
/// # Hint
/// A read gives you some of the bytes and says how many. Write exactly those back.
///
/// # Hint
/// A write takes some of the bytes and says how many. What it did not take still has to go out before anything newer.
#[test]
fn echoes_every_byte_back() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        echo::comes_back(c, &server)
    });
}

/// One thread, and mio: the listener is registered under `Token(0)`.
///
/// # Hint
/// Nothing has to be started for a client: no thread, no second `Poll`.
///
/// # Hint
/// The kernel lists what is registered, with the token as `data`: `grep tfd /proc/PID/fdinfo/*`.
#[test]
fn uses_mio_with_the_listener_at_token_zero() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        let mut clients = server.connect_many(3)?;
        clients[0].echo(&c.payload(100))?;
        let inode = tcp::listener(server.address())?.map(|listener| listener.inode);
        let files = server.open_files();
        let listener = files
            .iter()
            .find(|f| f.socket_inode() == inode)
            .map(|f| f.fd);
        let registered = server
            .registrations()
            .into_iter()
            .find(|r| Some(r.fd) == listener);
        let threads = server.threads().len();
        let saw = match registered {
            Some(r) if r.data == 0 && threads == 1 => return Ok(()),
            Some(r) if r.data == 0 => format!("{threads} threads"),
            Some(r) => format!("the listener, registered with the token {}", r.data),
            None => "no registration of the listener with epoll".into(),
        };
        Err(server.red(saw).explained(
            "one thread, and the listener registered with epoll under Token(0)",
            "events carry nothing but the token: by it you tell a new client from an old one's bytes",
            "the call of `register` for the listener, and who starts threads",
        ))
    });
}

/// Five clients that connect in the same moment are five clients, although the kernel tells of them once.
///
/// # Hint
/// The listener's event says that clients wait, not how many.
///
/// # Hint
/// Accept again and again until the answer is WouldBlock. Only then is another event owed to you.
#[test]
fn accepts_every_pending_client() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        server.suspend()?;
        let mut clients = server.connect_unanswered(5)?;
        reach("five clients that wait to be accepted", || {
            server.waiting_clients() == 5
        })?;
        server.resume()?;
        clients.echo(c, 100).explain(
            "five clients that connected while the program was stopped are all served",
            "their five connects are one edge of the listener. After one accept the others still wait, and no event \
             will tell of them until a sixth client comes",
            "how often the listener's event makes you accept",
        )
    });
}

/// 100 KiB that arrive in one moment are all read, although the kernel tells of them once.
///
/// # Hint
/// A client's event says that bytes wait, not how many.
///
/// # Hint
/// Read again and again until the answer is WouldBlock, even if your buffer is small.
#[test]
fn reads_until_would_block() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        let mut client = server.connect()?;
        client.echo(&c.payload(100))?;
        let bytes = c.payload(100 * 1024);
        server.suspend()?;
        client.send(&bytes)?;
        client.reach_unread(bytes.len() as u64)?;
        server.resume()?;
        client.expect(&bytes).explain(
            "100 KiB that arrived while the program was stopped all come back, and the client sends nothing more",
            "they are one edge of the client's socket. What you leave in the receive queue stays there: nothing new \
             happens to it, so no further event comes",
            "how often a client's event makes you read, and what makes you stop",
        )
    });
}

/// The last bytes and the goodbye that follows them are both heard when they arrive in one moment.
///
/// # Hint
/// One event may stand for bytes and for the goodbye behind them.
///
/// # Hint
/// A read that fills only a part of your buffer was not the last one. What comes after it may be the goodbye.
#[test]
fn hears_the_last_bytes_and_the_goodbye_in_one_edge() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        let mut client = server.connect()?;
        client.echo(&c.payload(100))?;
        let bytes = c.payload(5003);
        server.suspend()?;
        client.send(&bytes)?;
        client.reach_unread(bytes.len() as u64)?;
        client.finish_sending()?;
        client.reach_goodbye()?;
        server.resume()?;
        client.expect(&bytes).and_then(|()| client.expect_goodbye()).explain(
            "bytes and a goodbye that arrive together are both heard: every byte comes back, then a goodbye",
            "they are one edge, and no second event follows. Who takes the event's word that the client has closed, or \
             stops at a read that is shorter than the buffer, misses one of the two",
            "what ends your reading: WouldBlock and 0, or something else?",
        )
    });
}

/// A socket that is full refuses bytes; they are kept, go out when it has room again, and nobody else waits for that.
///
/// # Hint
/// Send a lot to your server and do not read. Sooner or later its `write` takes less than you gave it.
///
/// # Hint
/// Keep the rest with the client it belongs to, and write it when that client's socket is writable.
///
/// # Hint
/// Are you registered for writable events? Nobody else tells you that there is room again.
#[test]
fn finishes_a_partial_write() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        echo::keeps_what_a_full_socket_refused(c, &server)
    });
}

/// A client that says goodbye while bytes for it are pending gets them first.
///
/// # Hint
/// The goodbye (a read of 0 bytes, or an event that says so) is about what the client sends, not about what it reads.
///
/// # Hint
/// Hang up once nothing is pending any more.
#[test]
fn keeps_pending_bytes_when_the_client_half_closes() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        let stream = Stream::new(c.payload(1_000_003));
        let mut client = server.connect_with_small_window(16 * 1024)?;
        client.press(&stream)?;
        client.finish_sending()?;
        client.reach_goodbye()?;
        // Whatever the program makes of the goodbye, it has made of it once it sleeps again.
        server.owes(|| server.asleep());
        client.drain(&stream, 0).explain(
            "a client that has finished sending still gets every byte that is pending, then the goodbye",
            "the client closed one direction only: it says that it sends no more, not that it reads no more. Closing \
             the socket now throws away what your socket refused a moment ago",
            "what happens to pending bytes when a read returns 0, or an event says that the read side is closed",
        )?;
        client.expect_goodbye().explain(
            "a client that has said goodbye, and has got back all it sent, gets a goodbye in return",
            "its goodbye stands in the receive queue behind its last bytes, and rang no bell of its own. It is read when \
             everything before it has been read and written, or never",
            "what you do for a client when its last pending byte has been written",
        )
    });
}

/// A client that sends and never reads is not read from for ever; when it reads at last, it gets everything.
///
/// # Hint
/// Where do the bytes go that you have read and cannot write? They must not become more and more.
///
/// # Hint
/// Read nothing from a client while something is pending for it. Its bytes wait in the kernel, and TCP slows it down.
///
/// # Hint
/// Once the pending bytes are written, read again at once: the edge for what has arrived meanwhile is gone.
#[test]
fn stops_reading_from_a_client_that_never_reads() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        let why = "whoever stops reading must start again, and the edge for what arrived meanwhile is long gone: only \
                   the writable event comes";
        let look = "what happens once the pending bytes have been written: do you read again without waiting for an \
                    event?";
        echo::stops_reading_from_a_client_that_never_reads(c, &server, why, look)
    });
}

/// A client that leaves by a reset takes nobody with it.
///
/// # Hint
/// A read or a write may fail with ConnectionReset or BrokenPipe at any time.
///
/// # Hint
/// An error of one client ends that client. Only errors of the `Poll` itself may end the server.
#[test]
fn survives_a_client_that_resets() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        let mut bystander = server.connect()?;
        bystander.echo(&c.payload(100))?;
        echo::survives_a_reset(c, &server, Some(&mut bystander))
    });
}

/// A thousand clients come and go, some with a goodbye and some without, and nothing of them is left: no open file, no
/// registration.
///
/// # Hint
/// A socket is closed when its last owner is dropped. Who lets go of it when a read says 0, and who when it fails?
///
/// # Hint
/// Look at what is left: `ls -l /proc/PID/fd` and `grep tfd /proc/PID/fdinfo/*`.
#[test]
fn deregisters_clients_that_left() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        echo::forgets_clients_that_left(&server, 1000)
    });
}

/// Three connect, the first leaves, a fourth comes: each of the three gets its own bytes.
///
/// # Hint
/// Which token does the fourth get? Who else has it?
///
/// # Hint
/// A counter that only ever goes up never gives a token twice.
#[test]
fn never_confuses_two_clients() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        let mut clients = server.connect_many(3)?;
        clients.echo(c, 100)?;
        let files = server.open_files().len();
        drop(clients.remove(0));
        server.owes(|| (server.open_files().len() < files).then_some(()));
        clients.push(server.connect()?);
        clients.echo(c, 5000).explain(
            "after one of three clients has left and another has come, each of the three is served",
            "two live clients under one token are one client to you: the younger takes the older one's place, and \
             the older one's events go to the wrong socket, or to none",
            "where a new client's token comes from",
        )
    });
}

/// Out of file descriptors, the server goes on serving the clients it has, burns nothing, and takes in those who wait
/// when descriptors are free again, though no new client comes to remind it of them.
///
/// # Hint
/// `accept` fails with EMFILE. Nobody is to blame, and nothing is over: the client still waits in the backlog.
///
/// # Hint
/// The listener's edge is spent and no other will come for those who wait already. Remember that an accept is due.
///
/// # Hint
/// Trying again at once burns a core. `Server::wait` takes a time-out: use one while an accept is due, and only then.
/// A few times a second is often enough.
#[test]
fn survives_running_out_of_file_descriptors() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        let mut served = server.connect_many(12)?;
        served.echo(c, 100)?;
        let open = server.open_files().len();
        server.limit_files(8)?;
        let stay_served = server.connect_unanswered(16).and_then(|late| {
            server.owes(|| (server.open_files().len() >= open + 8).then_some(()));
            served.echo(c, 100)?;
            Ok(late)
        });
        let mut late = stay_served.explain(
            "with no descriptor left the clients that are served already stay served",
            "EMFILE is an error of this accept, not of the server: `?` or `unwrap` on it ends everybody, and a sleep \
             on the spot makes everybody wait",
            "where an error of `accept` goes, and where the thread sleeps after it",
        )?;
        server.is_calm().explain(
            "with no descriptor left the program waits for better times and burns nothing",
            "accept fails with EMFILE at once, as often as you ask; asking again without a pause is a spin",
            "what you do after an accept that failed, and when you ask the next time",
        )?;
        served.truncate(2);
        let bytes = c.payload(100);
        late.iter_mut().try_for_each(|client| client.echo_or_end(&bytes)).explain(
            "when ten clients have left and no new one has come, every waiting client is served, or at least hung up on",
            "the waiting clients' edge is spent: it came when they connected. An accept that failed without \
             WouldBlock must be tried again without an event to remind you",
            "how the program remembers that clients may still wait at the listener, and what wakes it then",
        )?;
        drop(late);
        server.connect()?.echo(&c.payload(100)).explain(
            "after a shortage of descriptors a new client is served as ever",
            "a listener that was given up, or deregistered and never registered again, hears of nobody",
            "what you did to the listener while descriptors were short",
        )
    });
}

/// A thousand clients who say nothing cost nothing: the program sleeps in epoll_wait and does not wake once.
///
/// # Hint
/// Which time-out do you give to `Poll::poll`? Without anything due, none is needed.
///
/// # Hint
/// Look from outside: `cat /proc/PID/syscall` and `grep ctxt /proc/PID/status`, twice.
#[test]
fn idle_costs_nothing() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        echo::sleeps_with_silent_clients(&server, 1000, &[Call::Epoll])
    });
}

/// The program goes on after it was stopped and continued, as by Ctrl-Z and `fg`.
///
/// # Hint
/// `Poll::poll` may return an error of the kind Interrupted.
///
/// # Hint
/// `Server::wait`, which you were given, knows it already. Is that the one you call?
#[test]
fn survives_suspend_and_resume() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        echo::survives_suspend_and_resume(c, &server, &[Call::Epoll])
    });
}
