//! What `just check lesson-09` holds your program to.
//!
//! The checks stand in modules, a file for each story, in the order in which they are judged: the
//! order in which a reactor grows. Those of `program` judge the echo server from outside, all
//! others your functions, in a process of their own: there they play the other end of the
//! connection, and the task.
//!
//! # Hint: this check stops and continues your program
//! The call that waits for events has failed with the kind Interrupted, and that ended your
//! program. It means that the sleep is over, and that nothing has happened. What would you do if
//! the call had returned without an event?
//!
//! # Hint: panicked at
//! A panic names its place, and it stands under *saw*. Which value was `None` or `Err` there, or
//! which index was out of range? Can that happen with clients that do nothing wrong?

#[path = "grade/bell.rs"]
mod bell;

#[path = "grade/interruptions.rs"]
mod interruptions;

#[path = "grade/timeouts.rs"]
mod timeouts;

#[path = "grade/sources.rs"]
mod sources;

#[path = "grade/wakes.rs"]
mod wakes;

#[path = "grade/context.rs"]
mod context;

#[path = "grade/turns.rs"]
mod turns;

#[path = "grade/readiness.rs"]
mod readiness;

#[path = "grade/gaps.rs"]
mod gaps;

#[path = "grade/goodbyes.rs"]
mod goodbyes;

#[path = "grade/errors.rs"]
mod errors;

#[path = "grade/tokens.rs"]
mod tokens;

#[path = "grade/leaving.rs"]
mod leaving;

#[path = "grade/locks.rs"]
mod locks;

#[path = "grade/registering.rs"]
mod registering;

#[path = "grade/background.rs"]
mod background;

#[path = "grade/ending.rs"]
mod ending;

#[path = "grade/program.rs"]
mod program;

// What the stories are told with.
#[path = "grade/moment.rs"]
mod moment;
#[path = "grade/refusals.rs"]
mod refusals;
#[path = "grade/task.rs"]
mod task;
#[path = "grade/turning.rs"]
mod turning;
#[path = "grade/wire.rs"]
mod wire;
