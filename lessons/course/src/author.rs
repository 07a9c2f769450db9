//! What those need who write lessons: wrong programs, second right ones, and the course's checks of
//! itself.

pub mod alternatives;
pub mod mistakes;
pub mod selfcheck;
