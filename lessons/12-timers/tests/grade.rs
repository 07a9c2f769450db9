//! What `just check lesson-12` holds your library and your program to.
//!
//! Most checks call your functions directly, in a process of their own. The wheel is told what time
//! it is; the timers have a clock, and are fired by hand. The checks stand in modules, in the order
//! in which they are judged.
//!
//! # Hint: panicked at
//! A panic names its place, and it stands under *saw*. Which value was `None` there, which index
//! out of range, or which number too large to be added to?

#[path = "grade/order.rs"]
mod order;

#[path = "grade/rings.rs"]
mod rings;

#[path = "grade/cancelling.rs"]
mod cancelling;

#[path = "grade/sleeps.rs"]
mod sleeps;

#[path = "grade/futures.rs"]
mod futures;

#[path = "grade/intervals.rs"]
mod intervals;

#[path = "grade/bell.rs"]
mod bell;

#[path = "grade/locks.rs"]
mod locks;

#[path = "grade/costs.rs"]
mod costs;

#[path = "grade/program.rs"]
mod program;

// What the stories are told with.
#[path = "grade/by_hand.rs"]
mod by_hand;
#[path = "grade/oracle.rs"]
mod oracle;
