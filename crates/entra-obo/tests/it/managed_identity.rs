//! Managed identities: what each endpoint is asked, when it is asked again, and what its
//! answers mean.

use std::sync::Arc;

use crate::support::*;
use entra_claims::ManualClock;
use entra_claims::transport::TransportError;
use entra_obo::managed_identity::{IdentitySelector, ManagedIdentity, ManagedIdentityBuilder};
use entra_obo::{ClientCredential, ErrorKind, ExchangeClient, NextStep};
use foundry_scopes::{ClientId, ObjectId, Scope};

const APP_SERVICE: &str = "http://localhost:42356/msi/token";
const HEADER: &str = "the-identity-header-value";
const IMDS_BODY: &str = r#"{"access_token":"managed.identity.token","expires_in":"86399","expires_on":"1700086399","resource":"r","token_type":"Bearer"}"#;

fn scope() -> Scope {
    Scope::parse("https://ai.azure.com/.default").unwrap()
}

fn giving() -> Arc<Endpoint> {
    Endpoint::new(|_, _| Ok(json(200, IMDS_BODY)))
}

/// Answers with these statuses first, and then with a token.
fn failing(statuses: &'static [u16]) -> Arc<Endpoint> {
    Endpoint::new(move |_, n| match statuses.get(n) {
        Some(0) => Err(TransportError::Timeout),
        Some(1) => Err(TransportError::Connect),
        Some(status) => Ok(json(*status, "{}")),
        None => Ok(json(200, IMDS_BODY)),
    })
}

fn build(builder: ManagedIdentityBuilder, endpoint: &Arc<Endpoint>) -> ManagedIdentity {
    builder
        .transport(endpoint.clone())
        .clock(Arc::new(ManualClock::at(NOW)))
        .build()
        .unwrap()
}

fn app_service() -> ManagedIdentityBuilder {
    ManagedIdentity::app_service(APP_SERVICE, HEADER)
}

#[tokio::test]
async fn the_metadata_service_is_asked_as_documented() {
    let client = ClientId::parse(CLIENT).unwrap();
    let object = ObjectId::parse(TENANT).unwrap();
    let resource = "/subscriptions/s/resourceGroups/g".to_owned();
    for (selector, extra) in [
        (IdentitySelector::Only, String::new()),
        (
            IdentitySelector::Client(client),
            format!("&client_id={CLIENT}"),
        ),
        (
            IdentitySelector::Object(object),
            format!("&object_id={TENANT}"),
        ),
        (
            IdentitySelector::Resource(resource),
            "&msi_res_id=%2Fsubscriptions%2Fs%2FresourceGroups%2Fg".to_owned(),
        ),
    ] {
        let endpoint = giving();
        let identity = build(ManagedIdentity::imds().identity(selector), &endpoint);
        let token = identity.token(&scope()).await.unwrap();
        assert_eq!(token.expose(), "managed.identity.token");
        assert_eq!(token.expires_at_unix(), NOW + 86_399);
        identity.token(&scope()).await.unwrap();
        let seen = endpoint.seen();
        assert_eq!(seen.len(), 1, "the second call is answered from the cache");
        assert_eq!(
            seen[0].uri,
            format!(
                "http://169.254.169.254/metadata/identity/oauth2/token\
                 ?api-version=2018-02-01&resource=https%3A%2F%2Fai.azure.com{extra}"
            )
        );
        assert_eq!(seen[0].headers["metadata"], "true");
    }
}

