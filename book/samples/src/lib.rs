//! What several samples share.
#![forbid(unsafe_code)]

pub mod word;
