//! The claims, a module for each subject. `just claim` lists them; `just claim NAME` runs one.

mod blocking;
mod budget;
mod closed;
mod deadlines;
mod edges;
mod ends;
mod files;
mod listeners;
mod reactor;
mod readiness;
mod registrations;
mod runtimes;
mod schedulers;
mod sockets;
mod source_text;
mod ticks;
mod timers;
mod turns;
mod waiters;
mod workers;
