//! The book.
#![forbid(unsafe_code)]

fn main() {}
