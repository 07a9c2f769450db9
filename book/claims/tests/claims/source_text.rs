//! What stands in the sources of tokio, where no program can see it.

use claims::{Checked, Claim, claim_of_text, source};

/// Shows the one line of tokio's `file` that contains `words`, and fails if there is none.
fn shows(c: &Claim, file: &str, words: &str) -> Checked {
    let text = source::text("tokio", file)?;
    let line = text.lines().find(|line| line.contains(words));
    let line = line.unwrap_or_else(|| panic!("{file} does not say `{words}`"));
    c.saw(format!("{file}: {}", line.trim()));
    Ok(())
}

/// What tokio has noted of a socket is one word, of which it uses 32 bits: 16 of readiness, 15 of a
/// tick that each event moves on, and one that says that the runtime is being shut down. So one
/// atomic step tells all three.
#[test]
fn readiness_tick_and_shutdown_share_a_word() {
    claim_of_text(|c| {
        let file = "src/runtime/io/scheduled_io.rs";
        shows(c, file, "readiness: AtomicUsize")?;
        shows(
            c,
            file,
            "READINESS: bit::Pack = bit::Pack::least_significant(16)",
        )?;
        shows(c, file, "TICK: bit::Pack = READINESS.then(15)")?;
        shows(c, file, "SHUTDOWN: bit::Pack = TICK.then(1)")
    });
}

/// A runtime of one thread has two queues: a plain one for what its own thread wakes, and one
/// behind a lock for what any other thread does.
#[test]
fn a_runtime_of_one_thread_has_a_queue_behind_a_lock() {
    claim_of_text(|c| {
        let file = "src/runtime/scheduler/current_thread/mod.rs";
        shows(c, file, "tasks: VecDeque<Notified>")?;
        shows(c, file, "inject: Inject<")?;
        shows(
            c,
            "src/runtime/scheduler/inject.rs",
            "synced: Mutex<Synced>",
        )
    });
}

/// The blocking pool of a runtime has room for 512 threads, unless `max_blocking_threads` says
/// otherwise.
#[test]
fn the_blocking_pool_has_room_for_512_threads() {
    claim_of_text(|c| {
        let file = "src/runtime/builder.rs";
        shows(c, file, "max_blocking_threads: 512,")?;
        shows(c, file, "pub fn max_blocking_threads(&mut self")
    });
}

/// tokio's timer wheel has six levels of 64 slots. The finest slot is a millisecond wide, the whole
/// wheel 2³⁶ of them, which is some two years.
#[test]
fn the_timer_wheel_has_six_levels_of_64_slots() {
    claim_of_text(|c| {
        let file = "src/runtime/time/wheel/mod.rs";
        shows(c, file, "const NUM_LEVELS: usize = 6;")?;
        shows(c, file, "const BITS_PER_LEVEL: usize = 6;")?;
        shows(
            c,
            file,
            "const MAX_DURATION: u64 = 1 << (BITS_PER_LEVEL * NUM_LEVELS);",
        )
    });
}
