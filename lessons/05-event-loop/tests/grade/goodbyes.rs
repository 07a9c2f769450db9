//! Goodbyes that come together with the last bytes, or with none at all.

use std::path::Path;

use grader::{Check, Checked, Explain, Program, reach};

use crate::talk::{hears, is_stopped_for_nothing, is_total};

/// Bytes and goodbye in one edge.
pub(crate) fn are_heard_behind_the_last_bytes(c: &mut Check, server: &Program) -> Checked {
    let mut client = server.connect()?;
    hears(c, &mut client, 100)?;
    is_stopped_for_nothing(&client)?;
    let bytes = c.payload(5003);
    client.finish_in_one_moment(&bytes)?;
    is_total(&client).explain(
        "bytes and a goodbye that arrive together are both heard: first every byte, then the end",
        "they are one edge, and no second event follows. A program that takes the event's word that the client has \
         closed, or stops at a read that is shorter than the buffer, misses one of the two",
        "what ends your reading: an answer of `read`, or something else?",
    )
}

/// Clients that have said goodbye before they are accepted, one of them without a byte.
pub(crate) fn of_those_who_never_stayed(c: &mut Check, program: &Path) -> Checked {
    for len in [0, 1] {
        let server = c.start(program)?;
        server.suspend()?;
        let mut client = server.connect()?;
        client.send(&c.payload(len))?;
        client.finish_sending()?;
        client.reach_goodbye()?;
        reach("a client that waits to be accepted", || {
            server.waiting_clients() == 1 && !client.is_accepted()
        })?;
        server.resume()?;
        is_total(&client).explain(
            &format!("a client that has sent {len} bytes and said goodbye before it is accepted is heard out"),
            "its goodbye is there when the socket is registered, and the kernel rings for it once, as it does for bytes. \
             Only a read of 0 bytes says what it was",
            "which reads are made after the registration, and which of their answers is the end",
        )?;
    }
    Ok(())
}
