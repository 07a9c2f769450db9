//! What the kernel shows of a program, read from `/proc` and asked over netlink. Nothing here
//! relies on what the program prints or writes to files.
//!
//! Invariant: everything here is a snapshot, and old when it is returned; [`crate::reach()`] looks
//! again until a snapshot shows the awaited state.

pub mod epoll;
pub mod files;
pub mod machine;
pub mod poll;
pub mod process;
pub mod rlimit;
mod sock_diag;
mod socket;
pub mod tcp;
pub mod threads;
