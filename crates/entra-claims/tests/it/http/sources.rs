//! Where keys come from, and how they are.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use entra_claims::keys::{
    FetchReason, KeyAuthority, KeyFile, KeySource, KeySourceError, StaticKeys,
};
use entra_claims::transport::{BoxFuture, TransportError};
use entra_claims::{
    AcceptedAudiences, Authenticator, ConfigError, KeySet, Reason, RejectionClass, TenantPolicy,
    TokenCacheLimits, Validator,
};
use foundry_scopes::{ClientId, Cloud, TenantId};
use serde_json::json;

use super::script::{
    Reply, Script, authenticator, build, discovery_url, keys_url, metadata, settle,
};
use crate::support::{
    API, NOW, TENANT, clock, key_document, keys, sign, sign_raw, tenant, user, v2_issuer,
    validator, with,
};

const DOWN: Reply = Reply::Fail(TransportError::Connect);
const HOUR: Duration = Duration::from_secs(3600);

fn lasting() -> String {
    sign(&with(&user(), &[("exp", json!(NOW + 30 * 86_400))]))
}

fn of_key_2() -> String {
    let header = json!({"typ": "JWT", "alg": "RS256", "kid": "key-2"});
    let claims = with(&user(), &[("exp", json!(NOW + 30 * 86_400))]);
    sign_raw("other-key", header.to_string(), claims.to_string())
}

/// Counts what it is asked, and fails when told.
#[derive(Debug, Default)]
struct Counting {
    fetches: AtomicUsize,
    unknown: AtomicUsize,
}

impl KeySource for Counting {
    fn fetch<'a>(
        &'a self,
        authority: &'a KeyAuthority,
        reason: FetchReason,
    ) -> BoxFuture<'a, Result<KeySet, KeySourceError>> {
        assert_eq!(authority.tenant(), Some(tenant(TENANT)));
        self.fetches.fetch_add(1, Ordering::SeqCst);
        if reason == FetchReason::UnknownKey {
            self.unknown.fetch_add(1, Ordering::SeqCst);
            return Box::pin(async { Err(KeySourceError::other("the table is locked")) });
        }
        Box::pin(async { Ok(keys()) })
    }
}

