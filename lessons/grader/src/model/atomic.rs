//! `std::sync::atomic`'s types, as a model of threads provides them: every one of their steps may be the one before which
//! another thread comes first, and each stands in the diary.
//!
//! Invariant: no program is told a story that no machine can tell. The model's own steps promise less than `std`'s in three
//! places, and there they are made by steps that promise enough:
//!
//! - A load with `SeqCst` would promise only what acquire does. So it is an exchange that changes nothing, with `Acquire`:
//!   it meets the newest value, and hands on nothing of its own.
//! - A store has no place among the others unless somebody saw it: whoever swaps later, even under the lock that the
//!   store was made under, may overlook it. So every store is a swap, which releases where the store does and
//!   acquires nothing.
//! - A fence with `SeqCst` would know of other such fences alone. So it also looks at everything that a step with `SeqCst`
//!   was taken on: no load after the fence finds anything older.
//!
//! The price: what is wrong in one of these ways is told as right. A swap hands on what earlier stores of others have
//! released, which a store cuts off. A step with `SeqCst` never overlooks what a weaker one has stored, so `SeqCst` on one
//! side of two flags seems enough. A fence with `SeqCst` acquires from every other; a fence with `Acquire` also from what was
//! only stored over or looked at; and after one with `Release` a load with `SeqCst` hands on. An exchange that fails meets
//! the newest value, whatever its ordering, and none ever fails for no reason. Weaker loads are left to the model, old
//! values and all.

use std::fmt;
use std::panic::Location;
use std::ptr;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use std::sync::{Arc, Mutex, Weak};

use crate::mutex::lock;

use super::diary;

pub use loom::sync::atomic::Ordering;

/// What a step with `SeqCst` was taken on in this telling. Never locked across a step of the model.
static IN_ONE_ORDER: Mutex<Vec<Weak<dyn Look>>> = Mutex::new(Vec::new());

/// Something that has a newest value.
trait Look: Send + Sync {
    /// Meets the newest value, so that no load of this thread can find an older one.
    fn look(&self);
}

/// Forgets the atomics of the telling before.
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

            /// What it holds.
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

            /// Puts `value` in, and takes what was there.
            #[track_caller]
            pub fn swap(&self, value: $value, order: Ordering) -> $value {
                let found = self.taken(order).swap(value, order);
                told(format!("swaps in {value:?}, finds {found:?}"));
                found
            }

            /// Puts `new` in if it holds `current`.
            ///
            /// # Errors
            /// With what it holds, if that is something else.
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

            /// As [`compare_exchange`](Self::compare_exchange): in a model it never fails without a reason.
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

            /// Puts in what `next` makes of what it holds.
            ///
            /// # Errors
            /// With what it holds, if `next` makes nothing of it.
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

            /// The model's own, on which a step of this ordering is about to be taken.
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

        /// Without a step of the model: what it holds is not told.
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
        // Null in the place of null changes nothing, and whoever finds anything else leaves it so.
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

/// A step that has just been taken, at the line that took it.
#[track_caller]
fn told(what: String) {
    diary::note_at(what, Location::caller());
}
