//! A registration: a source, the kernel's and the reactor's knowledge of it, and
//! the polls that wait for it.
//!
//! Invariant: while it lives, the reactor knows its source, and so does the kernel. When
//! it has gone, neither does.

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::task::{self, Context, Poll};

use mio::event::Source;
use mio::{Interest, Token};

use crate::handle::Handle;
use crate::readiness::{Direction, Tick};
use crate::scheduled_io::ScheduledIo;

/// A source that can be waited for: a socket of mio's, or anything else that it can register.
///
/// Any number of tasks may hold it, on any threads. One of them can wait for each
/// direction: of several, the latest.
///
/// tokio 1.54: `src/runtime/io/registration.rs`, `Registration`, and
/// `src/io/poll_evented.rs`, `PollEvented`
#[derive(Debug)]
pub struct Registration<S: Source> {
    /// `None` only between `into_inner` and the drop that follows.
    source: Option<S>,
    token: Token,
    /// Shared with the reactor, which holds it as well, and has to be told
    /// when this comes to its end.
    io: Arc<ScheduledIo>,
    handle: Handle,
}

impl<S: Source> Registration<S> {
    /// Registers a source with the reactor of this thread's context. The source must not block.
    ///
    /// # Errors
    /// When there is no reactor or it has ended, and when the kernel refuses.
    pub fn new(mut source: S, interest: Interest) -> io::Result<Self> {
        let handle = Handle::current()?;
        todo!("make it known to the reactor and to the kernel; what if the kernel refuses?")
    }

    /// The source itself, for what needs no readiness.
    ///
    /// # Panics
    /// Never: only what consumes the registration takes the source out.
    pub fn get_ref(&self) -> &S {
        self.source
            .as_ref()
            .expect("only `into_inner` takes it out")
    }

    /// Whether it is worth a try. If not, the waker of `cx` is called when it is; of several wakers
    /// for one direction, the latest.
    ///
    /// The tick is for [`clear`](Self::clear), should the try be refused.
    ///
    /// # Errors
    /// When the reactor has ended, even if something is ready.
    pub fn poll_ready(&self, cx: &mut Context<'_>, direction: Direction) -> Poll<io::Result<Tick>> {
        todo!("look, and leave the waker if there is nothing; an event may come at any moment")
    }

    /// Takes back what a `poll_ready` has said, because a try after it was refused. What has
    /// happened since that poll stays, and so does an end: it is ready for good.
    pub fn clear(&self, tick: Tick) {
        todo!("the direction is not ready any more, if nothing has happened since")
    }

    /// Tries `io` when it is worth it, and again for as long as it is; pending when it was refused
    /// and nothing has happened since. What `io` returns, unless it is WouldBlock, is returned.
    ///
    /// # Errors
    /// As `poll_ready`; otherwise what `io` returns.
    pub fn poll_io<R>(
        &self,
        cx: &mut Context<'_>,
        direction: Direction,
        mut io: impl FnMut(&S) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        todo!("try when it is ready; when it is refused, it was not")
    }

    /// Gives the source back, no longer registered: it can be registered elsewhere.
    ///
    /// # Errors
    /// When the kernel refuses to forget it.
    pub fn into_inner(mut self) -> io::Result<S> {
        todo!("take the source out, and see to it that nobody knows it any more")
    }
}

// what is left of it when it is dropped
