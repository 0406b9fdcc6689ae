//! Conformance tests of a [`SharedStore`], as a function that any implementation can run.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::store::{MAX_STORED_VALUE, SharedStore, StoreError};

/// The life of a value that is not to end during the run.
const LONG: Duration = Duration::from_secs(60);

/// The life of a value that is to end during the run.
const SHORT: Duration = Duration::from_millis(300);

/// How many tasks compete for one name.
const TASKS: usize = 32;

/// Runs a store through all that [`SharedStore`] asks of it, on names that begin with
/// `prefix` and that nothing else uses. Takes about a second, since lives have to end; wants
/// a tokio runtime with time, best with several threads, and a store that follows real time.
///
/// # Errors
///
/// What the store does otherwise, or the error that it answered with.
pub async fn check_shared_store(
    store: Arc<dyn SharedStore>,
    prefix: &str,
) -> Result<(), Nonconformance> {
    let check = Check {
        store: &store,
        prefix,
    };
    check.values().await?;
    check.bytes().await?;
    check.lives().await?;
    check.counters().await?;
    check.races().await
}

/// What a store does otherwise than [`SharedStore`] asks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Nonconformance {
    /// It answered, and not as it has to.
    #[error("the store does not conform: {0}")]
    Answer(String),
    /// It failed.
    #[error(transparent)]
    Store(StoreError),
}

struct Check<'a> {
    store: &'a Arc<dyn SharedStore>,
    prefix: &'a str,
}

