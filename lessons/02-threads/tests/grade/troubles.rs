//! What the program has to bear: clients that leave, and a lack of descriptors.

use grader::departures::Server;
use grader::fd_exhaustion::{self, Exhaustion};
use grader::kernel::threads::Call;
use grader::{Check, Checked, Program};

/// What has to be known of this lesson's server when its clients leave. A thread whose client does
/// not read sleeps in that client's write.
pub(super) const SERVER: Server<'_> = Server {
    rests_in: &[Call::Read, Call::Accept, Call::Futex, Call::Write],
    serves_many: true,
    bears_a_full_socket: true,
};

/// What usually goes wrong without descriptors.
const WORDS: Exhaustion = Exhaustion {
    rests_in: &[Call::Read, Call::Accept, Call::Futex],
    served: (
        "EMFILE is an error of this accept, not of the program: `?` or `unwrap` on it ends the thread that accepts, and if \
         that is `main`, all the others with it",
        "where an error of `accept` goes",
    ),
    calm: (
        "an accept that fails with EMFILE does not wait for a client: it fails at once, as often as it is called, until a \
         descriptor is free",
        "what the accepting thread does after an accept that failed, and before the next",
    ),
    waiting: (
        "those who wait at the listener are accepted when somebody calls `accept` again. After an error nobody does, or \
         only much later",
        "whether the loop around `accept` goes on after an error, and how soon",
    ),
    rest: (
        "accept sleeps by itself until somebody comes. A pause, or a time-out, is of use only after an accept that failed",
        "what the accepting thread waits in when nothing is wrong",
    ),
    next: (
        "a thread that accepts no more, or a listener that was given up, hears of nobody",
        "what became of the accepting thread while descriptors were short",
    ),
};

/// Those who are served stay served, nothing burns, and those who wait come in when there is room.
pub(super) fn run_out(c: &mut Check, server: &Program) -> Checked {
    fd_exhaustion::is_survived(c, server, &WORDS)
}
