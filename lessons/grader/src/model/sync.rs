//! The types that a parker can be made of, as the model of threads provides them: `std::sync`'s
//! lock and condition variable, its [`atomic`] types, park and unpark of `std`'s [`thread`], and
//! the clock, [`Instant`].
//!
//! Invariant: before each of their steps the model may switch to another thread, and each step is
//! in the diary.

use std::any::Any;
use std::collections::VecDeque;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex as Unmodelled};
use std::time::Duration;

use crate::mutex::lock;

use loom::sync::Notify;
use loom::sync::atomic::AtomicUsize;

use super::clock::{End, Sleep};
use super::diary;

pub use super::atomic;
pub use super::clock::Instant;
pub use super::park as thread;
pub use std::sync::{LockResult, PoisonError};

/// As `std::sync::Mutex`.
#[derive(Default)]
pub struct Mutex<T> {
    inner: loom::sync::Mutex<T>,
}

/// As `std::sync::MutexGuard`.
pub struct MutexGuard<'a, T: 'static> {
    lock: &'a Mutex<T>,
    /// `None` only while a condition variable has given the lock up.
    inner: Option<loom::sync::MutexGuard<'a, T>>,
    /// The line where it was locked.
    place: &'static Location<'static>,
    /// The value found when it was locked, where [`shown`] can write it.
    found: Option<String>,
}

/// As `std::sync::Condvar`; it may wake a sleeper for no reason. A thread that is woken sees what
/// came before the notify, which in `std` only the lock promises.
#[derive(Default)]
pub struct Condvar {
    /// Counted up before each wait and notify. That is a step of the model, so the model tries both
    /// orders of two threads that meet here.
    turn: AtomicUsize,
    /// One for each thread that sleeps here, the first to be woken first. A sleeper adds itself; a
    /// notify, or another end of its sleep, removes it. Never locked across a step of the model.
    sleepers: Unmodelled<VecDeque<Arc<Notify>>>,
}

/// As `std::sync::WaitTimeoutResult`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitTimeoutResult(bool);

impl<T: 'static> Mutex<T> {
    /// A lock that is not held.
    pub fn new(value: T) -> Self {
        Self {
            inner: loom::sync::Mutex::new(value),
        }
    }

    /// Waits until no other thread holds the lock, and takes it.
    ///
    /// # Errors
    /// Never: in a model, a panic ends everything.
    #[track_caller]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        let guard = self.take(Location::caller());
        diary::note_at(format!("locks{}", guard.finds()), guard.place);
        Ok(guard)
    }

    fn take(&self, place: &'static Location<'static>) -> MutexGuard<'_, T> {
        let inner = diary::at_lock(place, || self.inner.lock());
        let inner = inner.expect("a model's lock is never poisoned");
        MutexGuard {
            lock: self,
            found: shown(&*inner),
            inner: Some(inner),
            place,
        }
    }
}

impl<T: 'static> MutexGuard<'_, T> {
    /// `, finds true`, where the value can be written.
    fn finds(&self) -> String {
        self.found
            .as_ref()
            .map_or(String::new(), |found| format!(", finds {found}"))
    }

    /// `sets it to true and `, when it was changed.
    fn leaves(&self) -> String {
        match shown(&**self) {
            left if left == self.found => String::new(),
            left => format!("sets it to {} and ", left.unwrap_or_default()),
        }
    }
}

/// The value in one word, for the types that have one.
fn shown<T: 'static>(value: &T) -> Option<String> {
    let value = value as &dyn Any;
    let told = value.downcast_ref::<bool>().map(bool::to_string);
    told.or_else(|| value.downcast_ref::<usize>().map(usize::to_string))
        .or_else(|| value.downcast_ref::<u32>().map(u32::to_string))
        .or_else(|| value.downcast_ref::<u8>().map(u8::to_string))
        .or_else(|| value.downcast_ref::<i32>().map(i32::to_string))
}

impl<T: 'static> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.inner.as_ref().expect("held while it is in use")
    }
}

impl<T: 'static> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.inner.as_mut().expect("held while it is in use")
    }
}

impl<T: 'static> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        if self.inner.is_some() {
            diary::note_at(format!("{}unlocks", self.leaves()), self.place);
        }
    }
}

