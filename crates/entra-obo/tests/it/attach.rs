//! Tokens in outgoing requests, at an API that a closure plays.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::*;
use entra_obo::attach::{ApiOrigins, AttachError, AttachToken};
use entra_obo::{ClaimsChallenge, ErrorKind, NextStep, UserAssertion};
use http::{HeaderMap, Request, Response, StatusCode, header};
use tokio::task::JoinSet;
use tower::{Layer as _, ServiceExt as _, service_fn};

const ORDERS: &str = "https://orders.contoso.example/orders";
const CLAIMS: &str = r#"{"access_token":{"acrs":{"essential":true, "value":"c?>~"}}}"#;

/// Each token names its user, the claims that were asked for and the place in the order of
/// requests.
fn counting_endpoint() -> Arc<Endpoint> {
    Endpoint::new(|seen, n| {
        let token = format!(
            "{}.{}.{n}",
            hash(seen.get("assertion")),
            hash(seen.get("claims"))
        );
        Ok(json(
            200,
            format!(r#"{{"token_type":"Bearer","expires_in":3600,"access_token":"{token}"}}"#),
        ))
    })
}

/// What the API saw.
#[derive(Clone, Debug)]
struct Call {
    headers: HeaderMap,
    body: String,
}

impl Call {
    fn token(&self) -> &str {
        let fields: Vec<_> = self.headers.get_all(header::AUTHORIZATION).iter().collect();
        assert_eq!(fields.len(), 1, "one field");
        let value = fields[0].to_str().unwrap();
        value.strip_prefix("Bearer ").unwrap()
    }
}

type Script = dyn Fn(usize) -> (u16, Vec<String>) + Send + Sync;

/// An API that answers as told, by status and challenges.
#[derive(Clone)]
struct Api {
    script: Arc<Script>,
    seen: Arc<Mutex<Vec<Call>>>,
}

impl Api {
    fn new(script: impl Fn(usize) -> (u16, Vec<String>) + Send + Sync + 'static) -> Self {
        Self {
            script: Arc::new(script),
            seen: Arc::default(),
        }
    }

    /// Answers the first `times` requests with a 401 and this challenge.
    fn challenging(times: usize, challenge: impl Into<String>) -> Self {
        let challenge = challenge.into();
        Self::new(move |n| match n < times {
            true => (401, vec![challenge.clone()]),
            false => (200, vec![]),
        })
    }

    fn content() -> Self {
        Self::new(|_| (200, vec![]))
    }

    fn seen(&self) -> Vec<Call> {
        self.seen.lock().unwrap().clone()
    }

    fn answer(&self, request: Request<String>) -> Response<()> {
        let (head, body) = request.into_parts();
        let call = Call {
            headers: head.headers,
            body,
        };
        let mut seen = self.seen.lock().unwrap();
        let (status, challenges) = (self.script)(seen.len());
        seen.push(call);
        let mut response = Response::builder().status(status);
        for challenge in challenges {
            response = response.header(header::WWW_AUTHENTICATE, challenge);
        }
        response.body(()).unwrap()
    }

    async fn call(
        &self,
        attach: &AttachToken,
        request: Request<String>,
    ) -> Result<StatusCode, AttachError> {
        let api = self.clone();
        let service = service_fn(move |request| {
            let api = api.clone();
            async move { Ok::<_, Infallible>(api.answer(request)) }
        });
        let answer = attach.layer(service).oneshot(request).await?;
        Ok(answer.status())
    }
}

fn origins() -> ApiOrigins {
    ApiOrigins::new(["https://orders.contoso.example"]).unwrap()
}

fn as_user(world: &World, assertion: UserAssertion) -> AttachToken {
    AttachToken::as_user(&world.api, assertion, &origins())
}

fn post(uri: &str) -> Request<String> {
    Request::post(uri).body("the order".to_owned()).unwrap()
}

fn challenge_of(encoded: &str) -> String {
    format!(r#"Bearer realm="", error="insufficient_claims", claims="{encoded}""#)
}

fn insufficient_claims() -> String {
    challenge_of(&ClaimsChallenge::from_json(CLAIMS).unwrap().to_base64())
}

#[tokio::test]
async fn the_request_goes_out_once_with_the_users_token() {
    let world = World::new(Endpoint::granting());
    let api = Api::content();
    for n in [1, 2, 1] {
        let status = api.call(&as_user(&world, user(n)), post(ORDERS)).await;
        assert_eq!(status.unwrap(), StatusCode::OK);
        let call = api.seen().pop().unwrap();
        assert_eq!(call.token(), expected(&token(TENANT, n, ""), SCOPE));
        assert!(call.headers[header::AUTHORIZATION].is_sensitive());
        assert_eq!(call.body, "the order");
    }
    assert_eq!(api.seen().len(), 3);
    assert_eq!(world.endpoint.calls(), 2);
}

#[tokio::test]
async fn a_token_that_stood_there_does_not_go_on() {
    let world = World::new(Endpoint::granting());
    let api = Api::content();
    let mut request = post(ORDERS);
    for value in ["Bearer the-callers-own", "Basic eA=="] {
        let value = value.parse().unwrap();
        request.headers_mut().append(header::AUTHORIZATION, value);
    }
    let attach = as_user(&world, user(1));
    api.call(&attach, request).await.unwrap();
    assert_eq!(
        api.seen()[0].token(),
        expected(&token(TENANT, 1, ""), SCOPE)
    );
}

#[tokio::test]
async fn no_other_place_gets_a_token_or_a_request() {
    let world = World::new(Endpoint::granting());
    let api = Api::content();
    let attach = as_user(&world, user(1));
    for uri in [
        "http://orders.contoso.example/orders",
        "https://orders.contoso.example:8443/orders",
        "https://orders.contoso.example@evil.example/orders",
        "https://evil.example/orders.contoso.example",
        "https://xorders.contoso.example/",
        "https://orders.contoso.example.evil.example/",
        "/orders",
    ] {
        let error = api.call(&attach, post(uri)).await.unwrap_err();
        assert!(matches!(error, AttachError::ForeignOrigin { .. }), "{uri}");
    }
    assert_eq!(world.endpoint.calls(), 0, "no token was asked for");
    assert!(api.seen().is_empty());
    for uri in [
        "https://orders.contoso.example",
        "https://ORDERS.contoso.example:443/x?y",
    ] {
        api.call(&attach, post(uri)).await.unwrap();
    }
}

#[tokio::test]
async fn a_claims_challenge_is_answered_once_and_its_token_replaces_the_old_one() {
    let standard = ClaimsChallenge::from_json(CLAIMS).unwrap().to_base64();
    let url = standard.replace('+', "-").replace('/', "_");
    let url = url.trim_end_matches('=');
    assert_ne!(standard, url, "the alphabets differ here");
    for challenge in [
        challenge_of(&standard),
        challenge_of(url),
        challenge_of(&standard).replace("insufficient_claims", "invalid_token"),
    ] {
        let world = World::new(counting_endpoint());
        let api = Api::challenging(1, challenge);
        let attach = as_user(&world, user(1));
        let status = api.call(&attach, post(ORDERS)).await.unwrap();
        assert_eq!(status, StatusCode::OK);

        let seen = world.endpoint.seen();
        assert_eq!(seen.len(), 2);
        assert_eq!(seen[0].get("claims"), "");
        assert_eq!(seen[1].get("claims"), CLAIMS, "byte for byte");
        assert_eq!(seen[1].get("assertion"), token(TENANT, 1, ""));
        let calls = api.seen();
        assert_eq!(calls.len(), 2);
        assert_ne!(calls[0].token(), calls[1].token());
        assert_eq!(calls[1].body, "the order");

        // From now on it is the cached one.
        api.call(&attach, post(ORDERS)).await.unwrap();
        assert_eq!(api.seen()[2].token(), calls[1].token());
        assert_eq!(world.endpoint.calls(), 2);
    }
}

#[tokio::test]
async fn a_second_challenge_is_passed_on() {
    let world = World::new(counting_endpoint());
    let api = Api::challenging(usize::MAX, insufficient_claims());
    let status = api.call(&as_user(&world, user(1)), post(ORDERS)).await;
    assert_eq!(status.unwrap(), StatusCode::UNAUTHORIZED);
    assert_eq!(api.seen().len(), 2);
    assert_eq!(world.endpoint.calls(), 2);
}

#[tokio::test]
async fn what_is_no_challenge_is_passed_on() {
    let encoded = ClaimsChallenge::from_json(CLAIMS).unwrap().to_base64();
    let good = insufficient_claims();
    let answers: [(u16, Vec<String>); 10] = [
        (200, vec![good.clone()]),
        (403, vec![good.clone()]),
        (401, vec![]),
        (401, vec!["Bearer".into()]),
        (401, vec!["Basic realm=\"x\"".into()]),
        (
            401,
            vec![format!(
                r#"PoP error="insufficient_claims", claims="{encoded}""#
            )],
        ),
        (
            401,
            vec![r#"Bearer error="insufficient_claims", claims="{"a":1}""#.into()],
        ),
        (401, vec![challenge_of("W10=")]),
        (401, vec![challenge_of(&"e30A".repeat(4000))]),
        // Of two, either could be meant.
        (401, vec![good.clone(), good]),
    ];
    for (status, challenges) in answers {
        let world = World::new(counting_endpoint());
        let api = Api::new({
            let challenges = challenges.clone();
            move |_| (status, challenges.clone())
        });
        let got = api.call(&as_user(&world, user(1)), post(ORDERS)).await;
        assert_eq!(got.unwrap().as_u16(), status, "{challenges:?}");
        assert_eq!(api.seen().len(), 1, "{challenges:?}");
        assert_eq!(world.endpoint.calls(), 1, "{challenges:?}");
    }
}

#[tokio::test]
async fn a_challenge_may_stand_in_a_field_of_its_own() {
    let world = World::new(counting_endpoint());
    let api = Api::new(|n| match n {
        0 => (401, vec!["Negotiate".into(), insufficient_claims()]),
        _ => (200, vec![]),
    });
    let attach = as_user(&world, user(1));
    api.call(&attach, post(ORDERS)).await.unwrap();
    assert_eq!(world.endpoint.seen()[1].get("claims"), CLAIMS);
}

#[tokio::test]
async fn a_token_that_is_called_invalid_is_replaced_unless_it_is_new() {
    let invalid = r#"Bearer error="invalid_token", error_description="revoked""#;
    let world = World::new(counting_endpoint());
    let api = Api::challenging(2, invalid);
    let attach = as_user(&world, user(1));

    // Just issued: another one would be refused for the same reason.
    let status = api.call(&attach, post(ORDERS)).await.unwrap();
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    world.clock.advance(Duration::from_secs(59));
    let api = Api::challenging(1, invalid);
    let status = api.call(&attach, post(ORDERS)).await.unwrap();
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.endpoint.calls(), 1);

    world.clock.advance(Duration::from_secs(1));
    let api = Api::challenging(1, invalid);
    let status = api.call(&attach, post(ORDERS)).await.unwrap();
    assert_eq!(status, StatusCode::OK);
    assert_eq!(world.endpoint.calls(), 2);
    assert_eq!(world.endpoint.seen()[1].get("claims"), "");
    assert_ne!(api.seen()[0].token(), api.seen()[1].token());
}

#[tokio::test]
async fn many_requests_that_are_challenged_together_ask_once() {
    let world = World::new(counting_endpoint());
    let attach = as_user(&world, user(1));
    let api = Api::challenging(30, insufficient_claims());
    let mut callers = JoinSet::new();
    for _ in 0..30 {
        let (api, attach) = (api.clone(), attach.clone());
        callers.spawn(async move { api.call(&attach, post(ORDERS)).await.unwrap() });
    }
    let mut statuses = callers.join_all().await;
    statuses.dedup();
    assert_eq!(statuses, [StatusCode::OK]);
    assert_eq!(world.endpoint.calls(), 2, "one token, and one with claims");
    assert_eq!(api.seen().len(), 60);
}

#[tokio::test]
async fn who_is_refused_late_takes_the_token_that_another_request_got() {
    let world = World::new(counting_endpoint());
    let attach = as_user(&world, user(1));
    // The first request is answered when the second one has its new token.
    let (answer, answered) = tokio::sync::oneshot::channel::<()>();
    let answered = Arc::new(tokio::sync::Mutex::new(Some(answered)));
    let api = Api::challenging(2, insufficient_claims());
    let late = {
        let api = api.clone();
        service_fn(move |request| {
            let (api, answered) = (api.clone(), Arc::clone(&answered));
            async move {
                let response = api.answer(request);
                if let Some(answered) = answered.lock().await.take() {
                    answered.await.unwrap();
                }
                Ok::<_, Infallible>(response)
            }
        })
    };
    let late = tokio::spawn(attach.layer(late).oneshot(post(ORDERS)));
    while api.seen().is_empty() {
        tokio::task::yield_now().await;
    }
    api.call(&attach, post(ORDERS)).await.unwrap();
    assert_eq!(world.endpoint.calls(), 2);
    answer.send(()).unwrap();
    assert_eq!(late.await.unwrap().unwrap().status(), StatusCode::OK);
    assert_eq!(world.endpoint.calls(), 2);
    let calls = api.seen();
    assert_eq!(calls[0].token(), calls[1].token());
    assert_eq!(calls[2].token(), calls[3].token());
}

#[tokio::test]
async fn a_challenge_that_needs_the_user_says_so() {
    let body = serde_json::json!({
        "error": "interaction_required", "error_codes": [50076], "claims": CLAIMS,
    });
    let world = World::new(Endpoint::new(move |seen, n| match n {
        0 => grant(seen, 3600, ""),
        _ => Ok(json(400, body.to_string())),
    }));
    let api = Api::challenging(1, insufficient_claims());
    let error = api.call(&as_user(&world, user(1)), post(ORDERS)).await;
    let error = error.unwrap_err();
    let exchange = error.exchange().unwrap();
    assert_eq!(exchange.kind(), ErrorKind::ClaimsChallenge);
    assert_eq!(exchange.next(), NextStep::PassOnClaims);
    assert_eq!(exchange.claims().unwrap().as_json(), CLAIMS);
    assert_eq!(api.seen().len(), 1);
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let world = World::new(Endpoint::new(|_, _| {
        Ok(refuse(400, "invalid_grant", "consent_required", 65001))
    }));
    let api = Api::content();
    let error = api.call(&as_user(&world, user(1)), post(ORDERS)).await;
    let error = error.unwrap_err();
    assert_eq!(error.exchange().unwrap().next(), NextStep::AskConsent);
    assert!(api.seen().is_empty());
}

#[tokio::test]
async fn a_body_that_cannot_be_sent_twice_is_sent_once_and_the_next_request_fares_better() {
    /// A body that is no `Clone`, as streams are.
    struct Stream;
    let world = World::new(counting_endpoint());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let api = {
        let seen = Arc::clone(&seen);
        service_fn(move |request: Request<Stream>| {
            let mut seen = seen.lock().unwrap();
            let status = if seen.is_empty() { 401 } else { 200 };
            seen.push(request.headers()[header::AUTHORIZATION].clone());
            let answer = Response::builder().status(status);
            let answer = answer.header(header::WWW_AUTHENTICATE, insufficient_claims());
            std::future::ready(Ok::<_, Infallible>(answer.body(()).unwrap()))
        })
    };
    let layer = as_user(&world, user(1)).without_retry();
    for status in [401, 200] {
        let request = Request::post(ORDERS).body(Stream).unwrap();
        let answer = layer.layer(api.clone()).oneshot(request).await.unwrap();
        assert_eq!(answer.status(), status);
    }
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 2);
    assert_ne!(seen[0], seen[1]);
    assert_eq!(world.endpoint.calls(), 2);
}

#[tokio::test]
async fn an_application_answers_challenges_too() {
    let world = World::new(counting_endpoint());
    let own = world
        .client
        .for_app(scopes("api://downstream/.default"))
        .unwrap();
    let attach = AttachToken::as_app(&own, &origins());
    let api = Api::challenging(1, insufficient_claims());
    let status = api.call(&attach, post(ORDERS)).await.unwrap();
    assert_eq!(status, StatusCode::OK);
    assert_eq!(world.endpoint.seen()[1].get("claims"), CLAIMS);
    assert_eq!(
        world.endpoint.seen()[1].get("grant_type"),
        "client_credentials"
    );
}

/// An API, or who can make it answer so, does not cause a request for each call.
#[tokio::test]
async fn the_token_of_an_application_is_replaced_once_in_a_minute() {
    let world = World::new(counting_endpoint());
    let own = world.client.for_app(scopes("api://downstream/.default"));
    let attach = AttachToken::as_app(&own.unwrap(), &origins());
    let api = Api::new(|n| {
        let claims = CLAIMS.replace("c?>~", &format!("c{n}"));
        let claims = ClaimsChallenge::from_json(&claims).unwrap();
        (401, vec![challenge_of(&claims.to_base64())])
    });
    for _ in 0..20 {
        let status = api.call(&attach, post(ORDERS)).await.unwrap();
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(world.endpoint.calls(), 2);
    assert_eq!(api.seen().len(), 21, "one repetition");
    world.clock.advance(Duration::from_secs(60));
    api.call(&attach, post(ORDERS)).await.unwrap();
    assert_eq!(world.endpoint.calls(), 3);
}

#[tokio::test]
async fn calls_of_an_application_that_are_challenged_together_ask_once() {
    let world = World::new(counting_endpoint());
    let own = world.client.for_app(scopes("api://downstream/.default"));
    let attach = AttachToken::as_app(&own.unwrap(), &origins());
    let api = Api::challenging(30, insufficient_claims());
    let mut callers = JoinSet::new();
    for _ in 0..30 {
        let (api, attach) = (api.clone(), attach.clone());
        callers.spawn(async move { api.call(&attach, post(ORDERS)).await.unwrap() });
    }
    let mut statuses = callers.join_all().await;
    statuses.dedup();
    assert_eq!(statuses, [StatusCode::OK]);
    assert_eq!(world.endpoint.calls(), 2);
}

#[tokio::test]
async fn an_error_of_the_service_is_kept() {
    let world = World::new(Endpoint::granting());
    let service = service_fn(|_: Request<String>| {
        std::future::ready(Err::<Response<()>, _>(std::io::Error::other("broken")))
    });
    let attach = as_user(&world, user(1));
    let error = attach.layer(service).oneshot(post(ORDERS)).await;
    let Err(AttachError::Send(source)) = error else {
        panic!("{error:?}");
    };
    assert_eq!(
        source.downcast::<std::io::Error>().unwrap().to_string(),
        "broken"
    );
}
