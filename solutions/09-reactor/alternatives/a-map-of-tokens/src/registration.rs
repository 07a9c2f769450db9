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
        let (token, io) = handle.switchboard().add()?;
        // In this order: the first event may come before `register` has returned,
        // and has to find its source.
        if let Err(error) = handle.registry().register(&mut source, token, interest) {
            handle.switchboard().remove(token);
            return Err(error);
        }
        Ok(Self {
            source: Some(source),
            token,
            io,
            handle,
        })
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
        self.io.poll_ready(cx, direction)
    }

    /// Takes back what a `poll_ready` has said, because a try after it was refused. What has
    /// happened since that poll stays, and so does an end: it is ready for good.
    pub fn clear(&self, tick: Tick) {
        self.io.clear(tick);
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
        loop {
            let tick = task::ready!(self.poll_ready(cx, direction))?;
            match io(self.get_ref()) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.clear(tick),
                answer => return Poll::Ready(answer),
            }
        }
    }

    /// Gives the source back, no longer registered: it can be registered elsewhere.
    ///
    /// # Errors
    /// When the kernel refuses to forget it.
    pub fn into_inner(mut self) -> io::Result<S> {
        let mut source = self.source.take().expect("it is taken out once");
        self.deregister(&mut source)?;
        Ok(source)
    }
}

impl<S: Source> Registration<S> {
    /// Makes the kernel and the reactor forget the source.
    fn deregister(&self, source: &mut S) -> io::Result<()> {
        let forgotten = self.handle.registry().deregister(source);
        self.handle.switchboard().remove(self.token);
        forgotten
    }
}

impl<S: Source> Drop for Registration<S> {
    fn drop(&mut self) {
        if let Some(mut source) = self.source.take() {
            // Nobody is left to tell; and a source that is closed is forgotten by the kernel
            // anyway.
            let _ = self.deregister(&mut source);
        }
    }
}
