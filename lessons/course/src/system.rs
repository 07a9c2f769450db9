//! The course's use of the system: processes, locks, threads, and watching files.

pub mod file_watcher;
pub mod in_order;
pub mod lock;
pub mod process;
