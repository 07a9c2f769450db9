//! What the kernel says of a program, read from `/proc` and asked over netlink: no file of the program is trusted, no word of it believed.
//!
//! Everything here is a snapshot, old when it is returned; [`crate::reach`] looks until a snapshot shows what is
//! waited for.

pub mod epoll;
pub mod files;
pub mod machine;
pub mod poll;
pub mod process;
pub mod rlimit;
mod sock_diag;
pub mod tcp;
pub mod threads;
