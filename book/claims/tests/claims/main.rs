//! The claims, a module for each subject. `just claim` lists them; `just claim NAME` runs one.

mod edges;
mod files;
mod inside_tokio;
mod reactor;
mod readiness;
mod registrations;
mod runtimes;
mod schedulers;
mod sockets;
mod source_text;
mod timers;
mod turns;
