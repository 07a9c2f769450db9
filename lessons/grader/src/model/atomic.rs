//! `std::sync::atomic`'s types, as a model of threads provides them: every one of their steps may be the one before which
//! another thread comes first, and each stands in the diary.
//!
//! Invariant: no program is told a story that no machine can tell. The model's own steps promise less than `std`'s in two
//! places, and there they are made by steps which always meet the newest value. A load with `SeqCst` would promise only
//! what acquire does. A store has no place among the others unless somebody saw it: who swaps later, even under the lock
//! that the store was made under, may overlook it. So every store is a swap of the same ordering. The price: it also hands
//! on what an earlier store released, and who counts on that by mistake is not told so. Weaker loads are left to the model,
//! old values and all.

use std::fmt;
use std::panic::Location;
use std::sync::atomic::Ordering::SeqCst;

use super::diary;

pub use loom::sync::atomic::{AtomicPtr, Ordering, fence};

/// One atomic type, on the model's type of the same name.
macro_rules! atomic {
    ($name:ident, $value:ty, $keep:expr, [$($fetch:ident: $leaves:expr),+ $(,)?]) => {
        #[doc = concat!("As `std::sync::atomic::", stringify!($name), "`.")]
        #[derive(Default)]
        pub struct $name(loom::sync::atomic::$name);

        impl $name {
            /// Holds `value` to begin with.
            #[must_use]
            #[track_caller]
            pub fn new(value: $value) -> Self {
                Self(loom::sync::atomic::$name::new(value))
            }

            /// What it holds.
            #[track_caller]
            pub fn load(&self, order: Ordering) -> $value {
                let found = if order == SeqCst {
                    let keep: fn(&loom::sync::atomic::$name) -> $value = $keep;
                    keep(&self.0)
                } else {
                    self.0.load(order)
                };
                told(format!("loads {found}"));
                found
            }

            /// Puts `value` in.
            #[track_caller]
            pub fn store(&self, value: $value, order: Ordering) {
                self.0.swap(value, order);
                told(format!("stores {value}"));
            }

            /// Puts `value` in, and takes what was there.
            #[track_caller]
            pub fn swap(&self, value: $value, order: Ordering) -> $value {
                let found = self.0.swap(value, order);
                told(format!("swaps in {value}, finds {found}"));
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
                let found = self.0.compare_exchange(current, new, success, failure);
                told(match found {
                    Ok(found) => format!("finds {found}, swaps in {new}"),
                    Err(found) => format!("finds {found} and not {current}, leaves it so"),
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
                    let found = self.0.$fetch(value, order);
                    let leaves: fn($value, $value) -> $value = $leaves;
                    told(format!("finds {found}, makes it {}", leaves(found, value)));
                    found
                }
            )+
        }

        /// Without a step of the model: what it holds is not told.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }

        impl From<$value> for $name {
            #[track_caller]
            fn from(value: $value) -> Self {
                Self::new(value)
            }
        }
    };
}

macro_rules! numbers {
    ($($name:ident: $value:ty),+ $(,)?) => {$(
        atomic!($name, $value, |inner| inner.fetch_add(0, SeqCst), [
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

atomic!(AtomicBool, bool, |inner| inner.fetch_or(false, SeqCst), [
    fetch_and: |a, b| a & b,
    fetch_nand: |a, b| !(a & b),
    fetch_or: |a, b| a | b,
    fetch_xor: |a, b| a ^ b,
]);
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