impl Condvar {
    /// A condition variable without sleepers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives up the lock and sleeps, in one step; takes the lock again when woken, or for no
    /// reason.
    ///
    /// # Errors
    /// Never: in a model, a panic ends everything.
    #[track_caller]
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        Ok(self.sleep(guard, None, Location::caller()).0)
    }

    /// Waits for as long as `condition` holds.
    ///
    /// # Errors
    /// As [`Condvar::wait`].
    #[track_caller]
    pub fn wait_while<'a, T>(
        &self,
        mut guard: MutexGuard<'a, T>,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> LockResult<MutexGuard<'a, T>> {
        let place = Location::caller();
        while condition(&mut *guard) {
            guard = self.sleep(guard, None, place).0;
        }
        Ok(guard)
    }

    /// As [`Condvar::wait`], where the time may pass: then the clock moves on by `at_most`.
    ///
    /// # Errors
    /// As [`Condvar::wait`].
    #[track_caller]
    pub fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        at_most: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let (guard, is_over) = self.sleep(guard, Some(at_most), Location::caller());
        Ok((guard, WaitTimeoutResult(is_over)))
    }

    /// As [`Condvar::wait_while`], where the time may pass.
    ///
    /// # Errors
    /// As [`Condvar::wait`].
    #[track_caller]
    pub fn wait_timeout_while<'a, T>(
        &self,
        mut guard: MutexGuard<'a, T>,
        at_most: Duration,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let place = Location::caller();
        let mut is_over = false;
        // As in `std`, the last look is younger than the end of the time.
        while condition(&mut *guard) {
            if is_over {
                return Ok((guard, WaitTimeoutResult(true)));
            }
            (guard, is_over) = self.sleep(guard, Some(at_most), place);
        }
        Ok((guard, WaitTimeoutResult(false)))
    }

    /// Wakes one of the threads that sleep here now.
    #[track_caller]
    pub fn notify_one(&self) {
        self.notify(1, Location::caller());
    }

    /// Wakes all threads that sleep here now.
    #[track_caller]
    pub fn notify_all(&self) {
        self.notify(usize::MAX, Location::caller());
    }

    fn notify(&self, most: usize, place: &Location<'_>) {
        self.turn.fetch_add(1, Ordering::Relaxed);
        let woken: Vec<_> = {
            let mut sleepers = self.sleepers();
            let count = most.min(sleepers.len());
            sleepers.drain(..count).collect()
        };
        let told = if woken.is_empty() {
            "notifies: nobody is asleep there"
        } else {
            "notifies, and wakes whoever is asleep there"
        };
        diary::note_call(told, !woken.is_empty(), place);
        for sleeper in woken {
            sleeper.notify();
        }
    }

    /// Returns the guard, and whether the sleep has ended because the time was over.
    fn sleep<'a, T>(
        &self,
        mut guard: MutexGuard<'a, T>,
        at_most: Option<Duration>,
        place: &'static Location<'static>,
    ) -> (MutexGuard<'a, T>, bool) {
        self.turn.fetch_add(1, Ordering::Relaxed);
        // From here to the sleep there is no step, so no other thread comes in between.
        let notify = Arc::new(Notify::new());
        self.sleepers().push_back(Arc::clone(&notify));
        diary::note_at(
            format!("{}gives up the lock and sleeps", guard.leaves()),
            place,
        );
        let lock = guard.lock;
        drop(guard.inner.take());
        let sleep = Sleep::begin(at_most);
        sleep.wait(&notify);
        let mut sleepers = self.sleepers();
        let unheard = sleepers.iter().position(|it| Arc::ptr_eq(it, &notify));
        let end = sleep.end(unheard.is_none());
        unheard.map(|position| sleepers.remove(position));
        drop(sleepers);
        let guard = lock.take(place);
        diary::note_at(format!("{}, locks{}", end.words(), guard.finds()), place);
        (guard, end == End::TimeIsOver)
    }

    fn sleepers(&self) -> std::sync::MutexGuard<'_, VecDeque<Arc<Notify>>> {
        lock(&self.sleepers)
    }
}

impl WaitTimeoutResult {
    /// Whether the sleep has ended because its time was over.
    #[must_use]
    pub fn timed_out(self) -> bool {
        self.0
    }
}

impl<T> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mutex").finish_non_exhaustive()
    }
}

impl<T: fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Condvar").finish_non_exhaustive()
    }
}
