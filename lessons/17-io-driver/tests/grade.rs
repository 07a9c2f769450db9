//! What `just check lesson-17` holds your program to.

#[path = "grade/between.rs"]
mod between;
#[path = "grade/call.rs"]
mod call;
#[path = "grade/count.rs"]
mod count;
#[path = "grade/data.rs"]
mod data;
#[path = "grade/endings.rs"]
mod endings;
#[path = "grade/look.rs"]
mod look;
#[path = "grade/raw.rs"]
mod raw;
#[path = "grade/rivals.rs"]
mod rivals;

use assert_cmd::cargo::cargo_bin;
use grader::{Explain, Listener, check};

use crate::call::{awaits, calls, ends_well, hears, idles};
use crate::look::{Moment, looks};

/// `explore`: as soon as the connection stands, it says that there is room to send, and that
/// nothing is there to read.
///
/// # Hint
/// `ready` takes an interest and returns what holds of it. When does it return, if you are
/// interested in two things and only one of them holds?
///
/// # Hint
/// `stream.ready(Interest::READABLE | Interest::WRITABLE).await` returns at once here. The `Ready`
/// that it returns has `is_readable` and `is_writable`, and `Look` prints them.
#[test]
fn tells_writable_before_readable() {
    check(|c| {
        let (program, _server) = calls(c, cargo_bin!(), "explore")?;
        let look = looks(&program, Moment::Connected).explain(
            "the first line of `explore` is `connected: readable: false, writable: true`, before the server has sent \
             anything",
            "a fresh connection has room to send and nothing to read. `ready` returns as soon as one of the things it \
             was asked about holds; whoever waits for both waits for the server",
            "what is awaited between the connect and the first line",
        )?;
        if look.is("readable: false, writable: true") {
            return Ok(());
        }
        Err(program.red(look.to_string()).explain(
            "before the server has sent anything the connection is writable and not readable",
            "a `Ready` holds nothing but what was asked about: whoever asks with `Interest::READABLE` is told nothing \
             of writing",
            "the interest of the first look",
        ))
    });
}

/// `explore`: for each read that brings bytes it prints `data`, a look at a connection that is
/// readable, and then `read N bytes`. The look is taken before the read, and printed once the
/// read has brought something.
///
/// # Hint
/// `readable` is the place to wait. It returns nothing that you could print: look after it.
///
/// # Hint
/// A `Ready` is a copy of what was true when you asked. Ask between the wait and
/// the read, each time anew.
///
/// # Hint
/// The look is taken before the read, and printed once the read has brought something: keep it
/// in a variable meanwhile. A read that was refused, or that brought the goodbye, has no
/// `data`; two reads have two.
#[test]
fn sees_data_become_readable() {
    check(|c| {
        let (program, mut server) = calls(c, cargo_bin!(), "explore")?;
        for _ in 1..=2 {
            hears(c, &mut server)?;
            data::is_announced(&program)?;
        }
        data::takes_several_reads(c, &mut server)?;
        data::is_announced(&program)
    });
}

/// `explore`: when the server has closed its write half, it reads what came before, says
/// `read-closed`, closes its own half, and says `write-closed` when the driver has heard of it.
///
/// # Hint
/// The last bytes and the goodbye may be one event. Which of the two do you meet first if
/// you let the reads tell you?
///
/// # Hint
/// *Write closed* is not what the server has done to you. Both directions have to be shut,
/// and one of them is yours.
///
/// # Hint
/// `stream.shutdown()` tells the kernel, and the driver learns of it when it next asks the kernel.
/// Until the note says write-closed, look again, and give the driver a turn in between:
/// `tokio::task::yield_now()`. A read of 0 bytes can be ahead of the driver in the same way.
#[test]
fn sees_the_peer_close_its_write_half() {
    check(|c| {
        let (program, mut server) = calls(c, cargo_bin!(), "explore")?;
        let len = data::takes_several_reads(c, &mut server)?;
        let bytes = c.payload(len);
        awaits(&program)?;
        server.finish_in_one_moment(&bytes)?;
        look::goodbye(&program, &mut server)?;
        look::shutdown(&program, &mut server)?;
        ends_well(&program)
    });
}

/// `explore`: when the server resets the connection, it says `error`, and ends with exit code 0.
///
/// # Hint
/// A wait for READABLE ends too when the connection is reset. What does the read say then?
///
/// # Hint
/// Its error is of the kind ConnectionReset. That is no reason to fail: it is the moment for a
/// look, with `Interest::ERROR` in it. The driver had heard of the reset when it woke you, so that
/// look has `is_error` set.
#[test]
fn sees_a_reset() {
    check(|c| {
        let (program, mut server) = calls(c, cargo_bin!(), "explore")?;
        hears(c, &mut server)?;
        awaits(&program)?;
        server.reset()?;
        look::reset(&program)?;
        ends_well(&program)?;
        look::reset_is_the_last(&program)
    });
}

/// `count`: every read that was refused is counted, and there are exactly as many as the kernel
/// refused, because each try comes after a `readable` of its own: strace counts them too.
///
/// # Hint
/// Ok with bytes, Ok with none, WouldBlock, another error: four answers. Which one is
/// counted, and which one ends it?
///
/// # Hint
/// `try_read` looks at the note first. If that is empty it answers WouldBlock by itself, and
/// the kernel is never asked.
///
/// # Hint
/// So each `try_read` comes after a `readable` of its own. After a WouldBlock wait
/// again; it is no failure.
#[test]
fn counts_every_would_block() {
    check(|c| {
        count::counts_nothing(c, cargo_bin!())?;
        let (program, mut server) = calls(c, cargo_bin!(), "count")?;
        count::counts(c, &program, &mut server, true)?;
        let host = Listener::open()?;
        let (program, mut trace) = c.spawn_traced(cargo_bin!(), &["count", &host.address()])?;
        let mut server = host.receives(&program)?;
        let told = count::counts(c, &program, &mut server, false)?;
        trace.is_complete()?;
        let refused = trace.refusals(&["recvfrom", "recvmsg", "read", "readv"], "EAGAIN")?;
        count::agrees(&program, told, refused)
    });
}

