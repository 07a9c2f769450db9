//! The one way through a lock that a panic has left behind.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks `mutex`, also after a thread that held it has panicked: nothing here is held while it is half changed, so what it
/// guards is as good as it was.
pub fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
