//! What the sleep of the loop is made of, in one place so that a model can put its own there.

pub(crate) use std::sync::atomic;
