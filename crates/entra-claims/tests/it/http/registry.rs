//! Tenants in a registry: unknown is denied, unreachable is undecided, and nothing is remembered
//! for longer than the registry chose.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use entra_claims::registry::{TenantCacheLimits, TenantRegistry, TenantRegistryError};
use entra_claims::{
    AcceptedAudiences, Authenticator, ConfigError, ManualClock, Policy, Reason, RejectionClass,
    TenantPolicy, Validator, VerifiedToken,
};
use foundry_scopes::{ClientId, Cloud, TenantId};
use futures_util::future::join_all;
use serde_json::json;
use tokio::sync::watch;

use super::script::{Script, discovery_url, keys_url, metadata, settle};
use crate::support::{
    API, NOW, OTHER_TENANT, TENANT, base64url, clock, header, key_document, keys, sign, sign_raw,
    tenant, user, v2_issuer, with,
};

/// A database: what it knows, whether it answers, and what it was asked.
#[derive(Debug)]
struct Database {
    known: Mutex<HashMap<TenantId, bool>>,
    asked: AtomicUsize,
    mood: watch::Sender<Mood>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Well,
    Down,
    Hanging,
    Panicking,
}

impl Database {
    fn new(known: &[&str]) -> Arc<Self> {
        let known = known.iter().map(|text| (tenant(text), true)).collect();
        Arc::new(Self {
            known: Mutex::new(known),
            asked: AtomicUsize::new(0),
            mood: watch::channel(Mood::Well).0,
        })
    }

    fn set(&self, id: &str, known: bool) {
        self.known.lock().unwrap().insert(tenant(id), known);
    }

