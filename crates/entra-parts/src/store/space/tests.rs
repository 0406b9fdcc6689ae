//! Guarantees of a space above a store that fails, lies or mixes values up.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;

use super::*;
use crate::clock::ManualClock;
use crate::lock::lock;
use crate::seal::{SealingKeys, SealingSecret};
use crate::store::{MemoryStore, SharedStore};

const TTL: Duration = Duration::from_secs(60);

fn secret(n: u8) -> SealingSecret {
    SealingSecret::new(&[n; 32])
}

fn space(store: &Arc<MemoryStore>, keys: SealingKeys) -> SharedSpace {
    let tier = SharedTier::new(Arc::clone(store), keys);
    tier.space("test").unwrap()
}

fn place(name: &str) -> Binding {
    Binding::new("place").and(name)
}

fn plain(text: &str) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(text.as_bytes().to_vec())
}

async fn held(space: &SharedSpace, name: &str) -> Option<String> {
    let value = space.get(&place(name)).await.unwrap()?;
    Some(String::from_utf8(value.to_vec()).unwrap())
}

#[tokio::test]
async fn values_are_kept_found_taken_and_removed() {
    let store = Arc::new(MemoryStore::default());
    let space = space(&store, SealingKeys::new(secret(1)));
    assert_eq!(held(&space, "a").await, None);
    space.put(&place("a"), plain("1"), TTL).await.unwrap();
    assert_eq!(held(&space, "a").await.unwrap(), "1");
    assert_eq!(
        space.put_if_absent(&place("a"), plain("2"), TTL).await,
        Ok(false)
    );
    assert_eq!(*space.take(&place("a")).await.unwrap().unwrap(), b"1");
    assert_eq!(space.take(&place("a")).await, Ok(None));
    assert_eq!(
        space.put_if_absent(&place("a"), plain("2"), TTL).await,
        Ok(true)
    );
    space.delete(&place("a")).await.unwrap();
    assert_eq!(held(&space, "a").await, None);
    assert_eq!(space.add(&place("n"), 2, TTL).await, Ok(2));
    assert_eq!(space.add(&place("n"), 3, TTL).await, Ok(5));
}

#[tokio::test]
async fn the_store_learns_nothing_and_another_purpose_has_nothing_in_common() {
    let store = Arc::new(MemoryStore::default());
    let tier = SharedTier::new(Arc::clone(&store), SealingKeys::new(secret(1)));
    let (one, two) = (tier.space("one").unwrap(), tier.space("two").unwrap());
    one.put(&place("alice"), plain("s3cret"), TTL)
        .await
        .unwrap();
    assert_eq!(two.get(&place("alice")).await, Ok(None));
    let [name] = &store.names()[..] else {
        panic!("one name");
    };
    assert!(name.starts_with("entra:") && !name.contains("alice"));
    let (value, _) = store.value(name).unwrap();
    assert!(!value.windows(6).any(|run| run == b"s3cret"));
    let debug = format!("{tier:?} {one:?}");
    assert!(!debug.contains("s3cret"), "{debug}");
}

#[tokio::test]
async fn a_value_of_another_place_or_a_changed_one_is_a_miss_and_counted() {
    let store = Arc::new(MemoryStore::default());
    let rejected = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&rejected);
    let space = space(&store, SealingKeys::new(secret(1))).watched_by(move |event| {
        assert_eq!(event, StoreEvent::Rejected);
        count.fetch_add(1, Ordering::SeqCst);
    });
    space.put(&place("a"), plain("1"), TTL).await.unwrap();
    space.put(&place("b"), plain("2"), TTL).await.unwrap();
    let key = &space.keys()[0];
    let (of_b, _) = store.value(&key.name(&place("b"))).unwrap();
    store.overwrite(&key.name(&place("a")), of_b);
    assert_eq!(held(&space, "a").await, None);
    assert_eq!(space.take(&place("a")).await, Ok(None));
    store.overwrite(&key.name(&place("a")), vec![1; MAX_STORED_VALUE + 1]);
    assert_eq!(held(&space, "a").await, None);
    assert_eq!(rejected.load(Ordering::SeqCst), 3);
    assert_eq!(held(&space, "b").await.unwrap(), "2");
}

#[tokio::test]
async fn what_is_longer_than_a_store_keeps_is_neither_sealed_nor_opened() {
    let space = space(&Arc::default(), SealingKeys::new(secret(1)));
    let key = &space.keys()[0];
    let most = MAX_STORED_VALUE - sealed_length(0);
    let whole = space
        .seal(key, &place("a"), Zeroizing::new(vec![7; most]))
        .unwrap();
    assert_eq!(whole.len(), MAX_STORED_VALUE);
    assert_eq!(space.open(key, &place("a"), whole).unwrap().len(), most);
    let longer = || Zeroizing::new(vec![7; most + 1]);
    let refused = space.seal(key, &place("a"), longer());
    assert_eq!(refused, Err(StoreError::TooLong));
    let longer = key.seal(&place("a"), longer()).unwrap();
    assert_eq!(space.open(key, &place("a"), longer), None);
}

