//! The handle, and the stack of those that this thread has entered.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};

use mio::{Registry, Token};

use crate::slab::Slab;

/// The bell's: a generation that no place ever has.
pub(crate) const BELL: Token = Token(0);

thread_local! {
    static ENTERED: RefCell<Vec<Handle>> = const { RefCell::new(Vec::new()) };
}

/// A reactor, to everybody but the one who turns it.
#[derive(Clone, Debug)]
pub struct Handle(pub(crate) Arc<Shared>);

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) registry: Registry,
    pub(crate) bell: mio::Waker,
    slab: Mutex<Slab>,
}

/// A thread's stay in a context.
#[derive(Debug)]
#[must_use = "the context is left when this is dropped"]
pub struct Entered(Rc<()>);

impl Handle {
    pub(crate) fn new(registry: &Registry) -> io::Result<Self> {
        Ok(Self(Arc::new(Shared {
            registry: registry.try_clone()?,
            bell: mio::Waker::new(registry, BELL)?,
            slab: Mutex::default(),
        })))
    }

    /// The innermost context of this thread.
    ///
    /// # Errors
    /// When there is none.
    pub fn current() -> io::Result<Self> {
        let innermost = ENTERED.with_borrow(|entered| entered.last().cloned());
        innermost.ok_or_else(|| io::Error::other("no reactor was entered on this thread"))
    }

    /// Enters this reactor's context.
    pub fn enter(&self) -> Entered {
        ENTERED.with_borrow_mut(|entered| entered.push(self.clone()));
        Entered(Rc::new(()))
    }

    /// Ends a turn.
    pub fn unpark(&self) {
        self.0.bell.wake().expect("an eventfd can be written to");
    }

    /// A waker that ends a turn.
    #[must_use]
    pub fn bell(&self) -> Waker {
        Waker::from(Arc::new(Bell(self.clone())))
    }

    /// Ends the reactor.
    pub fn shutdown(&self) {
        let words = self.slab().end();
        self.unpark();
        // All words first: a task that is woken may look at any of them.
        let wakers: Vec<Waker> = words.iter().flat_map(|word| word.shut()).collect();
        wakers.into_iter().for_each(Waker::wake);
    }

    pub(crate) fn slab(&self) -> MutexGuard<'_, Slab> {
        self.0.slab.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Bell(Handle);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let left = ENTERED.with_borrow_mut(Vec::pop);
        drop(left);
    }
}

pub(crate) fn over() -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, "this reactor has ended")
}
