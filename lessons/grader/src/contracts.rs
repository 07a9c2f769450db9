//! Contracts that several lessons share: one function for each sentence, called by the graders of
//! these lessons.

pub mod amounts;
pub mod departures;
pub mod echo;
pub mod fd_exhaustion;
pub mod memory;
pub mod reading;
pub mod rest;
