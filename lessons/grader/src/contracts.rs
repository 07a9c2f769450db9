//! What several lessons owe alike: one function for each sentence of such a contract, called by their graders.

pub mod echo;
pub mod fd_exhaustion;
pub mod reading;
