//! How long the experiments `elsewhere` and `outlive` hear their client out: for a second, or for
//! as long as it takes.

use std::time::{Duration, Instant};

use grader::{Checked, Explain, Program};

/// A second takes at least so long, by any clock.
const NEARLY_A_SECOND: Duration = Duration::from_millis(900);
/// Who hears out for as long as it takes sleeps for days at a time, and not for this short.
const SOON: Duration = Duration::from_secs(2);

/// The client that connected after `before` was heard out for a second, and has said nothing.
pub(crate) fn was_a_second(program: &Program, before: Instant) -> Checked {
    let heard_out = before.elapsed();
    if heard_out >= NEARLY_A_SECOND {
        return Ok(());
    }
    let saw = format!(
        "`undriven: timed out`, {} ms after the client had begun to connect",
        heard_out.as_millis()
    );
    Err(program.red(saw).explain(
        "nothing is heard for as long as `A_SECOND`",
        "what is to be seen is that bytes which have arrived are not heard, however long one waits. After a few milliseconds \
         nobody could tell that from bytes that are late",
        "the patience of the first `hear_out`",
    ))
}

/// No thread that sleeps in an epoll instance, but for those in that of `home`, gives up soon.
pub(crate) fn is_for_good(program: &Program, home: Option<i32>, label: &str) -> Checked {
    program.owes(|| program.asleep());
    let instances = program.epoll_instances();
    let of_home = |descriptors: &[i32]| home.is_some_and(|fd| descriptors.contains(&fd));
    let away = instances.iter().filter(|i| !of_home(&i.descriptors));
    let sleepers: Vec<i32> = away.flat_map(|i| i.sleepers.iter().copied()).collect();
    let threads = program.threads().into_iter();
    let mut time_outs = threads
        .filter(|thread| sleepers.contains(&thread.id))
        .filter_map(|thread| thread.time_out);
    let Some(time_out) = time_outs.find(|time_out| *time_out < SOON) else {
        return Ok(());
    };
    let saw = format!(
        "the thread that hears the client out sleeps in epoll_wait for {} ms at most",
        time_out.as_millis()
    );
    Err(program.red(saw).explain(
        &format!("`{label}` is heard out `FOR_GOOD`: until the client says goodbye, however long it is silent"),
        "a client that says nothing for a while has not left. A patience of a second ends the program before its time, and \
         nobody notices as long as the client is quick",
        "the patience of the second `hear_out`",
    ))
}
