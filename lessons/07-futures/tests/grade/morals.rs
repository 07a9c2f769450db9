//! What is to be learned from a story that ended badly.

use grader::Explanation;
use grader::model::Ending;

pub(super) const EXPECTED: &str =
    "in every order of steps, each `park` ends with a call, and no call is lost";

/// Of a story whose threads park without a time-out.
pub(super) fn moral(ending: &Ending) -> Explanation {
    let (expected, why, look) = match ending {
        Ending::Unheard => (
            EXPECTED,
            "a call has met nobody asleep, and the sleep has begun all the same. Either the call has left nothing that \
             could be seen; or the look was older than the call: between looking and going to sleep there is a gap, \
             unless a lock covers both, and the caller has to take that lock too",
            "the two lines of the sleeper that have the call between them; and whether the flag can be taken down by \
             somebody who then sleeps",
        ),
        Ending::BackToSleep => (
            EXPECTED,
            "the call came through, and the one it woke saw no reason to stay awake: what a call leaves behind was not \
             there yet, or somebody had taken it already. Nobody calls a second time",
            "which comes first in `unpark`, the flag or the bell; and who takes the flag down",
        ),
        Ending::Silent => (
            EXPECTED,
            "a sleeper has to be woken, and that somebody was woken earlier does not help it now. The last caller rang \
             nothing: it took the sleeper to be awake, or another call had taken away what it would have woken the \
             sleeper by",
            "what your `unpark` wakes the sleeper by: who takes that out, and whether the sleeper puts it back before \
             each sleep",
        ),
        Ending::Hidden => (
            "whoever returns from `park` sees all that was done before the `unpark` that ended it",
            "a flag that is set without Release, or read without Acquire, tells that something has happened and carries \
             nothing with it: on some machines the news arrives later than the flag",
            "the orderings on the two sides of your flag: Release where it is set, even where it was set already; \
             Acquire where it is taken",
        ),
        Ending::Uncalled => (
            EXPECTED,
            "a sleeper does not see that a flag has changed: it has to be woken. In this order the caller did not do \
             that, because it took the sleeper to be awake, or because it never does; and the sleeper's last look is \
             older than the flag",
            "what has to hold before your `unpark` rings; and between which two lines of `park` the call came",
        ),
        Ending::Locked { .. } => (
            "nobody keeps a lock while it waits for something else",
            "a lock that is held during a wait for another one, or while the same one is locked again, is never given \
             up. The sleep in a condition variable gives up the one guard it was handed, and no other",
            "where the guard that this line waits for is dropped",
        ),
        Ending::Endless => (
            "a thread that nobody has called sleeps",
            "it asks again and again, and nothing tells it to wait for the answer. The model runs one thread at a \
             time: a thread that never sleeps never lets the caller run",
            "the loop whose steps the story repeats",
        ),
        Ending::Broken(_) => (
            "each `park` ends with a call, and with nothing else",
            "a sleep may end for no reason, and then nobody has called. Only what the call has left behind says that \
             there was one",
            "what your `park` does when its sleep has ended",
        ),
        Ending::Unseen => (
            EXPECTED,
            "the model tries every order of the steps that it knows, and it knows those of its own locks, atomics and \
             threads. It has met none of them, so nothing was tried",
            "where your parker takes what it waits with: `super::sync` is the place",
        ),
    };
    Explanation {
        expected,
        why,
        look,
    }
}

/// Of a story in which the time may pass.
pub(super) fn moral_of_a_time_out(ending: &Ending) -> Explanation {
    match ending {
        Ending::Unheard | Ending::BackToSleep | Ending::Silent => Explanation {
            expected: "a call that meets the end of the time is told, by `true`, or stays for the next park",
            why: "whether the time has passed and whether somebody has called are two questions, and both can be answered \
                  with yes. Whoever says `false` because the time was over, and takes the flag down all the same, has taken \
                  a call and told nobody",
            look: "what your `park_timeout` asks when its sleep has ended, the clock or the flag; and who takes the flag \
                   down before it returns `false`",
        },
        Ending::Broken(_) => Explanation {
            expected: "`park_timeout` returns `true` for a call, once, and a park after that waits for another call",
            why: "a sleep ends because somebody has called, because the time has passed, or for no reason. Only the flag \
                  says which it was, and only one that is taken down says it once",
            look: "what the answer of your `park_timeout` is made from, and what becomes of the flag where it is `true`",
        },
        other => moral(other),
    }
}
