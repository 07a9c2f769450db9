//! The one way through a mutex, also through one that a panic has poisoned.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks `mutex`, also after a thread that held it has panicked: the kit never panics while a
/// guarded value is half changed, so the value is still valid.
pub fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