    fn is(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl TenantRegistry for Database {
    async fn contains(&self, tenant: TenantId) -> Result<bool, TenantRegistryError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut mood = self.mood.subscribe();
        let mood = *mood.wait_for(|mood| *mood != Mood::Hanging).await.unwrap();
        match mood {
            Mood::Down => Err(TenantRegistryError::new("the customer table is locked")),
            Mood::Panicking => panic!("the registry panics, as the test asks"),
            _ => Ok(self.known.lock().unwrap().get(&tenant) == Some(&true)),
        }
    }
}

fn validator() -> Validator {
    Validator::new(
        Cloud::public(),
        TenantPolicy::registered(),
        AcceptedAudiences::of_client(ClientId::parse(API).unwrap()),
    )
}

/// The authority that all tenants share.
fn shared() -> Arc<Script> {
    let script = Script::new();
    let issuer = [("issuer", json!(v2_issuer("{tenantid}")))];
    script.json(
        &discovery_url("common"),
        &with(&metadata("common"), &issuer),
    );
    script.json(&keys_url("common"), &key_document());
    script
}

fn guard(
    database: &Arc<Database>,
    limits: TenantCacheLimits,
) -> (Authenticator, Arc<ManualClock>, Arc<Script>) {
    let (clock, script) = (clock(), shared());
    let registry: Arc<dyn TenantRegistry> = database.clone();
    let authenticator = Authenticator::builder(validator().with_clock(clock.clone()))
        .transport(script.clone())
        .tenant_registry(registry)
        .tenant_cache(limits)
        .build()
        .unwrap();
    (authenticator, clock, script)
}

fn usual(database: &Arc<Database>) -> (Authenticator, Arc<ManualClock>, Arc<Script>) {
    guard(database, TenantCacheLimits::default())
}

fn of(tid: &str) -> String {
    sign(&with(
        &user(),
        &[
            ("iss", json!(v2_issuer(tid))),
            ("tid", json!(tid)),
            ("exp", json!(NOW + 30 * 86_400)),
        ],
    ))
}

fn numbered(number: u32) -> String {
    format!("{number:08x}-0000-4000-8000-000000000000")
}

async fn outcome(
    authenticator: &Authenticator,
    token: &str,
) -> Result<VerifiedToken, (Reason, RejectionClass)> {
    let outcome = authenticator.authenticate(token).await;
    outcome.map_err(|refusal| {
        assert!(refusal.signature_checked());
        (refusal.reason(), refusal.class())
    })
}

const DENIED: (Reason, RejectionClass) =
    (Reason::TenantNotRegistered, RejectionClass::InvalidToken);

#[track_caller]
fn undecided(result: Result<VerifiedToken, (Reason, RejectionClass)>) -> u64 {
    match result.unwrap_err() {
        (Reason::RegistryUnavailable, RejectionClass::Unavailable { retry_after }) => {
            retry_after.as_secs()
        }
        other => panic!("{other:?}"),
    }
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn known_tenants_are_let_in_unknown_ones_denied_and_each_is_asked_about_once() {
    let database = Database::new(&[TENANT]);
    let (authenticator, clock, script) = usual(&database);
    for _ in 0..10 {
        let verified = outcome(&authenticator, &of(TENANT)).await.unwrap();
        assert_eq!(verified.principal().tenant(), tenant(TENANT));
        let denied = outcome(&authenticator, &of(OTHER_TENANT)).await;
        assert_eq!(denied.unwrap_err(), DENIED);
        assert!(authenticator.cached(&of(TENANT)).is_some());
        assert!(authenticator.cached(&of(OTHER_TENANT)).is_none());
    }
    assert_eq!(database.asked(), 2);
    assert_eq!(script.requests(), 2, "one key set, whoever asks");

    // Who signs up is let in when the short memory of strangers ends.
    database.set(OTHER_TENANT, true);
    clock.advance(29 * SECOND);
    let denied = outcome(&authenticator, &of(OTHER_TENANT)).await;
    assert_eq!(denied.unwrap_err(), DENIED);
    clock.advance(SECOND);
    assert!(outcome(&authenticator, &of(OTHER_TENANT)).await.is_ok());
    assert_eq!(database.asked(), 3);
}

/// Signature first: what nobody signed reaches neither the registry nor its memory.
#[tokio::test]
async fn a_flood_of_made_up_tenants_asks_nobody() {
    let database = Database::new(&[TENANT]);
    let (authenticator, _, script) = usual(&database);
    assert!(outcome(&authenticator, &of(TENANT)).await.is_ok());
    let signature = of(TENANT).rsplit_once('.').unwrap().1.to_owned();
    for number in 0..20_000 {
        let tid = numbered(number);
        let claims = with(
            &user(),
            &[("iss", json!(v2_issuer(&tid))), ("tid", json!(tid))],
        );
        // A `kid` of the authority, so that only the signature tells.
        let input = format!(
            "{}.{}",
            base64url(header().to_string()),
            base64url(claims.to_string())
        );
        let refusal = authenticator
            .authenticate(&format!("{input}.{signature}"))
            .await
            .unwrap_err();
        assert_eq!(refusal.reason(), Reason::BadSignature);
    }
    assert_eq!(database.asked(), 1);
    assert_eq!(script.requests(), 2);
}

/// Anybody can make tenants: their tokens are signed well and cost one lookup each.
#[tokio::test]
async fn real_strangers_cost_one_lookup_each_and_no_key_fetch() {
    let database = Database::new(&[TENANT]);
    let (authenticator, _, script) = usual(&database);
    for number in 0..200 {
        let token = of(&numbered(number));
        for _ in 0..3 {
            let denied = outcome(&authenticator, &token).await;
            assert_eq!(denied.unwrap_err(), DENIED);
        }
    }
    assert_eq!(database.asked(), 200);
    assert_eq!(script.requests(), 2);
    assert_eq!(authenticator.key_health().len(), 1);
}

#[tokio::test]
async fn a_registry_that_fails_denies_nobody_and_is_asked_again_after_a_pause() {
    let database = Database::new(&[TENANT]);
    let (authenticator, clock, _) = usual(&database);
    database.is(Mood::Down);
    for (round, pause) in [1, 2, 4].into_iter().enumerate() {
        for _ in 0..5 {
            let wait = undecided(outcome(&authenticator, &of(TENANT)).await);
            assert_eq!(wait, pause);
        }
        assert_eq!(database.asked(), round + 1, "no question during the pause");
        clock.advance(pause as u32 * SECOND);
    }
    database.is(Mood::Well);
    assert!(outcome(&authenticator, &of(TENANT)).await.is_ok());
}

#[tokio::test]
async fn a_registry_that_panics_has_failed() {
    let database = Database::new(&[TENANT]);
    let (authenticator, clock, _) = usual(&database);
    database.is(Mood::Panicking);
    assert_eq!(undecided(outcome(&authenticator, &of(TENANT)).await), 1);
    database.is(Mood::Well);
    clock.advance(SECOND);
    assert!(outcome(&authenticator, &of(TENANT)).await.is_ok());
}

/// Tokio's time runs by itself here: no second of ours passes.
#[tokio::test(start_paused = true)]
async fn a_slow_registry_has_its_deadline() {
    let database = Database::new(&[TENANT]);
    let (authenticator, _, _) = usual(&database);
    database.is(Mood::Hanging);
    let began = tokio::time::Instant::now();
    assert_eq!(undecided(outcome(&authenticator, &of(TENANT)).await), 1);
    assert_eq!(began.elapsed().as_secs(), 3);
    assert_eq!(database.asked(), 1);
}

#[tokio::test]
async fn a_removed_tenant_lives_no_longer_than_its_answer_whatever_is_remembered() {
    let database = Database::new(&[TENANT]);
    let (authenticator, clock, _) = usual(&database);
    let token = of(TENANT);
    assert!(outcome(&authenticator, &token).await.is_ok());
    database.set(TENANT, false);
    clock.advance(5 * MINUTE - SECOND);
    // Nobody asked in the last fifth, so nothing was renewed.
    assert!(authenticator.cached(&token).is_some());
    clock.advance(SECOND);
    assert!(authenticator.cached(&token).is_none());
    assert_eq!(outcome(&authenticator, &token).await.unwrap_err(), DENIED);
    assert!(authenticator.cached(&token).is_none());
}

#[tokio::test]
async fn an_answer_is_renewed_in_the_background_before_it_ends() {
    let database = Database::new(&[TENANT]);
    let (authenticator, clock, _) = usual(&database);
    let token = of(TENANT);
    assert!(outcome(&authenticator, &token).await.is_ok());
    for round in 0..5 {
        clock.advance(4 * MINUTE);
        assert!(
            authenticator.cached(&token).is_some(),
            "nobody waits, {round}"
        );
        settle().await;
        assert_eq!(database.asked(), 2 + round);
    }
    database.set(TENANT, false);
    clock.advance(4 * MINUTE);
    assert!(authenticator.cached(&token).is_some());
    settle().await;
    assert!(authenticator.cached(&token).is_none(), "the renewal denied");
    assert_eq!(outcome(&authenticator, &token).await.unwrap_err(), DENIED);
}

#[tokio::test]
async fn known_tenants_outlive_an_outage_to_the_hard_limit_and_recover() {
    let database = Database::new(&[TENANT]);
    let limits = TenantCacheLimits::default().stale_for(10 * MINUTE).unwrap();
    let (authenticator, clock, _) = guard(&database, limits);
    let token = of(TENANT);
    assert!(outcome(&authenticator, &token).await.is_ok());
    database.is(Mood::Down);
    for minute in 1..15 {
        clock.advance(MINUTE);
        assert!(
            outcome(&authenticator, &token).await.is_ok(),
            "after {minute} minutes"
        );
        // Let in beyond its time, but only while the failure is fresh.
        assert!(authenticator.cached(&token).is_some());
        settle().await;
    }
    let asked = database.asked();
    assert!((2..=15).contains(&asked), "{asked}");
    clock.advance(MINUTE);
    assert!(undecided(outcome(&authenticator, &token).await) >= 1);
    assert!(authenticator.cached(&token).is_none());
    // A stranger during the outage: not denied either.
    let stranger = outcome(&authenticator, &of(OTHER_TENANT)).await;
    assert!(undecided(stranger) >= 1);
    database.is(Mood::Well);
    clock.advance(30 * SECOND);
    assert!(outcome(&authenticator, &token).await.is_ok());
    let stranger = outcome(&authenticator, &of(OTHER_TENANT)).await;
    assert_eq!(stranger.unwrap_err(), DENIED);
}

#[tokio::test]
async fn a_tenant_is_forgotten_on_request() {
    let database = Database::new(&[TENANT]);
    let (authenticator, _, _) = usual(&database);
    let token = of(TENANT);
    assert!(outcome(&authenticator, &token).await.is_ok());
    database.set(TENANT, false);
    authenticator.forget_tenant(tenant(TENANT));
    assert!(authenticator.cached(&token).is_none());
    assert_eq!(outcome(&authenticator, &token).await.unwrap_err(), DENIED);
    database.set(TENANT, true);
    authenticator.forget_tenant(tenant(TENANT));
    assert!(outcome(&authenticator, &token).await.is_ok());
}

/// A lookup that began before is answered to those who wait, and not kept.
#[tokio::test]
async fn what_was_asked_before_a_tenant_was_forgotten_is_not_kept() {
    let database = Database::new(&[TENANT]);
    let (authenticator, _, _) = usual(&database);
    let token = of(TENANT);
    authenticator.warm_up().await.unwrap();
    database.is(Mood::Hanging);
    let mut waiting = Box::pin(outcome(&authenticator, &token));
    assert!(futures_util::poll!(&mut waiting).is_pending());
    settle().await;
    authenticator.forget_tenant(tenant(TENANT));
    database.is(Mood::Well);
    assert!(waiting.await.is_ok());
    assert!(authenticator.cached(&token).is_none());
    assert!(outcome(&authenticator, &token).await.is_ok());
    assert_eq!(database.asked(), 2);
}

#[tokio::test]
async fn a_herd_asks_once_and_who_goes_away_harms_nobody() {
    for polls in 0..4 {
        let database = Database::new(&[TENANT]);
        let (authenticator, _, _) = usual(&database);
        authenticator.warm_up().await.unwrap();
        database.is(Mood::Hanging);
        let token = of(TENANT);
        {
            let mut leader = Box::pin(outcome(&authenticator, &token));
            for _ in 0..polls {
                assert!(futures_util::poll!(&mut leader).is_pending());
                tokio::task::yield_now().await;
            }
        }
        let herd = (0..200).map(|_| outcome(&authenticator, &token));
        let (results, ()) = tokio::join!(join_all(herd), async {
            settle().await;
            database.is(Mood::Well);
        });
        assert!(results.iter().all(Result::is_ok));
        assert_eq!(database.asked(), 1, "leader dropped after {polls} polls");
    }
}

/// Strangers have 64 places among the lookups; known tenants need none.
#[tokio::test]
async fn strangers_that_hang_delay_no_known_tenant() {
    let database = Database::new(&[TENANT]);
    let (authenticator, clock, _) = usual(&database);
    let token = of(TENANT);
    assert!(outcome(&authenticator, &token).await.is_ok());
    clock.advance(5 * MINUTE);
    database.is(Mood::Hanging);
    let strangers: Vec<String> = (0..70).map(|number| of(&numbered(number))).collect();
    let mut waiting: Vec<_> = strangers
        .iter()
        .map(|token| Box::pin(outcome(&authenticator, token)))
        .collect();
    let mut refused = 0;
    for future in &mut waiting {
        if let std::task::Poll::Ready(result) = futures_util::poll!(future) {
            assert_eq!(undecided(result), 1);
            refused += 1;
        }
    }
    assert_eq!(refused, 6);
    let mut known = Box::pin(outcome(&authenticator, &token));
    assert!(futures_util::poll!(&mut known).is_pending());
    settle().await;
    assert_eq!(database.asked(), 1 + 64 + 1);
    database.is(Mood::Well);
    assert!(known.await.is_ok());
    settle().await;
    // The places are free again.
    let denied = outcome(&authenticator, &of(&numbered(1000))).await;
    assert_eq!(denied.unwrap_err(), DENIED);
}

#[test]
fn a_waiter_outlives_the_runtime_of_the_one_who_asked() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap()
    };
    let database = Database::new(&[TENANT]);
    let (authenticator, _, _) = usual(&database);
    let token = of(TENANT);
    let (first, second) = (runtime(), runtime());
    first.block_on(async {
        authenticator.warm_up().await.unwrap();
        database.is(Mood::Hanging);
        let mut leader = Box::pin(outcome(&authenticator, &token));
        assert!(futures_util::poll!(&mut leader).is_pending());
        settle().await;
    });
    second.block_on(async {
        let mut waiter = Box::pin(outcome(&authenticator, &token));
        assert!(futures_util::poll!(&mut waiter).is_pending());
        first.shutdown_background();
        database.is(Mood::Well);
        assert!(waiter.await.is_ok());
    });
}