/// `rivals`: one message for two tasks. One gets it; the other is told WouldBlock, waits
/// again, and gets the next.
///
/// # Hint
/// The event wakes everybody who waits in `readable`. What is left for the second to read?
///
/// # Hint
/// WouldBlock after `readable` is an answer like any other: say so, and go back to the wait. Only a
/// read that brought something ends the task.
///
/// # Hint
/// Wait with `readable`, in both tasks. `poll_read_ready` has room for one waker only.
#[test]
fn a_false_readiness_is_survived() {
    check(|c| {
        let (program, mut server) = calls(c, cargo_bin!(), "rivals")?;
        awaits(&program)?;
        let first = c.any_below(99) + 1;
        server.send(&c.payload(first))?;
        rivals::one_reads_and_one_is_refused(&program, first)?;
        let second = c.any_below(99) + 1;
        server.send(&c.payload(second))?;
        rivals::the_other_reads(&program, second)
    });
}

/// `raw`: a `recv` after `readable` is refused a thousand times in a row, because tokio never hears
/// of it. Inside `try_io` the first refusal is heard, and the program sleeps. strace counts the
/// refusals too.
///
/// # Hint
/// The first loop has to go wrong: `readable` returns again and again, although nothing is there.
/// Nothing in that loop may tell tokio what `recv` said.
///
/// # Hint
/// `try_io` takes an interest and a closure, and looks at what the closure returns. Which answer of
/// the `recv` does it have to see?
#[test]
fn a_raw_recv_after_readable_would_spin() {
    check(|c| {
        let (program, mut server) = calls(c, cargo_bin!(), "raw")?;
        awaits(&program)?;
        let len = c.any_below(99) + 1;
        server.send(&c.payload(len))?;
        raw::is_refused_a_thousand_times(&program, &server)?;
        let len = c.any_below(99) + 1;
        raw::sleeps_in_try_io(&program)?;
        server.send(&c.payload(len))?;
        raw::reads_through_try_io(&program, &server)?;
        ends_well(&program)?;
        raw::refusals_are_the_kernels(c, cargo_bin!())
    });
}

/// `explore` and `count`: while nothing comes they sleep in tokio's driver, before the
/// first message and after each.
///
/// # Hint
/// After a read the connection is still readable, by the note. What takes the note back?
///
/// # Hint
/// Only an answer that tokio hears: a `try_read`, or a `try_io`, that is refused. Then `readable`
/// waits for the next event. A read made by other means leaves the note as it is.
#[test]
fn sleeps_between_messages() {
    check(|c| {
        for what in ["explore", "count"] {
            let (program, mut server) = calls(c, cargo_bin!(), what)?;
            idles(&program)?;
            hears(c, &mut server)?;
            idles(&program)?;
        }
        Ok(())
    });
}

/// `explore`: a read may be ahead of the driver. `goodbye` is told all the same only when the
/// driver has heard of it too: its look says `read-closed`.
///
/// # Hint
/// While your program prints a line, the driver has no turn. What can the kernel hear meanwhile,
/// and who asks it first, when the line is printed: the driver, or your next read?
///
/// # Hint
/// The note is still from before. Look again, and give the driver a turn between two looks, as you
/// do after the shutdown.
#[test]
fn tells_the_goodbye_when_the_driver_has_heard_of_it() {
    check(|c| between::a_goodbye_ahead_of_the_driver(c, cargo_bin!()));
}

/// `explore`: a reset that a read has met before the driver is told as `reset`, and one that comes
/// after the goodbye is no moment of its own: `shutdown` follows as ever.
///
/// # Hint: waits for good
/// What does the driver certainly hear of a connection that is gone, even if a read has had the
/// error already?
///
/// # Hint
/// A read can fail with ConnectionReset whatever the look before it said. Whatever is waited for
/// then, it must not be `error`.
///
/// # Hint
/// After a reset there is no half left to shut. `stream.shutdown()` takes that for done; a bare
/// `shutdown` of the socket is refused with NotConnected.
#[test]
fn tells_a_reset_whenever_it_comes() {
    check(|c| {
        between::a_reset_ahead_of_the_driver(c, cargo_bin!())?;
        between::a_reset_after_the_goodbye(c, cargo_bin!())
    });
}

/// `raw` and `rivals`: a goodbye ends either loop of `raw`, which then prints nothing more; to the
/// tasks of `rivals` it is a message of 0 bytes.
///
/// # Hint
/// What does `recv` answer when the server has said goodbye? And what does it answer the next time?
///
/// # Hint
/// In `raw` there are two places that read. Each of them can be the one that meets the goodbye.
#[test]
fn a_goodbye_ends_raw_and_rivals() {
    check(|c| {
        endings::of_raw(c, cargo_bin!())?;
        endings::of_rivals(c, cargo_bin!())
    });
}

/// `count`, `rivals` and `raw`: a connection that is reset is lost, and the program says so by
/// its exit code.
///
/// # Hint
/// Which answers can a read give, besides bytes, none and WouldBlock?
///
/// # Hint
/// Return the error to `main`: it prints it, and makes the exit code.
#[test]
fn a_lost_connection_is_no_clean_end() {
    check(|c| endings::of_a_lost_connection(c, cargo_bin!()));
}
