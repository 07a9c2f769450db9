//! A source and its word.

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::task::{Context, Poll};

use mio::event::Source;
use mio::{Interest, Token};

use crate::context::{Handle, over};
use crate::word::{SHUT, Word};

/// What to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To read, or to accept.
    Read,
    /// To write, or to be connected.
    Write,
}

/// When a direction was ready.
#[derive(Clone, Copy, Debug)]
pub struct Tick(Direction, u64);

/// A source that can be waited for.
#[derive(Debug)]
pub struct Registration<S: Source> {
    source: Option<S>,
    ticket: Ticket,
}

/// What the reactor knows of it.
#[derive(Debug)]
struct Ticket {
    token: Token,
    word: Arc<Word>,
    handle: Handle,
}

impl Ticket {
    fn forget(&self) {
        let word = self.handle.slab().remove(self.token);
        drop(word);
    }
}

impl<S: Source> Registration<S> {
    /// Registers with the current reactor.
    ///
    /// # Errors
    /// When there is none, or the kernel refuses.
    pub fn new(mut source: S, interest: Interest) -> io::Result<Self> {
        let handle = Handle::current()?;
        let word = Arc::new(Word::default());
        let token = {
            let mut slab = handle.slab();
            if slab.shut {
                return Err(over());
            }
            slab.insert(Arc::clone(&word))
        };
        let ticket = Ticket {
            token,
            word,
            handle,
        };
        let registry = &ticket.handle.0.registry;
        let registered = registry.register(&mut source, token, interest);
        if let Err(error) = registered {
            ticket.forget();
            return Err(error);
        }
        Ok(Self {
            source: Some(source),
            ticket,
        })
    }

    /// The source.
    pub fn get_ref(&self) -> &S {
        self.source.as_ref().expect("it is there until the end")
    }

    /// Looks, leaves the waker, and looks again.
    ///
    /// # Errors
    /// When the reactor has ended.
    pub fn poll_ready(&self, cx: &mut Context<'_>, direction: Direction) -> Poll<io::Result<Tick>> {
        let word = &self.ticket.word;
        let look = || {
            let bits = word.load();
            match bits & SHUT {
                0 if Word::is_ready(bits, direction) => {
                    Poll::Ready(Ok(Tick(direction, Word::tick(bits))))
                }
                0 => Poll::Pending,
                _ => Poll::Ready(Err(over())),
            }
        };
        let first = look();
        if first.is_ready() {
            return first;
        }
        let earlier = word.leave(direction, Some(cx.waker().clone()));
        drop(earlier);
        look()
    }

    /// Takes back what was seen.
    pub fn clear(&self, Tick(direction, tick): Tick) {
        self.ticket.word.clear(direction, tick);
    }

    /// Tries until it is refused and nothing has happened since.
    ///
    /// # Errors
    /// As `poll_ready`, and as `io`.
    pub fn poll_io<R>(
        &self,
        cx: &mut Context<'_>,
        direction: Direction,
        mut io: impl FnMut(&S) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        loop {
            let tick = match self.poll_ready(cx, direction) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Ready(Ok(tick)) => tick,
            };
            let answer = io(self.get_ref());
            let refused = |error: &io::Error| error.kind() == ErrorKind::WouldBlock;
            if !answer.as_ref().is_err_and(refused) {
                return Poll::Ready(answer);
            }
            self.clear(tick);
        }
    }

    /// Gives the source back.
    ///
    /// # Errors
    /// When the kernel does not forget it.
    pub fn into_inner(mut self) -> io::Result<S> {
        self.end().expect("it is there until the end")
    }

    fn end(&mut self) -> Option<io::Result<S>> {
        let mut source = self.source.take()?;
        self.ticket.forget();
        let registry = &self.ticket.handle.0.registry;
        Some(registry.deregister(&mut source).map(|()| source))
    }
}

impl<S: Source> Drop for Registration<S> {
    fn drop(&mut self) {
        drop(self.end());
    }
}