#[tokio::test]
async fn what_is_wrong_with_a_token_is_said_before_its_tenant_is_asked_about() {
    let database = Database::new(&[]);
    let (authenticator, _, _) = usual(&database);
    let foreign = sign_raw("other-key", header().to_string(), user().to_string());
    for (token, reason) in [
        (
            sign(&with(&user(), &[("aud", json!("x"))])),
            Reason::WrongAudience,
        ),
        (
            sign(&with(&user(), &[("exp", json!(NOW - 3000))])),
            Reason::BadLifetime,
        ),
        (
            sign(&with(&user(), &[("tid", json!(OTHER_TENANT))])),
            Reason::TenantMismatch,
        ),
        (foreign, Reason::BadSignature),
    ] {
        let refusal = authenticator.authenticate(&token).await.unwrap_err();
        assert_eq!(refusal.reason(), reason);
    }
    assert_eq!(database.asked(), 0);
}

#[test]
fn a_validator_on_its_own_asks_nobody_and_accepts_nobody() {
    let validator = validator().with_clock(clock());
    let refusal = validator.verify(&of(TENANT), &keys()).unwrap_err();
    assert_eq!(refusal.reason(), Reason::RegistryNotAsked);
    assert_eq!(refusal.class(), RejectionClass::Misconfigured);
    assert!(!validator.tenants().allows(tenant(TENANT)));
    assert!(refusal.remedy().unwrap().contains("Authenticator"));
}

