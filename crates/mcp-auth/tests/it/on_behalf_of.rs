//! HTTP answers to requests whose on-behalf-of exchange fails.

use std::sync::{Arc, Mutex};

use axum::response::IntoResponse as _;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use entra_claims::Requirement;
use entra_emulator::{Fault, demo};
use entra_obo::{
    ClientCredential, ClientSecret, Downstream, ExchangeClient, ExchangeError, NextStep,
};
use foundry_scopes::{ClientId, ScopeSet, TenantId};
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use mcp_auth::{AuthLayer, Caller, ConsentPages, OnBehalfOfError, Refusal};
use serde_json::{Value, json};
use tower::{Layer as _, ServiceExt as _, service_fn};

use crate::common::world::{World, bearer, read};

const TOKEN: &str = "/oauth2/v2.0/token";

struct Api {
    world: World,
    exchange: ExchangeClient,
}

/// What the client sees.
struct Seen {
    status: StatusCode,
    challenge: Option<String>,
    retry_after: Option<u64>,
    body: Value,
    refusal: Refusal,
}

impl Api {
    async fn start() -> Self {
        let world = World::start().await;
        let exchange = exchange(&world, demo::MCP_SERVER_SECRET);
        Self { world, exchange }
    }

    fn guard(&self) -> AuthLayer {
        let requirement = Requirement::any_of([read(), Requirement::any_role()]);
        self.world.guard_for(requirement)
    }

    fn downstream(&self, scope: &str) -> Downstream {
        let scopes = ScopeSet::parse(scope).unwrap();
        self.exchange.downstream(scopes).unwrap()
    }

    /// Alice, with a token that says what her client understands.
    fn capable(&self, capabilities: &[&str]) -> String {
        let token = self.world.forged(&[demo::MCP_READ]);
        token.claim("xms_cc", json!(capabilities)).sign().unwrap()
    }

    async fn orders(&self, token: &str) -> OnBehalfOfError {
        let orders = self.downstream(demo::ORDERS_READ_SCOPE);
        let caller = caller(self.guard(), token).await;
        caller.on_behalf_of(&orders).await.unwrap_err()
    }
}

fn exchange(world: &World, secret: &str) -> ExchangeClient {
    let secret = ClientCredential::secret(ClientSecret::new(secret));
    let client = ClientId::parse(demo::MCP_SERVER).unwrap();
    ExchangeClient::new(world.authority.clone(), client, secret).unwrap()
}

async fn caller(guard: AuthLayer, token: &str) -> Caller {
    let seen = Arc::new(Mutex::new(None));
    let handler = {
        let seen = Arc::clone(&seen);
        service_fn(move |request: Request<()>| {
            *seen.lock().unwrap() = request.extensions().get::<Caller>().cloned();
            async {
                Ok::<_, std::convert::Infallible>(Response::new(Full::<bytes::Bytes>::default()))
            }
        })
    };
    let answer = guard.layer(handler).oneshot(bearer(token)).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let caller = seen.lock().unwrap().take();
    caller.unwrap()
}

