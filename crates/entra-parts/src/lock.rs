//! Locks that survive a panic of another thread.
//!
//! A poisoned lock is taken all the same: a panic elsewhere must not end a cache or a
//! server. Whatever is guarded this way stays usable at each step of a change.

use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Locks a mutex, poisoned or not.
#[inline]
pub fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Locks for reading, poisoned or not.
#[inline]
pub fn read<T: ?Sized>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

/// Locks for writing, poisoned or not.
#[inline]
pub fn write<T: ?Sized>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poisoned_lock_is_taken_all_the_same() {
        let (mutex, rwlock) = (Mutex::new(1), RwLock::new(2));
        let panicked = std::thread::scope(|scope| {
            let thread = scope.spawn(|| {
                let (_mutex, _rwlock) = (mutex.lock().unwrap(), rwlock.write().unwrap());
                panic!("with both locks held");
            });
            thread.join().is_err()
        });
        assert!(panicked && mutex.is_poisoned() && rwlock.is_poisoned());
        assert_eq!((*lock(&mutex), *read(&rwlock)), (1, 2));
        *write(&rwlock) = 3;
        assert_eq!(*read(&rwlock), 3);
    }
}
