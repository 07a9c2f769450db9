//! The rounds of `many`: how many clients they have room for, and what they cost.

use grader::{Check, Checked, Explain, Program, amounts};

/// As many clients as the backlog takes connect in one moment.
pub(super) fn have_room_for_a_full_backlog(c: &mut Check, server: &Program) -> Checked {
    amounts::a_full_backlog_is_served(
        c,
        server,
        "each round asks the listener, and each client that comes gets its place in the list. How many there are is up to \
         them: with a bound on the list, those beyond it wait at the listener for as long as the others stay",
        "every number in your program that clients are counted against",
    )
}

/// The program goes round without ever sleeping, with no client and with silent ones.
pub(super) fn burn(c: &mut Check, server: &Program) -> Checked {
    let why = "a pause between two questions is paid for by the next client that speaks or comes, and it adds up with the \
               clients. In this lesson you are to feel the other price; what ends both is not a better pause";
    let look = "what the program does when a client, or a whole round, has brought nothing; printing is a wait as well, \
                when nobody reads fast enough";
    server.burns().plainly().explain(
        "before the first client has come, the program asks the listener without ever sleeping, and wants a whole core for it",
        why,
        look,
    )?;
    let mut silent = server.connect_many(10)?;
    server.burns().plainly().explain(
        "with ten silent clients the program goes round without ever sleeping, and wants a whole core for it",
        why,
        look,
    )?;
    silent.echo(c, 100)
}
