//! The part of a shared store for one purpose: sealed values under keyed names.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use super::{MAX_STORED_VALUE, SharedTier, StoreError};
use crate::seal::{Binding, SealError, Sealer, SealerKey, sealed_length};

/// The values of one purpose in a [`SharedTier`]. A handle.
///
/// A value is found by its [`Binding`]: the hash of it is its name, and it opens for nothing
/// else. While keys are rotated a value is looked for under each of them, in one round trip.
#[derive(Clone)]
pub struct SharedSpace {
    tier: SharedTier,
    sealer: Sealer,
    watch: Arc<dyn Fn(StoreEvent) + Send + Sync>,
}

/// What happened to a call, for counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "its users count every variant")]
pub enum StoreEvent {
    /// The store failed or did not answer in time.
    Failed,
    /// The store was not asked.
    LeftOut,
    /// It answered with a value that was not sealed for this place.
    Rejected,
}

impl SharedTier {
    /// The part of the store for one purpose.
    ///
    /// # Errors
    ///
    /// [`SealError::Derivation`].
    pub fn space(&self, purpose: &str) -> Result<SharedSpace, SealError> {
        SharedSpace::new(self.clone(), purpose)
    }
}

impl SharedSpace {
    fn new(tier: SharedTier, purpose: &str) -> Result<Self, SealError> {
        Ok(Self {
            sealer: Sealer::new(purpose, tier.keys())?,
            tier,
            watch: Arc::new(|_| {}),
        })
    }

    /// Calls `watch` for each event.
    #[must_use]
    pub fn watched_by(mut self, watch: impl Fn(StoreEvent) + Send + Sync + 'static) -> Self {
        self.watch = Arc::new(watch);
        self
    }

    /// The keys of values and their names, the sealing one first.
    #[must_use]
    pub fn keys(&self) -> &[SealerKey] {
        self.sealer.keys()
    }

    /// The values of all these, in one round trip, and in the same order.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn get_all(
        &self,
        of: &[Binding],
    ) -> Result<Vec<Option<Zeroizing<Vec<u8>>>>, StoreError> {
        let names = of.iter().flat_map(|of| self.names(of)).collect();
        let mut values = self.get_named(names).await?.into_iter();
        let found = of.iter().map(|of| {
            // All of one binding's are taken, or the next one would get what is left.
            let values: Vec<_> = values.by_ref().take(self.keys().len()).collect();
            let mut values = self.keys().iter().zip(values);
            values.find_map(|(key, value)| self.open(key, of, value?))
        });
        Ok(found.collect())
    }

    /// The value of `of`; none if there is none that was sealed for it.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn get(&self, of: &Binding) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let values = self.get_all(std::slice::from_ref(of)).await?;
        Ok(values.into_iter().next().flatten())
    }

    /// Keeps a value, in the place of any other.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn put(
        &self,
        of: &Binding,
        plain: Zeroizing<Vec<u8>>,
        ttl: Duration,
    ) -> Result<(), StoreError> {
        let (name, value) = self.sealed(of, plain)?;
        self.put_named(&name, &value, ttl).await?;
        // An older value under another key would be found by a process that looks there first.
        for name in self.names(of).iter().skip(1) {
            self.delete_named(name).await?;
        }
        Ok(())
    }

    /// Keeps a value unless there is one, and says whether it did.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn put_if_absent(
        &self,
        of: &Binding,
        plain: Zeroizing<Vec<u8>>,
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        let others: Vec<String> = self.names(of).split_off(1);
        if !others.is_empty() && self.get_named(others).await?.iter().any(Option::is_some) {
            return Ok(false);
        }
        let (name, value) = self.sealed(of, plain)?;
        self.put_if_absent_named(&name, &value, ttl).await
    }

    /// Removes a value, if there is one.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn delete(&self, of: &Binding) -> Result<(), StoreError> {
        for name in self.names(of) {
            self.delete_named(&name).await?;
        }
        Ok(())
    }

    /// Removes a value and gives it: of two callers at once only one gets it.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn take(&self, of: &Binding) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        for key in self.keys() {
            let taken = self.told(self.tier.take(&key.name(of)).await)?;
            if let Some(plain) = taken.and_then(|value| self.open(key, of, value)) {
                return Ok(Some(plain));
            }
        }
        Ok(None)
    }

    /// Adds to a counter and gives the sum. It lives for `ttl` from its first addition on.
    /// Counters are not sealed, since the store does the sum: a store that lies can only
    /// count wrong.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn add(&self, of: &Binding, n: u64, ttl: Duration) -> Result<u64, StoreError> {
        let name = self.names(of).into_iter().next().unwrap_or_default();
        self.told(self.tier.add(&name, n, ttl).await)
    }

    /// The values under names of [`keys`](Self::keys), in the same order.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn get_named(&self, names: Vec<String>) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        self.told(self.tier.get(names).await)
    }

    /// Keeps a sealed value under a name of one of the [`keys`](Self::keys).
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn put_named(
        &self,
        name: &str,
        value: &[u8],
        ttl: Duration,
    ) -> Result<(), StoreError> {
        self.told(self.tier.put(name, value, ttl).await)
    }

    /// The same, unless there is one; says whether it did.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn put_if_absent_named(
        &self,
        name: &str,
        value: &[u8],
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        self.told(self.tier.put_if_absent(name, value, ttl).await)
    }

    /// Removes what is under a name of one of the [`keys`](Self::keys).
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn delete_named(&self, name: &str) -> Result<(), StoreError> {
        self.told(self.tier.delete(name).await)
    }

    /// Seals a value for `to` with this key.
    ///
    /// # Errors
    ///
    /// [`StoreError::TooLong`]; [`StoreError::Failed`] without randomness.
    pub fn seal(
        &self,
        key: &SealerKey,
        to: &Binding,
        plain: Zeroizing<Vec<u8>>,
    ) -> Result<Vec<u8>, StoreError> {
        if sealed_length(plain.len()) > MAX_STORED_VALUE {
            return Err(StoreError::TooLong);
        }
        let sealed = key.seal(to, plain);
        sealed.map_err(|error| StoreError::failed(error.to_string()))
    }

    /// Opens what the store gave for `of` under the name of this key; none for anything that
    /// was not sealed for it.
    #[must_use]
    pub fn open(
        &self,
        key: &SealerKey,
        of: &Binding,
        value: Vec<u8>,
    ) -> Option<Zeroizing<Vec<u8>>> {
        let opened = match value.len() {
            0..=MAX_STORED_VALUE => key.open(of, value),
            _ => None,
        };
        if opened.is_none() {
            (self.watch)(StoreEvent::Rejected);
        }
        opened
    }

    fn names(&self, of: &Binding) -> Vec<String> {
        self.keys().iter().map(|key| key.name(of)).collect()
    }

    fn sealed(
        &self,
        of: &Binding,
        plain: Zeroizing<Vec<u8>>,
    ) -> Result<(String, Vec<u8>), StoreError> {
        match self.keys().first() {
            Some(key) => Ok((key.name(of), self.seal(key, of, plain)?)),
            None => Err(StoreError::failed("there is no sealing key")),
        }
    }

    fn told<T>(&self, answer: Result<T, StoreError>) -> Result<T, StoreError> {
        match &answer {
            Ok(_) => {}
            Err(StoreError::LeftOut) => (self.watch)(StoreEvent::LeftOut),
            Err(_) => (self.watch)(StoreEvent::Failed),
        }
        answer
    }
}

impl fmt::Debug for SharedSpace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedSpace")
            .field("tier", &self.tier)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
