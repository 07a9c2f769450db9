//! What a parker is made of, in one place so that a model can put its own there: locks, atomics (`atomic`), and `std`'s
//! own parking (`thread`). Take what yours needs.
#![allow(unused_imports, reason = "no parker needs all of it")]

pub(crate) use std::sync::{Condvar, Mutex, PoisonError, atomic};
pub(crate) use std::thread;
