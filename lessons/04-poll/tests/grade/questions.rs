//! The questions: what the program asks about its clients, and that it sleeps over them.

use grader::kernel::threads::Call;
use grader::{Cause, Check, Checked, Explain, Program, Stream};

/// While it has no client, the program sleeps until one comes.
pub(super) fn sleep_without_clients(server: &Program, when: &str) -> Checked {
    server.idles_in(&[Call::Poll]).plainly().explain(
        &format!("{when}, the program sleeps in poll until one comes"),
        "without a client the listener alone is asked about, and it says by itself that somebody has come. A look now and \
         then, or a question about a client that is gone, wakes the program for nothing",
        "what is asked, and for how long, when the list of clients is empty",
    )
}

/// What is asked about a client follows what it can be served with.
pub(super) fn follow_what_is_pending(c: &mut Check, server: &Program) -> Checked {
    let stream = Stream::new(c.payload(1_000_003));
    let mut client = server.connect_with_small_window(16 * 1024)?;
    client.echo(&c.payload(100)).plainly()?;
    let look = "what you ask poll about a client, and what that depends on";
    server.idles_in(&[Call::Poll]).plainly().explain(
        "once a client has got everything back, nothing is asked about writing, and the program sleeps",
        "a socket has room nearly always. Poll tells you how things are, not that something has changed: asked \
         for room, it answers at once, every time",
        look,
    )?;
    client
        .flood(&stream, 64 << 20)
        .and_then(|()| server.idles_in(&[Call::Poll]))
        .explain_when(
            Cause::HungUp,
            "its socket is full, and a write there is answered with WouldBlock. That does not mean that the client \
             is lost: it means `not now`, and poll says when",
            "what becomes of an error of the write",
        )
        .plainly()
        .explain(
            "while bytes wait for a full socket, the program sleeps until there is room",
            "the client has sent more than you will take now. Asked for bytes to read, poll says again and again \
             that there are some, and you leave them where they are",
            look,
        )?;
    client.drain(&stream, 0)?;
    server.idles_in(&[Call::Poll]).plainly().explain(
        "once the waiting bytes have gone out, the program goes back to asking for bytes to read, and sleeps",
        "room was worth asking for while bytes were waiting. Now there is room and nothing to write, and poll says \
         so again and again",
        look,
    )
}