#[tokio::test]
async fn app_service_is_asked_as_documented() {
    let endpoint = Endpoint::new(|_, _| {
        let until = NOW + 3600;
        Ok(json(
            200,
            format!(r#"{{"access_token":"t","expires_on":"{until}","token_type":"Bearer"}}"#),
        ))
    });
    let resource = IdentitySelector::Resource("/r".to_owned());
    let identity = build(app_service().identity(resource), &endpoint);
    let token = identity.token(&scope()).await.unwrap();
    assert_eq!(token.expires_at_unix(), NOW + 3600);
    let seen = endpoint.seen();
    assert_eq!(
        seen[0].uri,
        format!(
            "{APP_SERVICE}?api-version=2019-08-01&resource=https%3A%2F%2Fai.azure.com&mi_res_id=%2Fr"
        )
    );
    assert_eq!(seen[0].headers["x-identity-header"], HEADER);
    assert!(seen[0].headers["x-identity-header"].is_sensitive());
    assert!(!seen[0].headers.contains_key("metadata"));
}

#[tokio::test(start_paused = true)]
async fn each_source_is_asked_again_as_it_documents() {
    type Make = fn() -> ManagedIdentityBuilder;
    let imds: Make = ManagedIdentity::imds;
    let app: Make = app_service;
    for (make, statuses, served, calls, seconds) in [
        (imds, &[][..], true, 1, 0),
        (imds, &[404, 429, 500], true, 4, 1 + 2 + 4),
        (imds, &[0, 1, 503], true, 4, 1 + 2 + 4),
        (imds, &[500, 500, 500, 500], false, 4, 1 + 2 + 4),
        // An update takes up to 70 s.
        (imds, &[410; 7], true, 8, 70),
        (imds, &[410; 8], false, 8, 70),
        (imds, &[400], false, 1, 0),
        (imds, &[403], false, 1, 0),
        (app, &[404, 429, 500], true, 4, 3),
        (app, &[503, 504, 408], true, 4, 3),
        (app, &[410], false, 1, 0),
        (app, &[501], false, 1, 0),
        (app, &[0, 0], false, 2, 1),
    ] {
        let endpoint = failing(statuses);
        let identity = build(make(), &endpoint);
        let start = tokio::time::Instant::now();
        let got = identity.token(&scope()).await;
        assert_eq!(got.is_ok(), served, "{statuses:?}: {got:?}");
        assert_eq!(endpoint.calls(), calls, "{statuses:?}");
        assert_eq!(start.elapsed().as_secs(), seconds, "{statuses:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_asked_for_is_kept_and_a_long_one_is_the_callers() {
    for (told, calls, seconds) in [("7", 2, 7), ("11", 1, 0)] {
        let endpoint = Endpoint::new(move |_, n| match n {
            0 => with_header(json(429, "{}"), "retry-after", told),
            _ => Ok(json(200, IMDS_BODY)),
        });
        let identity = build(ManagedIdentity::imds(), &endpoint);
        let start = tokio::time::Instant::now();
        let got = identity.token(&scope()).await;
        assert_eq!(endpoint.calls(), calls);
        assert_eq!(start.elapsed().as_secs(), seconds);
        if calls == 1 {
            let NextStep::RetryAt(at) = got.unwrap_err().next() else {
                panic!("no time to retry at");
            };
            assert_eq!(at.unix_timestamp(), NOW + 11);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn refusals_say_what_to_do() {
    let entra = Endpoint::new(|_, _| Ok(refuse(400, "invalid_resource", "", 500_011)));
    let error = build(ManagedIdentity::imds(), &entra).token(&scope()).await;
    let error = error.unwrap_err();
    assert_eq!(error.codes(), [500_011]);
    assert_eq!(error.kind(), ErrorKind::Configuration);

    let body =
        r#"{"statusCode":400,"message":"No User Assigned or Delegated Managed Identity found"}"#;
    let plain = Endpoint::new(move |_, _| Ok(json(400, body)));
    let error = build(app_service(), &plain)
        .token(&scope())
        .await
        .unwrap_err();
    assert_eq!(error.next(), NextStep::FixConfiguration);
    assert!(error.to_string().contains("no such identity"), "{error}");
    let said = "answered 400 (No User Assigned or Delegated Managed Identity found)";
    assert!(error.to_string().contains(said), "{error}");

    let away = failing(&[1, 1, 1, 1]);
    let error = build(ManagedIdentity::imds(), &away).token(&scope()).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreachable);
    assert!(error.to_string().contains("on Azure only"), "{error}");

    let garbage = Endpoint::new(|_, _| Ok(json(200, "<html>")));
    let error = build(ManagedIdentity::imds(), &garbage)
        .token(&scope())
        .await;
    assert_eq!(error.unwrap_err().next(), NextStep::Unrecoverable);

    let named = Scope::parse("https://graph.microsoft.com/User.Read").unwrap();
    let error = build(ManagedIdentity::imds(), &giving())
        .token(&named)
        .await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn plain_http_beyond_the_machine_is_refused() {
    let identity = ManagedIdentity::app_service("http://identity.example/token", HEADER);
    let error = identity.build().unwrap().token(&scope()).await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains(&TransportError::NotHttps.to_string()),
        "{text}"
    );
    assert_eq!(error.next(), NextStep::FixConfiguration);
}

#[tokio::test]
async fn identities_of_one_machine_do_not_meet_and_callers_share_a_request() {
    let endpoint = giving();
    let identity = build(ManagedIdentity::imds(), &endpoint);
    let gate = endpoint.gate.write().await;
    let callers: Vec<_> = (0..100)
        .map(|_| {
            let identity = identity.clone();
            tokio::spawn(async move { identity.token(&scope()).await.unwrap() })
        })
        .collect();
    while identity.stats().coalesced < 99 {
        tokio::task::yield_now().await;
    }
    drop(gate);
    for caller in callers {
        caller.await.unwrap();
    }
    assert_eq!(endpoint.calls(), 1);
    let other = Scope::parse("https://graph.microsoft.com/.default").unwrap();
    identity.token(&other).await.unwrap();
    assert_eq!(endpoint.calls(), 2);
}

#[tokio::test]
async fn a_managed_identity_is_a_credential_and_is_asked_anew_when_it_was_refused() {
    let machine = Endpoint::new(|_, n| {
        Ok(json(
            200,
            format!(r#"{{"access_token":"identity.token.{n}","expires_in":"3600"}}"#),
        ))
    });
    let identity = build(ManagedIdentity::imds(), &machine);
    let entra = Endpoint::new(|seen, n| match n {
        1 => Ok(refuse(401, "invalid_client", "", 700_024)),
        _ => grant(seen, 3600, ""),
    });
    let client = ExchangeClient::builder(
        authority(),
        ClientId::parse(CLIENT).unwrap(),
        ClientCredential::federated(Arc::new(identity)),
    )
    .transport(entra.clone())
    .clock(Arc::new(ManualClock::at(NOW)))
    .build()
    .unwrap();
    let api = client.downstream(scopes(SCOPE)).unwrap();
    api.token_on_behalf_of(&user(1)).await.unwrap();
    api.token_on_behalf_of(&user(2)).await.unwrap();
    let seen = entra.seen();
    let sent: Vec<_> = seen
        .iter()
        .map(|seen| seen.get("client_assertion"))
        .collect();
    assert_eq!(
        sent,
        ["identity.token.0", "identity.token.0", "identity.token.1"]
    );
    let asked = &machine.seen()[0].uri;
    assert!(
        asked.contains("resource=api%3A%2F%2FAzureADTokenExchange"),
        "{asked}"
    );
}

#[tokio::test]
async fn nothing_of_it_is_printed() {
    let identity = build(app_service(), &giving());
    let token = identity.token(&scope()).await.unwrap();
    let shown = format!("{identity:?} {token:?}");
    let secrets = [HEADER.to_owned(), "managed.identity.token".to_owned()];
    assert_clean("a managed identity", &shown, &secrets);
}
