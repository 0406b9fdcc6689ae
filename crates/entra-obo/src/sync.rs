//! Mutex helper: a poisoned lock is taken all the same.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A panic elsewhere must not end a cache: every change under these locks leaves what they
/// guard usable at each step.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