impl Check<'_> {
    async fn values(&self) -> Result<(), Nonconformance> {
        let (a, b) = (self.name("a"), self.name("b"));
        let store = self.store;
        self.holds(&a, None).await?;
        expect("no names give no values", &store.get(&[]).await, &vec![])?;
        expect("put", &store.put(&a, b"1", LONG).await, &())?;
        let both = [b.as_str(), a.as_str(), b.as_str(), a.as_str()];
        let found = vec![None, Some(b"1".to_vec()), None, Some(b"1".to_vec())];
        expect(
            "as many values as names, in their order",
            &store.get(&both).await,
            &found,
        )?;
        expect("put again", &store.put(&a, b"2", LONG).await, &())?;
        self.holds(&a, Some(b"2")).await?;
        let put = store.put_if_absent(&a, b"3", LONG).await;
        expect("put_if_absent where there is a value", &put, &false)?;
        self.holds(&a, Some(b"2")).await?;
        let put = store.put_if_absent(&b, b"3", LONG).await;
        expect("put_if_absent where there is none", &put, &true)?;
        self.holds(&b, Some(b"3")).await?;
        expect("delete", &store.delete(&a).await, &())?;
        self.holds(&a, None).await?;
        expect("delete what is not there", &store.delete(&a).await, &())?;
        let taken = store.take(&b).await;
        expect("take", &taken, &Some(b"3".to_vec()))?;
        expect("take what is not there", &store.take(&b).await, &None)?;
        self.holds(&b, None).await
    }

    /// Byte for byte, whatever they are.
    async fn bytes(&self) -> Result<(), Nonconformance> {
        let name = self.name("bytes");
        let all: Vec<u8> = (0..=u8::MAX).collect();
        let longest = all.iter().copied().cycle().take(MAX_STORED_VALUE);
        for value in [
            Vec::new(),
            b"\0\r\n".to_vec(),
            all.clone(),
            longest.collect(),
        ] {
            expect("put", &self.store.put(&name, &value, LONG).await, &())?;
            self.holds(&name, Some(&value)).await?;
        }
        expect("delete", &self.store.delete(&name).await, &())
    }

    async fn lives(&self) -> Result<(), Nonconformance> {
        let names = ["ends", "replaced", "absent"].map(|name| self.name(name));
        let [ends, replaced, absent] = &names;
        let store = self.store;
        expect("put", &store.put(ends, b"1", SHORT).await, &())?;
        expect("put", &store.put(replaced, b"1", SHORT).await, &())?;
        expect("put", &store.put(replaced, b"2", LONG).await, &())?;
        let put = store.put_if_absent(absent, b"1", SHORT).await;
        expect("put_if_absent where there is none", &put, &true)?;
        let counter = self.name("counter that ends");
        for sum in [1, 2] {
            let added = store.add(&counter, 1, SHORT).await;
            expect("add", &added, &sum)?;
            tokio::time::sleep(SHORT * 2 / 3).await;
        }
        self.holds(ends, None).await?;
        self.holds(replaced, Some(b"2")).await?;
        expect("take what has ended", &store.take(ends).await, &None)?;
        let put = store.put_if_absent(absent, b"2", LONG).await;
        expect("put_if_absent where a value has ended", &put, &true)?;
        let added = store.add(&counter, 1, SHORT).await;
        expect("a counter lives from its first addition on", &added, &1)?;
        for name in [replaced, absent, &counter] {
            expect("delete", &store.delete(name).await, &())?;
        }
        Ok(())
    }

    async fn counters(&self) -> Result<(), Nonconformance> {
        let name = self.name("counter");
        for (n, sum) in [(1, 1), (0, 1), (41, 42), (1 << 40, (1 << 40) + 42)] {
            expect("add", &self.store.add(&name, n, LONG).await, &sum)?;
        }
        expect("delete", &self.store.delete(&name).await, &())?;
        let added = self.store.add(&name, 2, LONG).await;
        expect("add to a counter that was removed", &added, &2)?;
        expect("delete", &self.store.delete(&name).await, &())
    }

    /// Many tasks at once on one name.
    async fn races(&self) -> Result<(), Nonconformance> {
        let name = self.name("race");
        let put = self.race(&name, Race::PutIfAbsent).await;
        expect("one of many put_if_absent at once does", &put, &1)?;
        let taken = self.race(&name, Race::Take).await;
        expect("one of many take at once gets it", &taken, &1)?;
        let name = self.name("race of counters");
        let added = self.race(&name, Race::Add).await;
        expect("add", &added, &(TASKS as u64))?;
        let sum = self.store.add(&name, 0, LONG).await;
        expect("no addition is lost", &sum, &(3 * TASKS as u64))?;
        expect("delete", &self.store.delete(&name).await, &())
    }

    /// How many of the tasks did it.
    async fn race(&self, name: &str, race: Race) -> Result<u64, StoreError> {
        let mut tasks = JoinSet::new();
        for _ in 0..TASKS {
            tasks.spawn(race.run(Arc::clone(self.store), name.to_owned()));
        }
        let mut did = 0;
        while let Some(ended) = tasks.join_next().await {
            let one = ended.map_err(|_| StoreError::failed("it panicked"))??;
            did += u64::from(one);
        }
        Ok(did)
    }

    async fn holds(&self, name: &str, value: Option<&[u8]>) -> Result<(), Nonconformance> {
        let found = self.store.get(&[name]).await;
        expect("get", &found, &vec![value.map(<[u8]>::to_vec)])
    }

    fn name(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

#[derive(Clone, Copy)]
enum Race {
    PutIfAbsent,
    Take,
    Add,
}

impl Race {
    async fn run(self, store: Arc<dyn SharedStore>, name: String) -> Result<bool, StoreError> {
        match self {
            Self::PutIfAbsent => store.put_if_absent(&name, b"1", LONG).await,
            Self::Take => store.take(&name).await.map(|value| value.is_some()),
            Self::Add => store.add(&name, 3, LONG).await.map(|_| true),
        }
    }
}

fn expect<T: PartialEq + fmt::Debug>(
    what: &str,
    found: &Result<T, StoreError>,
    needed: &T,
) -> Result<(), Nonconformance> {
    match found {
        Ok(found) if found == needed => Ok(()),
        Ok(found) => {
            let (found, needed) = (short(found), short(needed));
            let answer = format!("{what}: found {found}, expected {needed}");
            Err(Nonconformance::Answer(answer))
        }
        Err(error) => Err(Nonconformance::Store(error.clone())),
    }
}

/// A value may be 64 KiB long.
fn short(value: &impl fmt::Debug) -> String {
    let mut text = format!("{value:?}");
    if text.len() > 200 {
        text = text.chars().take(200).chain("...".chars()).collect();
    }
    text
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;

    use super::*;
    use crate::store::MemoryStore;

    #[tokio::test(flavor = "multi_thread")]
    async fn the_store_in_memory_conforms_and_leaves_nothing_behind() {
        let store = Arc::new(MemoryStore::default());
        let checked = check_shared_store(store.clone(), "test:").await;
        assert_eq!(checked, Ok(()));
        assert_eq!(store.names(), Vec::<String>::new());
    }

    /// Does one thing wrong.
    #[derive(Debug)]
    struct Wrong(MemoryStore, Flaw);

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Flaw {
        Order,
        Overwrites,
        Cuts,
        KeepsForEver,
        TakesTwice,
        RenewsCounters,
        LosesAdditions,
    }

    #[async_trait]
    impl SharedStore for Wrong {
        async fn get(&self, names: &[&str]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
            let mut values = self.0.get(names).await?;
            match self.1 {
                Flaw::Order => values.reverse(),
                Flaw::Cuts => values.iter_mut().flatten().for_each(|v| v.truncate(1024)),
                _ => {}
            }
            Ok(values)
        }

        async fn put(&self, name: &str, value: &[u8], ttl: Duration) -> Result<(), StoreError> {
            let ttl = match self.1 {
                Flaw::KeepsForEver => LONG,
                _ => ttl,
            };
            self.0.put(name, value, ttl).await
        }

        async fn put_if_absent(
            &self,
            name: &str,
            value: &[u8],
            ttl: Duration,
        ) -> Result<bool, StoreError> {
            if self.1 == Flaw::Overwrites {
                let there = self.0.value(name).is_some();
                self.0.put(name, value, ttl).await?;
                return Ok(!there);
            }
            self.0.put_if_absent(name, value, ttl).await
        }

        async fn delete(&self, name: &str) -> Result<(), StoreError> {
            self.0.delete(name).await
        }

        async fn take(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
            if self.1 == Flaw::TakesTwice {
                let held = self.0.value(name).map(|(value, _)| value);
                tokio::task::yield_now().await;
                self.0.delete(name).await?;
                return Ok(held);
            }
            self.0.take(name).await
        }

        async fn add(&self, name: &str, n: u64, ttl: Duration) -> Result<u64, StoreError> {
            let held = self.0.value(name);
            match self.1 {
                Flaw::RenewsCounters => {
                    let sum = self.0.add(name, n, ttl).await?;
                    let digits = sum.to_string().into_bytes();
                    self.0.put(name, &digits, ttl).await?;
                    Ok(sum)
                }
                Flaw::LosesAdditions => {
                    let digits = held.map(|(value, _)| String::from_utf8(value).unwrap());
                    let sum = digits.map_or(0, |digits| digits.parse().unwrap()) + n;
                    tokio::task::yield_now().await;
                    let digits = sum.to_string().into_bytes();
                    self.0.put(name, &digits, ttl).await?;
                    Ok(sum)
                }
                _ => self.0.add(name, n, ttl).await,
            }
        }
    }

    #[tokio::test]
    async fn each_flaw_is_found() {
        for flaw in [
            Flaw::Order,
            Flaw::Overwrites,
            Flaw::Cuts,
            Flaw::KeepsForEver,
            Flaw::TakesTwice,
            Flaw::RenewsCounters,
            Flaw::LosesAdditions,
        ] {
            let store = Arc::new(Wrong(MemoryStore::default(), flaw));
            let checked = check_shared_store(store, "test:").await;
            assert!(
                matches!(checked, Err(Nonconformance::Answer(_))),
                "{flaw:?}: {checked:?}"
            );
        }
    }
}
