//! Several things that arrive while the program is stopped, so that they are one edge.

use grader::{Check, Checked, Explain, Program, reach};

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
    server.suspend()?;
    client.send(&bytes)?;
    client.reach_unread(bytes.len() as u64)?;
    client.finish_sending()?;
    client.reach_goodbye()?;
    server.resume()?;
    let heard = client.expect(&bytes).and_then(|()| client.expect_goodbye());
    heard.plainly().explain(
        "bytes and a goodbye that arrive together are both heard: every byte comes back, then a goodbye",
        "they are one edge, and no second event follows. Whoever takes the event's word that the client has closed, \
         or stops at a read that is shorter than the buffer, misses one of the two",
        "what ends your reading: WouldBlock and 0, or something else?",
    )
}
