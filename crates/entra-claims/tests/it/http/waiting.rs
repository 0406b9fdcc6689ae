//! How long requests wait for keys, how many may, and how many fetches they cause.

use std::sync::Arc;
use std::time::Duration;

use entra_claims::transport::{BoxFuture, HttpTransport, TransportError};
use entra_claims::{AcceptedAudiences, Authenticator, Reason, TenantPolicy, Validator};
use foundry_scopes::{ClientId, Cloud, TenantId};
use futures_util::future::join_all;
use serde_json::json;

use super::key_source::{lasting, outcome};
use super::script::{Script, authenticator, build, keys_url, settle};
use crate::support::{API, header, sign, sign_raw, user, v2_issuer, validator, with};

/// Answers after a pause, each time.
#[derive(Debug)]
struct Slow(Arc<Script>, Duration);

impl HttpTransport for Slow {
    fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> BoxFuture<'_, Result<http::Response<Vec<u8>>, TransportError>> {
        Box::pin(async move {
            tokio::time::sleep(self.1).await;
            self.0.send(request).await
        })
    }
}

fn slow(pause: u64) -> (Arc<Script>, Authenticator) {
    let script = Script::new();
    let transport = Slow(Arc::clone(&script), Duration::from_secs(pause));
    let validator = validator().with_clock(crate::support::clock());
    let authenticator = Authenticator::builder(validator).transport(Arc::new(transport));
    (script, authenticator.build().unwrap())
}

/// The request is answered, and the fetch goes on for the next one.
#[tokio::test(start_paused = true)]
async fn a_request_waits_for_keys_five_seconds() {
    let (_script, authenticator) = slow(4);
    let began = tokio::time::Instant::now();
    let refusal = authenticator
        .authenticate(&sign(&user()))
        .await
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::KeysUnavailable);
    assert_eq!(began.elapsed(), Duration::from_secs(5));
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert!(authenticator.authenticate(&sign(&user())).await.is_ok());
    assert_eq!(began.elapsed(), Duration::from_secs(9), "without waiting");
}

#[tokio::test(start_paused = true)]
async fn discovery_and_keys_together_have_ten_seconds() {
    let (script, authenticator) = slow(6);
    let began = tokio::time::Instant::now();
    assert!(authenticator.warm_up().await.is_err());
    assert_eq!(began.elapsed(), Duration::from_secs(10));
    assert_eq!(script.key_fetches(), 0);
}

/// Tokens for the first keys wait too, and not without a bound.
#[tokio::test]
async fn more_waiters_for_the_first_keys_than_places_are_told_at_once() {
    let script = Script::new();
    let (authenticator, _) = authenticator(&script);
    script.close();
    // Without a signature to check, for the sake of time.
    let head = with(&header(), &[("kid", json!("nobody's"))]);
    let unknown = sign_raw("other-key", head.to_string(), user().to_string());
    let herd = (0..16_500).map(|_| outcome(&authenticator, &unknown));
    let (results, ()) = tokio::join!(join_all(herd), async {
        settle().await;
        script.open();
    });
    let overloaded = results
        .iter()
        .filter(|result| matches!(result, Err((Reason::Overloaded, _))));
    assert_eq!(overloaded.count(), 16_500 - 16_384);
    assert!(outcome(&authenticator, &lasting()).await.is_ok());
}

/// A made-up token names any tenant of the list: they share one budget.
#[tokio::test]
async fn unknown_keys_of_many_tenants_share_one_budget() {
    let script = Script::new();
    let tenants: Vec<String> = (0..40)
        .map(|n| format!("{n:08}-2b34-4da1-9baa-8bc8c9d6a490"))
        .collect();
    tenants.iter().for_each(|tenant| script.tenant(tenant));
    let ids = tenants
        .iter()
        .map(|tenant| TenantId::parse(tenant).unwrap());
    let clock = crate::support::clock();
    let validator = Validator::new(
        Cloud::public(),
        TenantPolicy::allow_list(ids).unwrap(),
        AcceptedAudiences::for_client(ClientId::parse(API).unwrap()),
    );
    let authenticator = build(&script, validator.with_clock(clock.clone()));
    authenticator.warm_up().await.unwrap();
    let fetches = || {
        tenants
            .iter()
            .map(|tenant| script.count(&keys_url(tenant)))
            .sum::<usize>()
    };
    assert_eq!(fetches(), 40);
    let token = |tenant: &String| {
        let claims = [("tid", json!(tenant)), ("iss", json!(v2_issuer(tenant)))];
        let head = with(&header(), &[("kid", json!("nobody's"))]);
        sign_raw(
            "other-key",
            head.to_string(),
            with(&user(), &claims).to_string(),
        )
    };
    for round in 1..=2 {
        for (place, tenant) in tenants.iter().enumerate() {
            let (reason, _) = outcome(&authenticator, &token(tenant)).await.unwrap_err();
            let expected = match place {
                0..16 => Reason::UnknownKey,
                _ => Reason::Overloaded,
            };
            assert_eq!(reason, expected, "{place}");
        }
        assert_eq!(fetches(), 40 + round * 16);
        clock.advance(Duration::from_secs(60));
    }
}
