//! What tokio says when it panics, and what it means by it.

use grader::{Checked, Explain, Seen};

/// Words of a panic, what they mean, and where to look.
const PANICS: [(&str, &str, &str); 8] = [
    (
        "there is no reactor running",
        "“no reactor running” says that something of tokio's was made where no runtime is known: a socket, a timer, a \
         task. One is known inside of `block_on`, in a task, and while a guard of `enter()` lives; what you give to \
         `block_on` as an argument is made before it begins",
        "what is made at the place that the panic names, and in whose context",
    ),
    (
        "Cannot start a runtime from within a runtime",
        "“from within a runtime” says that this thread is in a `block_on` already, or runs a task. It polls one \
         runtime's future, and would have to sleep in the other's; a thread can be in one `block_on` at a time",
        "which `block_on` stands inside another, and which thread could make the second call",
    ),
    (
        "can call blocking only when running on the multi-threaded",
        "“only when running on the multi-threaded runtime” is said by `block_in_place`. It makes its thread a thread \
         that may sleep, because another one goes on as the worker in its place. A current-thread runtime has no \
         workers",
        "what you use to make a blocking call, and what the flavor of this runtime leaves you",
    ),
    (
        "Registering a blocking socket",
        "“a blocking socket” says that `from_std` was given one whose reads sleep. `into_std` returns a socket as it \
         is, which is non-blocking, and tokio needs it so: otherwise a read sleeps in the kernel and not in the \
         runtime",
        "what you did to the socket between `into_std` and `from_std`",
    ),
    (
        "Cannot drop a runtime in a context",
        "a runtime that is dropped waits for the threads of its pool, so it cannot be dropped where nothing may block: \
         in a future, on a thread that polls",
        "where the runtime is dropped, or the last thing that owns it",
    ),
    (
        "IO is disabled",
        "there is a context, and its runtime was built without the I/O driver: there is nowhere to register a socket",
        "what `build` makes of the drivers that it is given",
    ),
    (
        "timers are disabled",
        "there is a context, and its runtime was built without timers. A `timeout` needs one, and so does a `sleep`",
        "what `build` makes of the drivers that it is given",
    ),
    (
        "",
        "a panic ends the task or the thread that it happens in (if that is the main thread, the program), and what \
         that owned is dropped. In a task the runtime catches it, and everything else goes on: what it says is all \
         that is heard of it",
        "the place that the panic names, and what it says",
    ),
];

/// The panics of a program that stands on tokio.
pub(crate) trait ExplainPanics: Sized {
    /// Where the program has told of a panic, says what the panic means, whatever else was seen.
    fn or_panicked(self) -> Self;
}

impl<T> ExplainPanics for Checked<T> {
    fn or_panicked(self) -> Self {
        let explained = |checked: Self, (words, why, look): &(&str, &str, &str)| {
            checked.explain_when(Seen::Panic(words), why, look)
        };
        PANICS.iter().fold(self, explained)
    }
}