#[tokio::test]
async fn processes_in_the_middle_of_a_rotation_see_one_value() {
    let store = Arc::new(MemoryStore::default());
    let first = SealingKeys::new(secret(1)).also_reading(secret(2));
    let second = SealingKeys::new(secret(2)).also_reading(secret(1));
    let (first, second) = (space(&store, first), space(&store, second));
    first.put(&place("a"), plain("1"), TTL).await.unwrap();
    assert_eq!(held(&second, "a").await.unwrap(), "1");
    assert_eq!(
        second.put_if_absent(&place("a"), plain("2"), TTL).await,
        Ok(false)
    );
    second.put(&place("a"), plain("2"), TTL).await.unwrap();
    assert_eq!(held(&first, "a").await.unwrap(), "2");
    assert_eq!(*first.take(&place("a")).await.unwrap().unwrap(), b"2");
    assert_eq!(held(&second, "a").await, None);
    first.put(&place("a"), plain("3"), TTL).await.unwrap();
    second.delete(&place("a")).await.unwrap();
    assert!(store.names().is_empty());
}

#[derive(Clone, Copy, Debug)]
enum Mode {
    Works,
    Fails,
    Hangs,
    Panics,
    AnswersTooLittle,
}

#[derive(Debug)]
struct Faulty(MemoryStore, Mutex<Mode>, AtomicUsize);

impl Faulty {
    async fn fault(&self) -> Result<(), StoreError> {
        self.2.fetch_add(1, Ordering::SeqCst);
        let mode = *lock(&self.1);
        match mode {
            Mode::Fails => Err(StoreError::failed("down")),
            Mode::Hangs => std::future::pending().await,
            Mode::Panics => panic!("the store panics"),
            Mode::Works | Mode::AnswersTooLittle => Ok(()),
        }
    }
}

#[async_trait]
impl SharedStore for Faulty {
    async fn get(&self, names: &[&str]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        self.fault().await?;
        let mut values = self.0.get(names).await?;
        if matches!(*lock(&self.1), Mode::AnswersTooLittle) {
            values.pop();
        }
        Ok(values)
    }

    async fn put(&self, name: &str, value: &[u8], ttl: Duration) -> Result<(), StoreError> {
        self.fault().await?;
        self.0.put(name, value, ttl).await
    }

    async fn put_if_absent(
        &self,
        name: &str,
        value: &[u8],
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        self.fault().await?;
        self.0.put_if_absent(name, value, ttl).await
    }

    async fn delete(&self, name: &str) -> Result<(), StoreError> {
        self.fault().await?;
        self.0.delete(name).await
    }

    async fn take(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.fault().await?;
        self.0.take(name).await
    }

    async fn add(&self, name: &str, n: u64, ttl: Duration) -> Result<u64, StoreError> {
        self.fault().await?;
        self.0.add(name, n, ttl).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_in_any_way_is_left_out_everywhere_and_comes_back() {
    for mode in [
        Mode::Fails,
        Mode::Hangs,
        Mode::Panics,
        Mode::AnswersTooLittle,
    ] {
        let store = Faulty(
            MemoryStore::default(),
            Mutex::new(mode),
            AtomicUsize::new(0),
        );
        let store = Arc::new(store);
        let clock = Arc::new(ManualClock::at(0));
        let tier = SharedTier::new(Arc::clone(&store), SealingKeys::new(secret(1)))
            .with_clock(clock.clone());
        let (one, two) = (tier.space("one").unwrap(), tier.space("two").unwrap());
        let began = tokio::time::Instant::now();
        for _ in 0..5 {
            assert!(one.get(&place("a")).await.is_err());
        }
        let took = began.elapsed();
        assert!(took <= Duration::from_millis(510), "{mode:?} {took:?}");
        let asked = || store.2.load(Ordering::SeqCst);
        assert_eq!(asked(), 5);
        // Left out for all that the process keeps there, and at once.
        let began = tokio::time::Instant::now();
        let put = two.put(&place("a"), plain("1"), TTL).await;
        assert_eq!(put, Err(StoreError::LeftOut));
        assert_eq!(one.get(&place("a")).await, Err(StoreError::LeftOut));
        assert_eq!(two.add(&place("n"), 1, TTL).await, Err(StoreError::LeftOut));
        assert!(began.elapsed() < Duration::from_millis(5));
        assert_eq!(asked(), 5);
        // A change is no probe itself, and starts one.
        *lock(&store.1) = Mode::Works;
        clock.advance(Duration::from_secs(5));
        assert_eq!(two.add(&place("n"), 1, TTL).await, Err(StoreError::LeftOut));
        while asked() < 6 {
            tokio::task::yield_now().await;
        }
        tokio::task::yield_now().await;
        assert_eq!(two.add(&place("n"), 1, TTL).await, Ok(1));
        assert_eq!(one.get(&place("a")).await, Ok(None));
    }
}

#[tokio::test]
async fn many_are_found_in_their_order_while_keys_are_rotated() {
    let store = Arc::new(MemoryStore::default());
    let old = space(&store, SealingKeys::new(secret(1)));
    old.put(&place("a"), plain("1"), TTL).await.unwrap();
    let both = space(&store, SealingKeys::new(secret(2)).also_reading(secret(1)));
    both.put(&place("c"), plain("3"), TTL).await.unwrap();
    let found = both.get_all(&["a", "b", "c"].map(place)).await.unwrap();
    let found: Vec<_> = found
        .iter()
        .map(|value| value.as_ref().map(|value| value.as_slice()))
        .collect();
    assert_eq!(found, [Some(b"1".as_slice()), None, Some(b"3")]);
    assert_eq!(both.get_all(&[]).await.unwrap(), Vec::new());
}