fn seen(error: OnBehalfOfError) -> Seen {
    let answer = error.into_answer();
    let text = |name: &str| {
        let value = answer.headers().get(name);
        value.map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(text("cache-control").unwrap(), "no-store");
    assert_eq!(text("content-type").unwrap(), "application/json");
    let body: Value = serde_json::from_str(answer.body()).unwrap();
    let refusal = answer.extensions().get::<Refusal>().unwrap().clone();
    assert_eq!(refusal.status(), answer.status());
    assert_eq!(refusal.code(), body["error"]);
    assert_eq!(refusal.incident_id(), body["incident_id"]);
    assert_eq!(text("x-incident-id"), Some(refusal.incident_id()));
    for hidden in ["AADSTS", demo::MCP_SERVER_SECRET, "Trace ID"] {
        assert!(!answer.body().contains(hidden), "{}", answer.body());
    }
    Seen {
        status: answer.status(),
        challenge: text("www-authenticate"),
        retry_after: text("retry-after").map(|seconds| seconds.parse().unwrap()),
        body,
        refusal,
    }
}

#[tokio::test]
async fn missing_consent_leads_to_the_administrators_page_and_never_to_a_users() {
    let api = Api::start().await;
    let payroll = api.downstream(demo::PAYROLL_READ_SCOPE);
    let alice = caller(api.guard(), &api.world.token_of(demo::ALICE)).await;
    let error = alice.on_behalf_of(&payroll).await.unwrap_err();
    assert_eq!(error.next(), NextStep::AskConsent);
    let seen = seen(error);
    assert_eq!(seen.status, StatusCode::FORBIDDEN);
    assert_eq!(seen.challenge, None);
    assert_eq!(seen.body["error"], "consent_required");
    assert_eq!(seen.body["scope"], demo::PAYROLL_READ_SCOPE);
    let page = seen.body["admin_consent_url"].as_str().unwrap();
    assert!(page.contains("/adminconsent?"), "{page}");
    assert!(seen.body["consent_url"].is_null());
    assert!(
        seen.refusal.explain().contains("consent"),
        "{}",
        seen.refusal.explain()
    );
}

#[tokio::test]
async fn missing_consent_leads_to_the_guards_pages_where_there_are_some() {
    let api = Api::start().await;
    let url = "https://api.test/consent";
    let pages = ConsentPages::builder(url, api.exchange.clone(), api.world.authenticator());
    let guard = api.guard().consent_pages(pages.build().unwrap());
    let payroll = api.downstream(demo::PAYROLL_READ_SCOPE);
    let alice = caller(guard, &api.world.token_of(demo::ALICE)).await;
    let error = alice.on_behalf_of(&payroll).await.unwrap_err();
    let seen = seen(error);
    assert_eq!(seen.status, StatusCode::FORBIDDEN);
    let page = seen.body["consent_url"].as_str().unwrap();
    assert!(page.starts_with("https://api.test/consent/"), "{page}");
    assert!(seen.body["admin_consent_url"].is_null());
}

/// Byte for byte, and from the guard: with its metadata.
#[tokio::test]
async fn claims_go_to_clients_that_understand_them() {
    let api = Api::start().await;
    let claims = r#"{ "access_token": {"acrs":{"essential":true, "value":"c1"}} }"#;
    let fault = || Fault::aadsts(TOKEN, 50076).claims(claims);
    api.world.emulator.fail_next(fault());
    let capable = seen(api.orders(&api.capable(&["CP1"])).await);
    assert_eq!(capable.status, StatusCode::UNAUTHORIZED);
    let challenge = capable.challenge.unwrap();
    assert!(
        challenge.starts_with("Bearer error=\"insufficient_claims\""),
        "{challenge}"
    );
    assert!(
        challenge.contains("resource_metadata=\"https://mcp.test/"),
        "{challenge}"
    );
    let encoded = challenge.split("claims=\"").nth(1).unwrap();
    let encoded = encoded.split('"').next().unwrap();
    assert_eq!(BASE64_STANDARD.decode(encoded).unwrap(), claims.as_bytes());

    api.world.emulator.fail_next(fault());
    let other = seen(api.orders(&api.capable(&["other"])).await);
    assert_eq!(other.status, StatusCode::FORBIDDEN);
    assert_eq!(other.challenge, None);
    assert_eq!(other.body["error"], "interaction_required");
}

#[tokio::test]
async fn a_stale_sign_in_is_401() {
    let api = Api::start().await;
    api.world.emulator.fail_next(Fault::aadsts(TOKEN, 50173));
    let error = api.orders(&api.world.token_of(demo::ALICE)).await;
    assert_eq!(error.next(), NextStep::SignInAgain);
    let seen = seen(error);
    assert_eq!(seen.status, StatusCode::UNAUTHORIZED);
    let challenge = seen.challenge.unwrap();
    assert!(
        challenge.starts_with("Bearer error=\"invalid_token\""),
        "{challenge}"
    );
}

#[tokio::test]
async fn what_is_denied_and_an_application_without_a_user_are_403() {
    let api = Api::start().await;
    api.world.emulator.fail_next(Fault::aadsts(TOKEN, 50105));
    let denied = seen(api.orders(&api.world.token_of(demo::ALICE)).await);
    let app = api.world.app_token(&[demo::MCP_RUN_ROLE]);
    let alone = api.orders(&app).await;
    assert_eq!(alone.next(), NextStep::Denied);
    assert!(alone.exchange().is_none());
    for (seen, error) in [(denied, "access_denied"), (seen(alone), "user_required")] {
        assert_eq!(seen.status, StatusCode::FORBIDDEN);
        assert_eq!(seen.challenge, None);
        assert_eq!(seen.body["error"], error);
    }
}

#[tokio::test]
async fn patience_is_503_with_a_time() {
    let api = Api::start().await;
    let fault = Fault::status(TOKEN, 429).header("retry-after", "120");
    api.world.emulator.fail_next(fault);
    let seen = seen(api.orders(&api.world.token_of(demo::ALICE)).await);
    assert_eq!(seen.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(seen.challenge, None);
    let seconds = seen.retry_after.unwrap();
    assert!((110..=181).contains(&seconds), "{seconds}");
}

/// Ours to mend: the log says what, the client gets an id.
#[tokio::test]
async fn a_wrong_configuration_is_500_with_an_incident_id() {
    let mut api = Api::start().await;
    let alice = api.world.token_of(demo::ALICE);
    api.exchange = exchange(&api.world, "a wrong secret");
    let refused = seen(api.orders(&alice).await);
    let other = TenantId::parse(demo::OTHER_TENANT).unwrap();
    api.exchange = api.exchange.for_tenant(other);
    let elsewhere = seen(api.orders(&alice).await);
    for seen in [refused, elsewhere] {
        assert_eq!(seen.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(seen.challenge, None);
        let mut members: Vec<_> = seen.body.as_object().unwrap().keys().collect();
        members.sort();
        assert_eq!(members, ["error", "error_description", "incident_id"]);
        assert!(seen.refusal.explain().contains(demo::ALICE));
    }
}

/// Whatever Entra ID says of the application, it is no matter of the caller's.
#[tokio::test]
async fn an_applications_own_token_is_503_or_500() {
    let api = Api::start().await;
    let alice = caller(api.guard(), &api.world.token_of(demo::ALICE)).await;
    let scopes = ScopeSet::parse(&format!("{}/.default", demo::ORDERS_API_URI)).unwrap();
    let own = api.exchange.for_app(scopes).unwrap();
    for (fault, status) in [
        (
            Fault::aadsts(TOKEN, 65001),
            StatusCode::INTERNAL_SERVER_ERROR,
        ),
        (
            Fault::aadsts(TOKEN, 50105),
            StatusCode::INTERNAL_SERVER_ERROR,
        ),
        (
            Fault::aadsts(TOKEN, 50076),
            StatusCode::INTERNAL_SERVER_ERROR,
        ),
        (
            Fault::status(TOKEN, 429).header("retry-after", "1"),
            StatusCode::SERVICE_UNAVAILABLE,
        ),
    ] {
        api.world.emulator.fail_next(fault);
        let error: ExchangeError = own.token().await.unwrap_err();
        let seen = seen(OnBehalfOfError::for_app(&alice, &own, error));
        assert_eq!(seen.status, status);
        assert_eq!(seen.challenge, None);
        assert!(
            seen.refusal
                .explain()
                .contains("for the application itself")
        );
    }
}

/// A handler returns it.
#[tokio::test]
async fn it_is_a_response_of_axum() {
    let api = Api::start().await;
    api.world.emulator.fail_next(Fault::aadsts(TOKEN, 50105));
    let error = api.orders(&api.world.token_of(demo::ALICE)).await;
    let answer = error.into_response();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    assert!(answer.extensions().get::<Refusal>().is_some());
}
