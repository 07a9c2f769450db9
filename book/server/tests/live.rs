//! The live book, asked as a browser asks it, on a scratch copy of the course with two tiny
//! lessons.

#[path = "live/chapter.rs"]
mod chapter;
#[path = "../../../lessons/course/tests/cli/checkout.rs"]
mod checkout;
#[path = "live/entry.rs"]
mod entry;
#[path = "live/grading.rs"]
mod grading;
#[path = "live/host_check.rs"]
mod host_check;
#[path = "live/reading.rs"]
mod reading;
#[path = "live/server.rs"]
mod server;
