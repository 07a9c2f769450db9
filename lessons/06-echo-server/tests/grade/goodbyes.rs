//! A goodbye that comes before the bytes that are pending for its client.

use grader::departures::Server;
use grader::kernel::threads::Call;
use grader::{Check, Checked, Explain, Program, Stream};

/// What has to be known of this lesson's server when its clients leave.
pub(super) const SERVER: Server<'_> = Server {
    rests_in: &[Call::Epoll],
    serves_many: true,
    bears_a_full_socket: true,
};

/// The goodbye arrives while bytes are pending for the client.
pub(super) fn before_the_last_bytes(c: &mut Check, server: &Program) -> Checked {
    let stream = Stream::new(c.payload(1_000_003));
    let mut client = server.connect_with_small_window(16 * 1024)?;
    client.press(&stream).plainly()?;
    client.finish_sending()?;
    client.reach_goodbye()?;
    // Whatever the program makes of the goodbye, it has made of it once it sleeps again.
    server.owes(|| server.asleep());
    client.drain(&stream, 0).plainly().explain(
        "a client that has finished sending still gets every byte that is pending, then the goodbye",
        "the client closed one direction only: it says that it sends no more, not that it reads no more. Closing \
         the socket now throws away what your socket refused a moment ago",
        "what happens to pending bytes when a read returns 0, or an event says that the read side is closed",
    )?;
    client.expect_goodbye().plainly().explain(
        "a client that has said goodbye, and has got back all it sent, gets a goodbye in return",
        "its goodbye stands in the receive queue behind its last bytes, and rang no bell of its own. It is read when \
         everything before it has been read and written, or never",
        "what you do for a client when its last pending byte has been written",
    )
}
