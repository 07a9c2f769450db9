//! Clients that leave: what they still get, and what is left of them.

use grader::departures::Server;
use grader::kernel::threads::Call;
use grader::{Cause, Check, Checked, Explain, Program, Stream, echo};

/// What has to be known of this lesson's server when its clients leave.
pub(super) const SERVER: Server<'_> = Server {
    rests_in: &[Call::Poll],
    serves_many: true,
    bears_a_full_socket: true,
};

/// The goodbye arrives while bytes are pending for the client, few at first and then as many as the
/// program takes.
pub(super) fn before_the_last_bytes(c: &mut Check, server: &Program) -> Checked {
    let stream = Stream::new(c.payload(1_000_003));
    let gets_all = "a client that has finished sending still gets every byte that is pending, then the goodbye";
    let why = "the client closed one direction only: it says that it sends no more, not that it reads no more. Closing \
               the socket now throws away what it refused a moment ago";
    let look = "what happens to pending bytes when a read returns 0, and what you ask about the client then";
    for most in [None, Some(64 << 20)] {
        let mut client = server.connect_with_small_window(16 * 1024)?;
        match most {
            None => client.press(&stream).map(drop),
            Some(most) => client.flood(&stream, most),
        }
        .plainly()
        .explain(gets_all, why, look)?;
        client.finish_sending()?;
        // Behind as many bytes as the kernel takes, the goodbye has to wait on the client's side.
        if most.is_none() {
            client.reach_goodbye()?;
        }
        server.idles_in(SERVER.rests_in).plainly().explain(
            "when a client has said goodbye and bytes for it are pending, the program sleeps until there is room",
            "the end of what a client sends can be read for ever: asked for bytes to read, poll says so at once, every \
             time, whether the goodbye has been read already or waits for the pending bytes to go out",
            "what you ask about a client that has said goodbye, as long as bytes for it are pending",
        )?;
        client
            .drain(&stream, 0)
            .plainly()
            .explain(gets_all, why, look)?;
        client.expect_goodbye().plainly().explain(
            "a client that has said goodbye, and has got back all it sent, gets a goodbye in return",
            "its goodbye was read, or could be read, while bytes were pending. When the last of them has gone out, somebody \
             has to remember it, or to read it now",
            "what you do for a client when its last pending byte has been written",
        )?;
    }
    Ok(())
}

/// A client that has said goodbye gets one in return, and leaves neither a question nor a socket.
pub(super) fn leave_nothing_behind(c: &mut Check, server: &Program) -> Checked {
    let mut polite = server.connect()?;
    let bytes = c.payload(100_000);
    polite.echo(&bytes).plainly()?;
    polite.finish_sending()?;
    polite.expect_goodbye().plainly().explain(
        "a client that has said goodbye gets a goodbye in return",
        "a read of 0 bytes is the client's goodbye. Yours goes out when the last owner of the socket is dropped",
        "what a read of 0 bytes leads to, and who else owns the client's socket then",
    )?;
    server.idles_in(&[Call::Poll]).plainly().explain(
        "when a client has said goodbye and got one in return, the program sleeps again",
        "poll tells of a hang-up and of an error whether you ask for it or not, every time. A client that is done \
         and stays in the list, whatever is asked about it, keeps poll from ever sleeping",
        "what becomes of a client's entry when its read has returned 0",
    )?;
    drop(polite);
    echo::forgets_clients_that_left(server, 200).explain_when(
        Cause::Spins,
        "the program is told of somebody who has left again and again, and does nothing about it. An answer may say several \
         things at once, and other things than you have asked: an error, a hang-up. It is no answer that equals POLLIN, and \
         it comes at once, every time, until the client is out of the list",
        "how you look at an answer, and what you do about one that you did not ask for",
    )
}
