//! `std::sync::atomic`'s types, as the model of threads provides them: before each of their steps
//! the model may switch to another thread, and each step is in the diary.
//!
//! Invariant: no program is red for a run that no machine can have. loom's steps promise less than
//! `std`'s in three places, and there this module takes stronger steps instead:
//!
//! - loom's load with `SeqCst` promises only what `Acquire` does. So this module's is a
//!   read-modify-write that changes nothing, with `Acquire`: it finds the newest value, and
//!   releases nothing of its own.
//! - loom's store has no place in the order of changes until a thread has seen it: a later swap may
//!   miss it, even one under the same lock. So every store is a swap here, which releases where the
//!   store does and acquires nothing.
//! - loom's fence with `SeqCst` is ordered with other such fences only. So this module's also reads
//!   the newest value of each atomic on which a step with `SeqCst` was taken: no load after the
//!   fence finds an older one.
//!
//! The price: some wrong code is green. A swap carries on the releases of earlier stores, which a
//! real store cuts off. A step with `SeqCst` always sees the newest value, even one that a weaker
//! step has stored, so `SeqCst` on one side of two flags seems enough. A fence with `SeqCst`
//! acquires from every other one; a fence with `Acquire` also acquires from values that were only
//! stored over or looked at; and after a fence with `Release` a load with `SeqCst` releases. An
//! exchange that fails finds the newest value, with any ordering, and no exchange fails for no
//! reason. Weaker loads are loom's own, and may find old values.

use std::fmt;
use std::panic::Location;
use std::ptr;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use std::sync::{Arc, Mutex, Weak};

use crate::mutex::lock;

use super::diary;

pub use loom::sync::atomic::Ordering;

/// The atomics on which a step with `SeqCst` was taken in this run. [`begin`] empties it. Never
/// locked across a step of the model.
static IN_ONE_ORDER: Mutex<Vec<Weak<dyn Look>>> = Mutex::new(Vec::new());

/// An atomic, of any type.
trait Look: Send + Sync {
    /// Reads the newest value, so that no later load of this thread finds an older one.
    fn look(&self);
}

/// Forgets the atomics of the previous run.
pub(super) fn begin() {
    in_one_order(Vec::clear);
}

/// As `std::sync::atomic::fence`.
#[track_caller]
pub fn fence(order: Ordering) {
    loom::sync::atomic::fence(order);
    if order == SeqCst {
        for atomic in in_one_order(|atomics| atomics.clone()) {
            if let Some(atomic) = atomic.upgrade() {
                atomic.look();
            }
        }
    }
    told(format!("is at a fence ({order:?})"));
}

fn in_one_order<T>(f: impl FnOnce(&mut Vec<Weak<dyn Look>>) -> T) -> T {
    f(&mut lock(&IN_ONE_ORDER))
}

