//! The claims, a module for each subject. `just claim` lists them; `just claim NAME` runs one.

mod inside_tokio;
mod reactor;
mod registrations;
mod tokio_echo;
