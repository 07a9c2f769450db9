//! The switchboard: which token means which source.
//!
//! Invariant: a token means one source for as long as the reactor lives. When the source has gone,
//! its token means nothing, and never anything else.

use std::collections::HashMap;
use std::io;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use mio::Token;

use crate::handle;
use crate::scheduled_io::ScheduledIo;

/// The token of the bell. Sources have others.
pub(crate) const BELL: Token = Token(0);

/// Every source that is registered.
#[derive(Debug, Default)]
pub(crate) struct Switchboard {
    lines: Mutex<Lines>,
}

#[derive(Debug, Default)]
struct Lines {
    /// How many tokens were handed out: the latest one's number. Counted up only. At a million
    /// registrations a second it takes half a million years to come round.
    tokens: usize,
    /// The sources that are registered now.
    sources: HashMap<Token, Arc<ScheduledIo>>,
    /// Whether the reactor has ended. Set once; from then on no source is taken.
    shut_down: bool,
}

impl Switchboard {
    /// Takes a new source, which gets a token that nothing has had before.
    pub(crate) fn add(&self) -> io::Result<(Token, Arc<ScheduledIo>)> {
        let io = Arc::new(ScheduledIo::default());
        let mut lines = self.lock();
        if lines.shut_down {
            return Err(handle::shut_down());
        }
        lines.tokens += 1;
        let token = Token(lines.tokens);
        lines.sources.insert(token, Arc::clone(&io));
        Ok((token, io))
    }

    /// The source that a token means, if there still is one.
    pub(crate) fn find(&self, token: Token) -> Option<Arc<ScheduledIo>> {
        self.lock().sources.get(&token).cloned()
    }

    /// Forgets a source.
    pub(crate) fn remove(&self, token: Token) {
        let removed = self.lock().sources.remove(&token);
        // With it goes whatever waker is still in it: not under the lock.
        drop(removed);
    }

    /// Whether the reactor has ended.
    pub(crate) fn is_shut_down(&self) -> bool {
        self.lock().shut_down
    }

    /// Takes no more sources, and ends those that there are; then wakes
    /// whoever waits for one of them.
    pub(crate) fn shut_down(&self) {
        let sources = {
            let mut lines = self.lock();
            lines.shut_down = true;
            mem::take(&mut lines.sources)
        };
        // All of them first: whoever is woken looks at once, and not only at the
        // source that he waits for.
        let wakers: Vec<_> = sources.values().map(|io| io.shut_down()).collect();
        wakers.into_iter().flatten().flatten().for_each(Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
