//! Tenants in a registry: unknown is denied, unreachable is undecided, and nothing is remembered
//! for longer than the registry chose.

mod admission;
mod lifetimes;
mod lookups;
mod policy;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use entra_claims::registry::{TenantCacheLimits, TenantRegistry, TenantRegistryError};
use entra_claims::{
    AcceptedAudiences, Authenticator, ManualClock, Reason, RejectionClass, TenantPolicy, Validator,
    VerifiedToken,
};
use foundry_scopes::{ClientId, Cloud, TenantId};
use serde_json::json;
use tokio::sync::watch;

use super::script::{Script, discovery_url, keys_url, metadata};
use crate::support::{API, NOW, TENANT, clock, key_document, sign, tenant, user, v2_issuer, with};

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
        AcceptedAudiences::for_client(ClientId::parse(API).unwrap()),
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

/// A tenant that is known, one that is not, and one that could not be asked about.
#[cfg(feature = "metrics")]
pub(crate) async fn one_of_each_answer() {
    let database = Database::new(&[TENANT]);
    let (authenticator, _, _) = usual(&database);
    assert!(outcome(&authenticator, &of(TENANT)).await.is_ok());
    assert!(outcome(&authenticator, &of(&numbered(2))).await.is_err());
    database.is(Mood::Down);
    undecided(outcome(&authenticator, &of(&numbered(1))).await);
}
