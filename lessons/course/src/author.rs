//! For authors of lessons: wrong programs, alternative correct solutions, and the course's checks
//! of itself.

pub mod alternatives;
pub mod mistakes;
pub mod selfcheck;
