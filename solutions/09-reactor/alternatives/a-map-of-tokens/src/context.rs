//! The context: which reactor the code on this thread registers with.
//!
//! There is none until somebody enters one. A global to fall back on would start a thread behind
//! everybody's back, and let two runtimes mix by accident.

use std::cell::RefCell;
use std::io;
use std::marker::PhantomData;
use std::rc::Rc;

use crate::handle::Handle;

thread_local! {
    /// Of the innermost guard that is alive on this thread.
    static CURRENT: RefCell<Option<Handle>> = const { RefCell::new(None) };
}

/// A thread's stay in a reactor's context: from [`Handle::enter`] until it is dropped.
#[derive(Debug)]
#[must_use = "the context is left when this is dropped"]
pub struct Entered {
    /// The context around this one; taken by the drop.
    outer: Option<Handle>,
    /// It belongs to the thread that has entered.
    here: PhantomData<Rc<()>>,
}

impl Handle {
    /// The reactor whose context this thread is in.
    ///
    /// # Errors
    /// `NotFound`, when it is in none.
    pub fn current() -> io::Result<Self> {
        CURRENT.with_borrow(Clone::clone).ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::NotFound,
                "there is no reactor on this thread: enter one with `Handle::enter` first",
            )
        })
    }

    /// Enters the context of this reactor: what is registered on this thread is registered here,
    /// until the guard is dropped. Contexts nest; leave the inner one first.
    pub fn enter(&self) -> Entered {
        Entered {
            outer: CURRENT.replace(Some(self.clone())),
            here: PhantomData,
        }
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(self.outer.take());
    }
}
