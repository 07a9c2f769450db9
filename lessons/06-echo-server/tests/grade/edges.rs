//! Several things that arrive while the program is stopped, so that they are one edge.

use grader::{Check, Checked, Explain, Program, amounts, reach};

/// Five clients connect.
pub(super) fn of_five_connects(c: &mut Check, server: &Program) -> Checked {
    server.suspend()?;
    let mut clients = server.connect_unanswered(5)?;
    reach("five clients that wait to be accepted", || {
        server.waiting_clients() == 5
    })?;
    server.resume()?;
    clients.echo(c, 100).plainly().explain(
        "five clients that connected while the program was stopped are all served",
        "their five connects are one edge of the listener. After one accept the others still wait, and no event \
         will tell of them until a sixth client comes",
        "how often the listener's event makes you accept",
    )
}

/// As many clients as the backlog takes connect.
pub(super) fn of_a_full_backlog(c: &mut Check, server: &Program) -> Checked {
    amounts::a_full_backlog_is_served(
        c,
        server,
        "all of them are one edge of the listener. An accept loop that ends after so many leaves the rest waiting, and no \
         event tells of them: only WouldBlock says that nobody waits",
        "what ends the loop around `accept`",
    )
}

/// As many bytes as the kernel takes arrive at one client.
pub(super) fn of_a_full_queue(c: &mut Check, server: &Program) -> Checked {
    amounts::a_full_queue_is_read(
        c,
        server,
        "all of them are one edge of the client's socket. Reading that ends after so many rounds leaves the rest in the \
         receive queue, and no event tells of it: only WouldBlock says that the queue is empty",
        "what ends the loop around `read`, and what it is that you wait for when the loop was left for a full socket",
    )
}

/// A connect and the bytes of two clients arrive, and are events of one call.
pub(super) fn of_several_sockets(c: &mut Check, server: &Program) -> Checked {
    let mut clients = server.connect_many(2)?;
    clients.echo(c, 100).plainly()?;
    for _ in 0..3 {
        server.suspend()?;
        let mut new = server.connect()?;
        reach("a client that waits to be accepted", || {
            server.waiting_clients() == 1
        })?;
        let bytes = c.payload(100);
        for client in clients.iter_mut() {
            client.send(&bytes)?;
            client.reach_unread(100)?;
        }
        server.resume()?;
        let old = clients
            .iter_mut()
            .try_for_each(|client| client.expect(&bytes));
        old.and_then(|()| new.echo(&c.payload(100))).plainly().explain(
            "a new client and the bytes of two old ones that arrive in one moment are all dealt with",
            "they are three events of one call. Each is told once: what is not looked at before the next call is gone",
            "which events of a call you look at, and what ends the loop over them",
        )?;
    }
    Ok(())
}

/// 100 KiB arrive at one client.
pub(super) fn of_many_bytes(c: &mut Check, server: &Program) -> Checked {
    let mut client = server.connect()?;
    client.echo(&c.payload(100)).plainly()?;
    let bytes = c.payload(100 * 1024);
    server.suspend()?;
    client.send(&bytes)?;
    client.reach_unread(bytes.len() as u64)?;
    server.resume()?;
    client.expect(&bytes).plainly().explain(
        "100 KiB that arrived while the program was stopped all come back, and the client sends nothing more",
        "they are one edge of the client's socket. What you leave in the receive queue stays there: nothing new \
         happens to it, so no further event comes",
        "how often a client's event makes you read, and what makes you stop",
    )
}

/// The last bytes and the goodbye arrive in one moment.
pub(super) fn of_bytes_and_a_goodbye(c: &mut Check, server: &Program) -> Checked {
    let mut client = server.connect()?;
    client.echo(&c.payload(100)).plainly()?;
    let bytes = c.payload(5003);
    client.finish_in_one_moment(&bytes)?;
    let heard = client.expect(&bytes).and_then(|()| client.expect_goodbye());
    heard.plainly().explain(
        "bytes and a goodbye that arrive together are both heard: every byte comes back, then a goodbye",
        "they are one edge, and no second event follows. Whoever takes the event's word that the client has closed, \
         or stops at a read that is shorter than the buffer, misses one of the two",
        "what ends your reading: WouldBlock and 0, or something else?",
    )
}
