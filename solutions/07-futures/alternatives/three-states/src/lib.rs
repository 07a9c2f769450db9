//! Lesson 07, built differently: a parker of three states, as tokio's, which a thread keeps for its
//! next future, and a delay that sends its wakers through a channel.
//!
//! Invariant: an executor and a future know nothing of each other but `Poll` and `Waker`. Each of
//! these files could be replaced by a stranger's.
#![forbid(unsafe_code)]

mod block_on;
mod delay;
#[cfg(feature = "model")]
pub mod model;
mod parker;
mod sync;
mod yield_now;

pub use block_on::block_on;
pub use delay::Delay;
pub use parker::Parker;
pub use yield_now::YieldNow;
