//! The list: how many clients it has room for, and which answer in it is whose.

use grader::{Check, Checked, Client, Explain, Program, amounts, echo, reach};

/// Fifty clients that all send at the same time are served by one thread.
pub(super) fn have_room_for_fifty(c: &mut Check, server: &Program) -> Checked {
    let expected = "fifty clients that all send at the same time all get their own bytes back, from one thread";
    let why = "any of those you ask about may be ready, and any number of them at once. The answers stand in the \
               list, an answer at each entry; the number that `poll` returns says how many there are, not where";
    let look = "how you get from an answer to the client it is about";
    let mut clients = server
        .connect_many(50)
        .plainly()
        .explain(expected, why, look)?;
    let messages: Vec<_> = clients.iter().map(|_| c.payload(5_000)).collect();
    for (client, bytes) in clients.iter_mut().zip(&messages) {
        client.send(bytes)?;
    }
    let mut pairs = clients.iter_mut().zip(&messages);
    pairs
        .try_for_each(|(client, bytes)| client.expect(bytes))
        .plainly()
        .explain(expected, why, look)?;
    match server.threads().len() {
        1 => echo::comes_back(c, server),
        n => Err(server.red(format!("{n} threads")).explain(
            expected,
            "a call that waits for everyone at once needs no helpers: threads are what it saves you",
            "who starts threads",
        )),
    }
}

/// As many clients as the backlog takes connect in one moment.
pub(super) fn have_room_for_a_full_backlog(c: &mut Check, server: &Program) -> Checked {
    amounts::a_full_backlog_is_served(
        c,
        server,
        "each of them needs an entry in the list, and their number is up to them. A list with room for so many, or a loop \
         over the first so many answers, leaves the others waiting, or hangs up on them",
        "every number in your program that clients or entries are counted against",
    )
}

/// Clients leave from the middle while those behind them send, and others come.
pub(super) fn shrink_in_the_middle(c: &mut Check, server: &Program) -> Checked {
    let mut clients = server.connect_many(14)?;
    clients.echo(c, 100).plainly()?;
    // The client right behind the leavers is silent, and must still be there afterwards. One
    // leaves, then two at once: a removal by stale positions may do no harm with one. Then one
    // leaves, and the next is lost by a reset: the answer about it is an error, and taken for the
    // neighbour's, it ends the neighbour. In the end another comes at the same time.
    let steps = [
        (2..3, false, false),
        (2..4, false, false),
        (2..4, true, false),
        (1..3, true, true),
    ];
    for (leavers, is_lost, another_comes) in steps {
        server.suspend()?;
        for (nth, client) in clients.drain(leavers).enumerate() {
            let part = if is_lost && nth == 1 {
                Client::reset
            } else {
                Client::leave
            };
            part(client)?;
        }
        let messages: Vec<_> = clients.iter().map(|_| c.payload(100)).collect();
        for (client, bytes) in clients.iter_mut().zip(&messages).skip(3) {
            client.send(bytes)?;
            client.reach_unread(100)?;
        }
        let mut new = None;
        if another_comes {
            new = Some(server.connect()?);
            reach("a client that waits to be accepted", || {
                server.waiting_clients() == 1
            })?;
        }
        server.resume()?;
        let mut later = clients.iter_mut().zip(&messages).skip(3);
        let served = later.try_for_each(|(client, bytes)| client.expect(bytes));
        let served = served.and_then(|()| clients.echo(c, 100));
        let served = served.and_then(|()| match &mut new {
            Some(new) => new.echo(&c.payload(100)),
            None => Ok(()),
        });
        served.explain(
            "when clients in the middle leave and those behind them send, in the same poll, each sender is served, and so is \
             a client that comes meanwhile",
            "an answer's position is the client's position at the time of the question. Removing one in the \
             middle, or putting a new one in front, moves everybody behind it: the next answers are then taken for \
             somebody else's",
            "what a removal or a newcomer does to the positions that you have not looked at yet",
        )?;
    }
    Ok(())
}
