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

/// A worker looks at the inject queue also while its own is not empty: after as many ticks as take
/// about 200 µs, measured all the while, and at least 2 and at most 127.
#[test]
fn a_worker_tunes_how_often_it_looks_at_the_inject_queue() {
    claim_of_text(|c| {
        let file = "src/runtime/scheduler/multi_thread/stats.rs";
        shows(c, file, "TARGET_GLOBAL_QUEUE_INTERVAL: f64 =")?;
        shows(
            c,
            file,
            "MAX_TASKS_POLLED_PER_GLOBAL_QUEUE_INTERVAL: u32 = 127;",
        )?;
        shows(
            c,
            file,
            "TARGET_TASKS_POLLED_PER_GLOBAL_QUEUE_INTERVAL: u32 = 61;",
        )?;
        shows(c, file, ".clamp(")
    });
}
