//! A server that may open no further file.

use grader::fd_exhaustion::{self, Exhaustion};
use grader::kernel::threads::Call;
use grader::{Check, Checked, Program};

/// What usually goes wrong without descriptors.
const WORDS: Exhaustion = Exhaustion {
    rests_in: &[Call::Epoll],
    served: (
        "EMFILE is an error of this accept, not of the server: `?` or `unwrap` on it ends everybody, and a sleep on the \
         spot makes everybody wait",
        "where an error of `accept` goes, and where the thread sleeps after it",
    ),
    calm: (
        "accept fails with EMFILE at once, as often as you ask; asking again without a pause is a spin",
        "what you do after an accept that failed, and when you ask again",
    ),
    waiting: (
        "the waiting clients' edge is spent: it came when they connected. An accept that failed with anything but \
         WouldBlock must be tried again, with no event to remind you",
        "how the program remembers that clients may still wait at the listener, and what wakes it then",
    ),
    rest: (
        "an accept is due for as long as clients may wait. When the answer was WouldBlock, nobody waits, and the debt is \
         paid: a time-out that stays wakes the program for nothing from then on",
        "what tells the program that no accept is due any more, and which time-out it waits with then",
    ),
    next: (
        "a listener that was given up, or deregistered and never registered again, hears of nobody",
        "what you did to the listener while descriptors were short",
    ),
};

/// Those who are served stay served, nothing burns, and those who wait come in when there is room.
pub(super) fn run_out(c: &mut Check, server: &Program) -> Checked {
    fd_exhaustion::is_survived(c, server, &WORDS)
}
