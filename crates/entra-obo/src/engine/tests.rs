//! Tests of the engine: memory of a million users, requests that hang.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::digest::{SHA256, digest};
use entra_claims::ManualClock;
use foundry_scopes::{ObjectId, TenantId};
use tokio::runtime::{Builder, Runtime};

use super::*;
use crate::cache::Lifetime;
use crate::cache::key::tests::prefix;
use crate::secret::Secret;
use crate::token::IssuedToken;
use entra_claims::transport::BoxFuture;

const USERS: usize = 10_000;

/// Brings a token of 2 kB, or hangs.
struct Brings {
    engine: Arc<Engine>,
    hangs: bool,
}

impl Work for Brings {
    fn flow(&self) -> &'static str {
        "test"
    }

    fn job(&self) -> BoxFuture<'static, Result<TokenResponse, ExchangeError>> {
        let (engine, hangs) = (Arc::clone(&self.engine), self.hangs);
        Box::pin(async move {
            if hangs {
                std::future::pending::<()>().await;
            }
            let asked = engine.now();
            Ok(TokenResponse {
                token: IssuedToken::new(Secret::new("x".repeat(2_000)), "s", asked.wall + 3600),
                life: Lifetime {
                    asked,
                    lasts: Duration::from_secs(3600),
                    refresh_in: None,
                },
            })
        })
    }
}

fn engine() -> Arc<Engine> {
    let limits = CacheLimits {
        entries: USERS,
        bytes: usize::MAX,
        min_remaining: Duration::from_secs(60),
    };
    let clock = Arc::new(ManualClock::at(1_700_000_000));
    Arc::new(Engine::new(limits, ThrottleScope::User, clock, None))
}

fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap()
}

/// The call of user `n`.
async fn ask(engine: &Arc<Engine>, n: u64, hangs: bool) -> Answer {
    let work = Brings {
        engine: Arc::clone(engine),
        hangs,
    };
    let digest = digest(&SHA256, &n.to_le_bytes());
    let digest = digest.as_ref().first_chunk().unwrap();
    let call = Call {
        engine,
        key: prefix(1).key(digest),
        downstream: prefix(1),
        owner: Some(PrincipalKey {
            tenant: TenantId::from_u128(1),
            object: ObjectId::from_u128(u128::from(n) + 1),
        }),
        past_cache: None,
        work: &work,
    };
    call.token().await
}

#[test]
#[ignore = "needs half a minute; cargo xtask test"]
fn a_million_users_take_no_more_memory_than_a_hundred_thousand() {
    let (runtime, engine) = (runtime(), engine());
    let next = AtomicU64::new(0);
    // Bytes that stay, of all that this thread allocates: the runtime is on it.
    let more = |users: u64| {
        let info = allocation_counter::measure(|| {
            runtime.block_on(async {
                for _ in 0..users {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    ask(&engine, n, false).await.unwrap();
                    assert!(engine.flights.is_empty());
                }
            });
        });
        assert!(engine.stats().entries <= USERS);
        info.bytes_current
    };
    let first = more(100_000);
    let entries = engine.stats().entries;
    assert!(entries > USERS * 9 / 10, "{entries}");
    assert!(first > 20_000_000, "the tokens alone take that: {first}");
    let second = more(100_000);
    let million = more(800_000);
    println!(
        "{first} bytes for 100,000 users, {second} more for 200,000, {million} more for 1,000,000"
    );
    for grown in [second, million, second + million] {
        assert!(grown.abs() <= first / 100, "{grown} more than {first}");
    }
    // The books are right about it.
    let (booked, live) = (
        engine.stats().bytes as f64,
        (first + second + million) as f64,
    );
    assert!(
        (0.9..1.1).contains(&(booked / live)),
        "{booked} booked, {live} live"
    );
}

#[test]
fn work_that_never_ends_is_ended() {
    runtime().block_on(async {
        let engine = engine();
        let start = tokio::time::Instant::now();
        let (one, two) = tokio::join!(ask(&engine, 1, true), ask(&engine, 1, false));
        for answer in [one, two] {
            let error = answer.unwrap_err();
            assert!(error.to_string().contains("interrupted"), "{error}");
        }
        assert_eq!(start.elapsed(), Duration::from_secs(300));
        assert_eq!(engine.stats().in_flight, 0);
        ask(&engine, 1, false).await.unwrap();
    });
}