#[tokio::test]
async fn a_source_of_the_users_own_only_fetches() {
    let source = Arc::new(Counting::default());
    let authenticator = Authenticator::builder(validator())
        .key_source(source.clone())
        .build()
        .unwrap();
    for _ in 0..10 {
        assert!(authenticator.authenticate(&sign(&user())).await.is_ok());
    }
    assert_eq!(source.fetches.load(Ordering::SeqCst), 1);
    let header = json!({"alg": "RS256", "kid": "nobody's"});
    let hostile = sign_raw("other-key", header.to_string(), user().to_string());
    for _ in 0..10 {
        let refusal = authenticator.authenticate(&hostile).await.unwrap_err();
        assert_eq!(refusal.reason(), Reason::KeysUnavailable);
        assert!(
            refusal.explain().contains("the table is locked"),
            "{}",
            refusal.explain()
        );
    }
    assert_eq!(source.unknown.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn static_keys_need_no_network() {
    let authenticator = Authenticator::builder(validator())
        .key_source(Arc::new(StaticKeys::new(keys())))
        .build()
        .unwrap();
    authenticator.warm_up().await.unwrap();
    assert!(authenticator.ready());
    assert!(authenticator.authenticate(&sign(&user())).await.is_ok());
}

#[tokio::test]
async fn a_key_file_is_read_again_for_an_unknown_key() {
    let folder = std::env::temp_dir().join(format!("entra-claims-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("keys.json");
    let write = |kids: &[&str]| {
        let mut document = key_document();
        let entries = document["keys"].as_array_mut().unwrap();
        entries.retain(|entry| kids.contains(&entry["kid"].as_str().unwrap()));
        std::fs::write(&path, document.to_string()).unwrap();
    };
    let clock = clock();
    let authenticator = Authenticator::builder(validator().with_clock(clock.clone()))
        .key_source(Arc::new(KeyFile::at(&path)))
        .build()
        .unwrap();
    let refusal = authenticator.authenticate(&lasting()).await.unwrap_err();
    assert_eq!(refusal.reason(), Reason::KeysUnavailable);
    write(&["key-1"]);
    clock.advance(Duration::from_secs(1));
    assert!(authenticator.authenticate(&lasting()).await.is_ok());
    write(&["key-1", "key-2"]);
    assert!(authenticator.authenticate(&of_key_2()).await.is_ok());
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn the_keys_of_an_application_are_asked_for_by_its_id() {
    let script = Script::new();
    let asked = format!("{}?appid={API}", discovery_url(TENANT));
    let uri = format!("{}?appid={API}", keys_url(TENANT));
    script.json(
        &asked,
        &with(&metadata(TENANT), &[("jwks_uri", json!(uri))]),
    );
    script.json(&uri, &key_document());
    let authenticator = Authenticator::builder(validator())
        .transport(script.clone())
        .app_keys(ClientId::parse(API).unwrap())
        .build()
        .unwrap();
    assert!(authenticator.authenticate(&sign(&user())).await.is_ok());
    assert_eq!((script.count(&asked), script.count(&uri)), (1, 1));
    assert_eq!(script.requests(), 2);
}

fn many_tenants() -> Validator {
    let other = |i: u32| tenant(&format!("{i:08x}-0000-4000-8000-000000000000"));
    let list = (0..300).map(other).chain([tenant(TENANT)]);
    Validator::new(
        Cloud::public(),
        TenantPolicy::allow_list(list).unwrap(),
        AcceptedAudiences::for_client(ClientId::parse(API).unwrap()),
    )
    .with_clock(clock())
}

#[tokio::test]
async fn a_long_list_of_tenants_shares_one_key_set() {
    let script = Script::new();
    let shared = metadata("common");
    script.json(
        &discovery_url("common"),
        &with(&shared, &[("issuer", json!(v2_issuer("{tenantid}")))]),
    );
    script.json(&keys_url("common"), &key_document());
    let authenticator = build(&script, many_tenants());
    assert!(authenticator.authenticate(&sign(&user())).await.is_ok());
    for i in 0..300 {
        let tid = format!("{i:08x}-0000-4000-8000-000000000000");
        let claims = with(
            &user(),
            &[("iss", json!(v2_issuer(&tid))), ("tid", json!(tid))],
        );
        assert!(authenticator.authenticate(&sign(&claims)).await.is_ok());
    }
    assert_eq!(script.requests(), 2, "one authority, however many tenants");
    assert_eq!(authenticator.key_health().len(), 1);
    // A key of one tenant signs for no other, whoever publishes it.
    let mut document = key_document();
    document["keys"][0]["issuer"] = json!(v2_issuer(&TenantId::PERSONAL.to_string()));
    script.json(&keys_url("common"), &document);
    authenticator.refresh_keys().await.unwrap();
    let refusal = authenticator
        .authenticate(&sign(&user()))
        .await
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::KeyIssuerMismatch);
}

#[tokio::test]
async fn the_shared_documents_issuer_is_the_template_and_nothing_else() {
    for issuer in [
        v2_issuer(TENANT),
        v2_issuer("common"),
        "https://evil.example/{tenantid}/v2.0".to_owned(),
    ] {
        let script = Script::new();
        script.json(
            &discovery_url("common"),
            &with(&metadata("common"), &[("issuer", json!(issuer))]),
        );
        let authenticator = build(&script, many_tenants());
        let refusal = authenticator
            .authenticate(&sign(&user()))
            .await
            .unwrap_err();
        assert_eq!(refusal.reason(), Reason::WrongMetadata, "{issuer}");
        assert_eq!(script.requests(), 1);
    }
}

#[tokio::test]
async fn health_tells_ages_and_outages() {
    let script = Script::new();
    let (authenticator, clock) = authenticator(&script);
    assert!(!authenticator.ready());
    let health = authenticator.key_health();
    assert_eq!(
        (health[0].keys, health[0].age, health[0].degraded_for),
        (0, None, None)
    );
    authenticator.warm_up().await.unwrap();
    authenticator.warm_up().await.unwrap();
    assert_eq!(script.requests(), 2, "what is at hand is not fetched");
    assert!(authenticator.ready());
    assert_eq!(authenticator.key_health()[0].keys, 2);

    script.answer_all(&DOWN);
    clock.advance(HOUR);
    let refusal = authenticator.refresh_keys().await.unwrap_err();
    assert!(matches!(
        refusal.class(),
        RejectionClass::Unavailable { .. }
    ));
    clock.advance(HOUR);
    let health = authenticator.key_health()[0];
    assert_eq!(health.age, Some(2 * HOUR));
    assert_eq!(health.degraded_for, Some(HOUR));
    assert!(authenticator.ready(), "good keys are served");
    assert_eq!(health.tenant, Some(tenant(TENANT)));

    script.tenant(TENANT);
    authenticator.refresh_keys().await.unwrap();
    let health = authenticator.key_health()[0];
    assert_eq!(
        (health.age, health.degraded_for),
        (Some(Duration::ZERO), None)
    );
}

#[tokio::test]
async fn keys_at_hand_are_read_in_place() {
    let script = Script::new();
    let (authenticator, _) = authenticator(&script);
    let count = |tid| authenticator.with_keys(tenant(tid), |keys| keys.kids().count());
    assert_eq!(count(TENANT), None);
    authenticator.warm_up().await.unwrap();
    assert_eq!(count(TENANT), Some(2));
    assert_eq!(count(crate::support::OTHER_TENANT), None);
}

#[tokio::test]
async fn a_warm_up_that_fails_says_so_and_spoils_nothing() {
    let script = Script::new();
    script.answer_all(&DOWN);
    let (authenticator, clock) = authenticator(&script);
    let refusal = authenticator.warm_up().await.unwrap_err();
    assert_eq!(refusal.reason(), Reason::KeysUnavailable);
    assert!(!authenticator.ready());
    script.tenant(TENANT);
    clock.advance(Duration::from_secs(2));
    assert!(authenticator.authenticate(&lasting()).await.is_ok());
}

#[tokio::test]
async fn a_withdrawn_key_is_gone_with_a_forced_refresh() {
    let script = Script::new();
    let (authenticator, _) = authenticator(&script);
    assert!(authenticator.authenticate(&lasting()).await.is_ok());
    script.publish(&["key-2"]);
    assert!(authenticator.cached(lasting()).is_some());
    authenticator.refresh_keys().await.unwrap();
    assert!(authenticator.cached(lasting()).is_none());
    assert!(authenticator.authenticate(&lasting()).await.is_err());
}

/// Another key beside it takes no token away; the same name for another key does.
#[tokio::test]
async fn remembered_tokens_stay_while_their_key_does() {
    let script = Script::new();
    script.publish(&["key-1"]);
    let (authenticator, _) = authenticator(&script);
    assert!(authenticator.authenticate(&lasting()).await.is_ok());
    script.publish(&["key-1", "key-2"]);
    assert!(authenticator.authenticate(&of_key_2()).await.is_ok());
    assert!(authenticator.cached(lasting()).is_some());

    let mut document = key_document();
    document["keys"][0]["n"] = document["keys"][1]["n"].clone();
    script.json(&keys_url(TENANT), &document);
    authenticator.refresh_keys().await.unwrap();
    assert!(authenticator.cached(lasting()).is_none());
}

#[tokio::test]
async fn stale_keys_are_served_to_the_second_that_was_chosen() {
    for (chosen, hours) in [(None, 24), (Some(36), 36), (Some(7 * 24), 7 * 24)] {
        let script = Script::new();
        let clock = clock();
        let mut builder =
            Authenticator::builder(validator().with_clock(clock.clone())).transport(script.clone());
        if let Some(hours) = chosen {
            builder = builder.serve_stale_keys_for(hours * HOUR).unwrap();
        }
        let authenticator = builder.build().unwrap();
        assert!(authenticator.authenticate(&lasting()).await.is_ok());
        script.answer_all(&DOWN);
        clock.advance(hours * HOUR - Duration::from_secs(1));
        assert!(authenticator.authenticate(&lasting()).await.is_ok());
        settle().await;
        clock.advance(Duration::from_secs(2));
        assert!(authenticator.cached(lasting()).is_none());
        let refusal = authenticator.authenticate(&lasting()).await.unwrap_err();
        assert_eq!(refusal.reason(), Reason::KeysUnavailable, "{hours} h");
        assert!(!authenticator.ready());
    }
    for hours in [0, 23, 7 * 24 + 1] {
        let builder = Authenticator::builder(validator());
        assert_eq!(
            builder
                .serve_stale_keys_for(hours * HOUR)
                .unwrap_err()
                .to_string(),
            format!(
                "serve_stale_keys_for is {} s, and may be 86400 s to 604800 s",
                hours * 3600
            )
        );
    }
    assert!(matches!(
        Authenticator::builder(validator()).serve_stale_keys_for(HOUR),
        Err(ConfigError::OutOfRange { .. })
    ));
}

#[tokio::test]
async fn without_a_memory_each_token_is_verified_anew() {
    let script = Script::new();
    let authenticator = Authenticator::builder(validator())
        .transport(script.clone())
        .token_cache(TokenCacheLimits::default().with_entries(0))
        .build()
        .unwrap();
    assert!(authenticator.authenticate(&sign(&user())).await.is_ok());
    assert!(authenticator.cached(sign(&user())).is_none());
}
