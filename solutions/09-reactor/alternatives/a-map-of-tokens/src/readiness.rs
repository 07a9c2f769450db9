//! What is asked of a registration, and what it answers with: a direction, and a tick.

/// One of the two things that a task can wait for at a source. Each has a
/// readiness and a waker of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Bytes, a connection, or the other end's goodbye.
    Read,
    /// Room for bytes, or a connection that is made.
    Write,
}

/// When a direction was seen ready: the number of its latest event at that moment.
///
/// It is what a clear has to show. Nobody outside needs to look into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
    /// The direction that was asked for.
    pub(crate) direction: Direction,
    /// How many events this direction had had by then.
    pub(crate) number: u64,
}