#[test]
fn a_policy_and_a_registry_go_together() {
    let none = Authenticator::new(validator()).unwrap_err();
    assert_eq!(none, ConfigError::NoRegistry);
    let open = Validator::new(
        Cloud::public(),
        TenantPolicy::any_work_or_school_tenant(),
        AcceptedAudiences::of_client(ClientId::parse(API).unwrap()),
    );
    let unused = Authenticator::builder(open)
        .tenant_registry(Database::new(&[]))
        .build()
        .unwrap_err();
    assert_eq!(unused, ConfigError::UnusedRegistry);
}

#[tokio::test]
async fn a_policy_in_a_file_may_leave_tenants_to_a_registry() {
    let file = json!({
        "cloud": "public", "tenants": {"mode": "registry"}, "audiences": [API],
        "token_kinds": ["delegated"],
    });
    let policy = Policy::from_json(&file.to_string()).unwrap();
    let refusal = policy
        .clone()
        .with_validator(|validator| validator.with_clock(clock()))
        .check(&of(TENANT), &keys())
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::RegistryNotAsked);
    let authenticator = Authenticator::builder(policy.validator().clone().with_clock(clock()))
        .transport(shared())
        .tenant_registry(Database::new(&[TENANT]))
        .build()
        .unwrap();
    assert!(authenticator.authenticate(&of(TENANT)).await.is_ok());
    let listed = json!({"mode": "registry", "tenants": [TENANT]});
    let file = with(&file, &[("tenants", listed)]).to_string();
    assert!(Policy::from_json(&file).is_err(), "a list is no registry");
}

