//! Processes, locks, threads and files, as the course uses them.

pub mod file_watcher;
pub mod in_order;
pub mod lock;
pub mod process;
