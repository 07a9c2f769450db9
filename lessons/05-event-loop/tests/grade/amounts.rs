//! Much that comes at once: each arrival is one edge, however many bytes it brings.

use grader::{Check, Checked, Explain, Program, amounts, reading};

use crate::talk::{hears, is_stopped_for_nothing, is_total, rests};

/// Arrives in one moment on a connection of any age.
const BURST: usize = 100 * 1024;
/// So many reads a full queue may cost: a program with a buffer of one byte gets a smaller one.
const READS: u64 = 100_000;
/// No queue takes more.
const MOST: u64 = 4 << 20;

const WHY: &str = "they are one edge of the client's socket. What you leave in the receive queue stays there: nothing new \
    happens to it, so no further event comes";
const LOOK: &str = "how often an event makes you read, and what makes you stop";

/// A burst, and then as much as the kernel takes.
pub(crate) fn are_all_read(c: &mut Check, server: &Program) -> Checked {
    let mut client = server.connect()?;
    hears(c, &mut client, 100)?;
    is_stopped_for_nothing(&client)?;
    let bytes = c.payload(BURST);
    server.suspend()?;
    client.send(&bytes)?;
    client.reach_unread(bytes.len() as u64)?;
    server.resume()?;
    let expected = "100 KiB that arrived while the program was stopped are all read, and the client sends nothing more";
    let read = reading::queue_is_emptied(&client);
    read.plainly().explain(expected, WHY, LOOK)?;
    let heard = reading::is_heard(&client);
    let miscounted = "each read says how many bytes it brought, and any number up to the length of your buffer is possible";
    heard.plainly().explain(
        "every byte that was read is told of, by `read N bytes` for each chunk",
        miscounted,
        "the number in the line of a read, and where the line is printed",
    )?;
    let reads = server.reads();
    let most = READS * reads.bytes / reads.times.max(1);
    let most = most.clamp(2 * BURST as u64, MOST) as usize;
    amounts::a_full_queue_is_heard(c, &mut client, most, WHY, LOOK)?;
    rests(server)?;
    client.finish_sending()?;
    is_total(&client).explain(
        "every byte that was read is counted",
        miscounted,
        "where the bytes of a read are added up",
    )
}