#[test]
fn limits_have_bounds() {
    let limits = TenantCacheLimits::default;
    let hours = |hours: u64| Duration::from_secs(hours * 3600);
    for wrong in [
        limits().known_for(Duration::from_millis(999)),
        limits().known_for(hours(24) + SECOND),
        limits().unknown_for(hours(1) + SECOND),
        limits().stale_for(hours(24) + SECOND),
        limits().deadline(Duration::ZERO),
        limits().deadline(31 * SECOND),
        limits().tenants(0),
        limits().tenants(1024 * 1024 + 1),
    ] {
        let error = wrong.unwrap_err();
        assert!(
            matches!(error, ConfigError::RegistryLimit { .. }),
            "{error}"
        );
        assert!(
            error.to_string().contains(" of a tenant registry is "),
            "{error}"
        );
    }
    for right in [
        limits().known_for(SECOND),
        limits().known_for(hours(24)),
        limits().unknown_for(Duration::ZERO),
        limits().unknown_for(hours(1)),
        limits().stale_for(Duration::ZERO),
        limits().stale_for(hours(24)),
        limits().deadline(Duration::from_millis(1)),
        limits().deadline(30 * SECOND),
        limits().tenants(1),
        limits().tenants(1024 * 1024),
    ] {
        assert!(right.is_ok());
    }
}

/// Answers that are not kept are asked for each time, and still decide.
#[tokio::test]
async fn strangers_need_not_be_kept() {
    let database = Database::new(&[]);
    let limits = TenantCacheLimits::default()
        .unknown_for(Duration::ZERO)
        .unwrap();
    let (authenticator, _, _) = guard(&database, limits);
    for asked in 1..4 {
        let denied = outcome(&authenticator, &of(TENANT)).await;
        assert_eq!(denied.unwrap_err(), DENIED);
        assert_eq!(database.asked(), asked);
    }
}

/// A tenant that is known, one that is not, and one that could not be asked about.
#[cfg(feature = "metrics")]
pub(crate) async fn one_of_each_answer() {
    let database = Database::new(&[TENANT]);
    let (authenticator, _, _) = usual(&database);
    assert!(outcome(&authenticator, &of(TENANT)).await.is_ok());
    assert!(outcome(&authenticator, &of(OTHER_TENANT)).await.is_err());
    database.is(Mood::Down);
    undecided(outcome(&authenticator, &of(&numbered(1))).await);
}
