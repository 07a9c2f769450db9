//! What those need who write lessons: new ones, wrong programs, second right ones, and the course's
//! checks of itself.

pub mod alternatives;
pub mod mistakes;
pub mod new_lesson;
pub mod selfcheck;
pub mod todos;