/// One atomic type, on the model's type of the same name.
macro_rules! atomic {
    ($name:ident $(<$t:ident>)?, $value:ty, $keep:expr, [$($fetch:ident: $leaves:expr),* $(,)?]) => {
        #[doc = concat!("As `std::sync::atomic::", stringify!($name), "`.")]
        pub struct $name$(<$t>)?(Arc<loom::sync::atomic::$name$(<$t>)?>);

        impl$(<$t: 'static>)? Look for loom::sync::atomic::$name$(<$t>)? {
            fn look(&self) {
                let keep: fn(&Self, Ordering) -> $value = $keep;
                keep(self, Relaxed);
            }
        }

        impl$(<$t: 'static>)? $name$(<$t>)? {
            /// Holds `value` to begin with.
            #[must_use]
            #[track_caller]
            pub fn new(value: $value) -> Self {
                Self(Arc::new(loom::sync::atomic::$name::new(value)))
            }

            /// Returns its value.
            #[track_caller]
            pub fn load(&self, order: Ordering) -> $value {
                let found = if order == SeqCst {
                    let keep: fn(&loom::sync::atomic::$name$(<$t>)?, Ordering) -> $value = $keep;
                    keep(self.taken(order), Acquire)
                } else {
                    self.0.load(order)
                };
                told(format!("loads {found:?}"));
                found
            }

            /// Puts `value` in.
            #[track_caller]
            pub fn store(&self, value: $value, order: Ordering) {
                let release = if order == SeqCst { Release } else { order };
                self.taken(order).swap(value, release);
                told(format!("stores {value:?}"));
            }

            /// Puts `value` in, and returns the value that was there.
            #[track_caller]
            pub fn swap(&self, value: $value, order: Ordering) -> $value {
                let found = self.taken(order).swap(value, order);
                told(format!("swaps in {value:?}, finds {found:?}"));
                found
            }

            /// Puts `new` in if it holds `current`.
            ///
            /// # Errors
            /// The value that it holds, if that is another one.
            #[track_caller]
            pub fn compare_exchange(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                let taken = self.taken(if failure == SeqCst { failure } else { success });
                let found = taken.compare_exchange(current, new, success, failure);
                told(match found {
                    Ok(found) => format!("finds {found:?}, swaps in {new:?}"),
                    Err(found) => format!("finds {found:?} and not {current:?}, leaves it so"),
                });
                found
            }

            /// As [`compare_exchange`](Self::compare_exchange): in a model it never fails without a
            /// reason.
            ///
            /// # Errors
            /// As there.
            #[track_caller]
            pub fn compare_exchange_weak(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.compare_exchange(current, new, success, failure)
            }

            /// Puts in the value that `next` makes of the present one.
            ///
            /// # Errors
            /// The value that it holds, if `next` returns `None` for it.
            #[track_caller]
            pub fn fetch_update(
                &self,
                set: Ordering,
                fetch: Ordering,
                mut next: impl FnMut($value) -> Option<$value>,
            ) -> Result<$value, $value> {
                let mut found = self.load(fetch);
                while let Some(new) = next(found) {
                    match self.compare_exchange(found, new, set, fetch) {
                        Ok(found) => return Ok(found),
                        Err(other) => found = other,
                    }
                }
                Err(found)
            }

            $(
                /// As `std`'s method of this name.
                #[track_caller]
                pub fn $fetch(&self, value: $value, order: Ordering) -> $value {
                    let found = self.taken(order).$fetch(value, order);
                    let leaves: fn($value, $value) -> $value = $leaves;
                    told(format!("finds {found:?}, makes it {:?}", leaves(found, value)));
                    found
                }
            )*

            /// loom's atomic, on which a step with this ordering is about to be taken.
            fn taken(&self, order: Ordering) -> &loom::sync::atomic::$name$(<$t>)? {
                if order == SeqCst {
                    let inner: Arc<dyn Look> = Arc::clone(&self.0) as _;
                    let inner = Arc::downgrade(&inner);
                    in_one_order(|atomics| {
                        if !atomics.iter().any(|known| known.ptr_eq(&inner)) {
                            atomics.push(inner);
                        }
                    });
                }
                &self.0
            }
        }

        /// Takes no step of the model, so it does not show the value.
        impl$(<$t>)? fmt::Debug for $name$(<$t>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }

        impl$(<$t>)? Default for $name$(<$t>)? {
            #[track_caller]
            fn default() -> Self {
                Self(Arc::default())
            }
        }

        impl$(<$t: 'static>)? From<$value> for $name$(<$t>)? {
            #[track_caller]
            fn from(value: $value) -> Self {
                Self::new(value)
            }
        }
    };
}

macro_rules! numbers {
    ($($name:ident: $value:ty),+ $(,)?) => {$(
        atomic!($name, $value, |inner, order| inner.fetch_add(0, order), [
            fetch_add: <$value>::wrapping_add,
            fetch_sub: <$value>::wrapping_sub,
            fetch_and: |a, b| a & b,
            fetch_or: |a, b| a | b,
            fetch_xor: |a, b| a ^ b,
            fetch_max: <$value as Ord>::max,
            fetch_min: <$value as Ord>::min,
        ]);
    )+};
}

atomic!(AtomicBool, bool, |inner, order| inner.fetch_or(false, order), [
    fetch_and: |a, b| a & b,
    fetch_nand: |a, b| !(a & b),
    fetch_or: |a, b| a | b,
    fetch_xor: |a, b| a ^ b,
]);
atomic!(
    AtomicPtr<T>,
    *mut T,
    |inner, order| {
        // An exchange of null for null changes nothing, and one that fails changes nothing either.
        inner
            .compare_exchange(ptr::null_mut(), ptr::null_mut(), order, order)
            .unwrap_or_else(|found| found)
    },
    []
);
numbers!(
    AtomicU8: u8,
    AtomicU16: u16,
    AtomicU32: u32,
    AtomicU64: u64,
    AtomicUsize: usize,
    AtomicI8: i8,
    AtomicI16: i16,
    AtomicI32: i32,
    AtomicI64: i64,
    AtomicIsize: isize,
);

/// Logs a step that has just been taken, with the line that took it.
#[track_caller]
fn told(what: String) {
    diary::note_at(what, Location::caller());
}
