//! The locks that the parker is made of, in one place so that a model can put others there.

pub(crate) use std::sync::{Condvar, Mutex, PoisonError};
