//! Whose token is whose.

use std::net::SocketAddr;

use grader::kernel::tcp;
use grader::{Check, Checked, Explain, Program};

/// The listener is registered, as `Token(0)`, in a program of one thread.
pub(super) fn listener_has_zero(c: &mut Check, server: &Program) -> Checked {
    let mut clients = server.connect_many(3)?;
    clients[0].echo(&c.payload(100)).plainly()?;
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
    let (saw, why, look) = match registered {
        Some(r) if r.data == 0 && threads == 1 => return Ok(()),
        Some(r) if r.data == 0 => (
            format!("{threads} threads"),
            "one thread hears of every client's events in one call, and does itself what a thread for a client is good \
             for",
            "who starts threads",
        ),
        Some(r) => (
            format!("the listener, registered with the token {}", r.data),
            "events carry nothing but the token: by it you tell a new client from an old one's bytes",
            "the call of `register` for the listener",
        ),
        None => (
            "no registration of the listener with epoll".into(),
            "what is not registered rings no bell: a program that waits in `accept`, or asks again and again, is not \
             told by an event",
            "how the program learns of a new client",
        ),
    };
    let expected = "one thread, and the listener registered with epoll under Token(0)";
    Err(server.red(saw).explain(expected, why, look))
}

/// Three connect, the first leaves, a fourth comes: each of the three gets its own bytes.
pub(super) fn are_never_shared(c: &mut Check, server: &Program) -> Checked {
    let mut clients = server.connect_many(3)?;
    clients.echo(c, 100).plainly()?;
    let files = server.open_files().len();
    drop(clients.remove(0));
    server.owes(|| (server.open_files().len() < files).then_some(()));
    clients.push(server.connect()?);
    clients.echo(c, 5000).plainly().explain(
        "after one of three clients has left and another has come, each of the three is served",
        "two live clients under one token are one client to you: the younger takes the older one's place, and \
         the older one's events go to the wrong socket, or to none",
        "where a new client's token comes from",
    )
}

/// Two clients connect from two addresses, with the same port: each gets its own bytes.
pub(super) fn are_not_made_of_ports(c: &mut Check, server: &Program) -> Checked {
    let mut one = server.connect()?;
    one.echo(&c.payload(100)).plainly()?;
    let port = one.address().port();
    let mut two = server.connect_from(SocketAddr::from(([127, 0, 0, 2], port)))?;
    two.echo(&c.payload(100))
        .and_then(|()| one.echo(&c.payload(100)))
        .and_then(|()| two.echo(&c.payload(100)))
        .plainly()
        .explain(
            "two clients whose ports have the same number, at two addresses, are both served",
            "a port is unique at its address only. Two live clients under one token are one client to you",
            "where a new client's token comes from",
        )
}
