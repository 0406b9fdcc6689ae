//! Tests of the token cache: bounds, eviction, forgetting.

use foundry_scopes::{ObjectId, TenantId};
use proptest::prelude::*;

use super::key::tests::key;
use super::*;
use crate::secret::Secret;
use crate::token::IssuedToken;

const START: Now = Now {
    wall: 1_700_000_000,
    monotonic: Duration::from_secs(1),
};

fn limits(entries: usize, bytes: usize) -> CacheLimits {
    CacheLimits {
        entries,
        bytes,
        min_remaining: Duration::from_secs(60),
    }
}

fn user(n: u8) -> PrincipalKey {
    PrincipalKey {
        tenant: TenantId::from_u128(1),
        object: ObjectId::from_u128(u128::from(n) + 1),
    }
}

fn entry(n: u8, size: usize, lasts: u64) -> Arc<Entry> {
    let life = Lifetime {
        asked: START,
        lasts: Duration::from_secs(lasts),
        refresh_in: None,
    };
    let text = format!("{n}-{}", "x".repeat(size));
    let expires_at = START.wall + i64::try_from(lasts).unwrap();
    let token = IssuedToken::new(Secret::new(text), "s", expires_at);
    Entry::new(token, Some(user(n)), life, &key(n))
}

fn put(cache: &Cache, n: u8, size: usize, lasts: u64) {
    cache.insert(&entry(n, size, lasts), START, cache.epoch());
}

fn has(cache: &Cache, n: u8, now: Now) -> bool {
    match cache.peek(&key(n), now) {
        Some(held) => {
            assert!(held.token.expose().starts_with(&format!("{n}-")));
            true
        }
        None => false,
    }
}

fn later(seconds: u64) -> Now {
    Now {
        wall: START.wall + i64::try_from(seconds).unwrap(),
        monotonic: START.monotonic + Duration::from_secs(seconds),
    }
}

#[test]
fn the_number_of_entries_is_bounded_and_readers_keep_theirs() {
    let cache = Cache::new(limits(4, 1 << 20));
    for n in 0..4 {
        put(&cache, n, 10, 3600);
    }
    assert!(matches!(cache.get(&key(0), START), Lookup::Fresh(_)));
    for n in 4..7 {
        put(&cache, n, 10, 3600);
        assert_eq!(cache.figures().entries, 4);
    }
    assert!(has(&cache, 0, START), "the one that was read was evicted");
    assert_eq!(cache.figures().evictions, 3);
}

#[test]
fn bytes_are_bounded_and_a_token_too_large_is_not_kept() {
    let one = entry(0, 1000, 3600).heap_bytes() + Shard::SLOT_BYTES;
    let cache = Cache::new(limits(100, 3 * one));
    for n in 0..10 {
        put(&cache, n, 1000, 3600);
        assert!(cache.figures().bytes <= 3 * one);
    }
    assert_eq!(cache.figures().entries, 3);
    put(&cache, 50, 4 * one, 3600);
    assert!(!has(&cache, 50, START));
    assert_eq!(cache.figures().entries, 3);
    let nothing = Cache::new(limits(0, 1 << 20));
    put(&nothing, 1, 10, 3600);
    assert_eq!(nothing.figures().entries, 0);
}

#[test]
fn an_entry_past_its_life_is_a_miss_and_goes() {
    let cache = Cache::new(limits(10, 1 << 20));
    put(&cache, 1, 10, 600);
    assert!(matches!(cache.get(&key(1), later(539)), Lookup::Due(_)));
    assert!(matches!(cache.get(&key(1), later(540)), Lookup::Miss));
    assert_eq!(cache.figures().entries, 0);
    assert_eq!(cache.figures().bytes, 0);
    put(&cache, 2, 10, 60);
    assert_eq!(cache.figures().entries, 0, "too short a life to be kept");
}

#[test]
fn an_answer_that_was_asked_for_earlier_does_not_replace_a_later_one() {
    let cache = Cache::new(limits(10, 1 << 20));
    let asked = |at: Now, text: &str| {
        let life = Lifetime {
            asked: at,
            lasts: Duration::from_secs(3600),
            refresh_in: None,
        };
        let token = IssuedToken::new(Secret::new(text), "s", at.wall + 3600);
        let entry = Entry::new(token, Some(user(1)), life, &key(1));
        cache.insert(&entry, later(20), cache.epoch());
        let held = cache.peek(&key(1), later(20)).unwrap();
        held.token.expose().to_owned()
    };
    assert_eq!(asked(later(10), "challenged"), "challenged");
    assert_eq!(asked(later(5), "refresh"), "challenged");
    assert_eq!(asked(later(10), "same time"), "same time");
    assert_eq!(asked(later(15), "next refresh"), "next refresh");
}

#[test]
fn forgetting_a_user_takes_all_of_his_and_nothing_else() {
    let cache = Cache::new(limits(1_000_000, 1 << 30));
    for n in 0..100 {
        let entry = entry(n, 10, 3600);
        cache.insert(&entry, START, cache.epoch());
    }
    cache.forget(user(7));
    assert!(!has(&cache, 7, START));
    assert_eq!(cache.figures().entries, 99);
    cache.clear();
    assert_eq!(cache.figures().entries, 0);
    assert_eq!(cache.figures().bytes, 0);
}

#[test]
fn a_result_from_before_forgetting_is_not_stored() {
    let cache = Cache::new(limits(10, 1 << 20));
    let epoch = cache.epoch();
    cache.forget(user(1));
    cache.insert(&entry(1, 10, 3600), START, epoch);
    assert!(!has(&cache, 1, START));
    put(&cache, 1, 10, 3600);
    assert!(has(&cache, 1, START));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_books_stay_right(
        steps in prop::collection::vec((0..5_u8, 0..30_u8, 1..2000_usize, 61..4000_u64), 1..300),
    ) {
        let limits = limits(12, 16_000);
        let cache = Cache::new(limits);
        let mut now = START;
        for (step, n, size, lasts) in steps {
            match step {
                0 | 1 => {
                    cache.insert(&entry(n, size, lasts), now, cache.epoch());
                }
                2 => match cache.get(&key(n), now) {
                    Lookup::Fresh(token) | Lookup::Due(token) => {
                        let own = token.expose().starts_with(&format!("{n}-"));
                        prop_assert!(own, "another user's token");
                        prop_assert!(token.expires_at_unix() - now.wall > 60);
                    }
                    Lookup::Miss => {}
                },
                3 => cache.forget(user(n)),
                _ => now = Now { wall: now.wall + 100, monotonic: now.monotonic + Duration::from_secs(100) },
            }
            let figures = cache.figures();
            prop_assert!(figures.entries <= limits.entries);
            prop_assert!(figures.bytes <= limits.bytes);
            let found = (0..30).filter(|&n| cache.peek(&key(n), START).is_some()).count();
            prop_assert_eq!(found, figures.entries);
        }
    }
}
