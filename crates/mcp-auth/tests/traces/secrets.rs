//! Nothing secret in events, `Debug` or answers.

use std::fmt::Debug;

use crate::common::log::{Log, traced};
use crate::common::world::{URL, World, bearer, with_authorization};
use crate::common::{Upstream, form, text};
use entra_emulator::demo;
use mcp_auth::{AuthLayer, MetadataService, Refusal};
use tower::{Layer as _, ServiceExt as _};

/// Every part of a token that would help to use or to read it.
fn assert_absent(text: &str, token: &str) {
    for part in token.split('.').filter(|part| part.len() > 8) {
        assert!(
            !text.contains(part),
            "a part of the token is in {text:.2000}"
        );
    }
}

#[tokio::test]
async fn no_token_in_events_answers_or_debug() {
    traced();
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let world = World::start().await;
    let good = world.token(&[demo::MCP_READ]);
    let tokens = [
        good.clone(),
        world.token(&["other"]),
        world
            .forged(&[demo::MCP_READ])
            .claim("aud", "api://other")
            .sign()
            .unwrap(),
        format!("{good}x"),
        "garbage-that-is-long-enough".to_owned(),
    ];
    let layer = world.guard();
    for token in &tokens {
        let mut in_query = bearer(token);
        *in_query.uri_mut() = format!("/mcp?access_token={token}").parse().unwrap();
        let mut only_query = with_authorization(&[]);
        *only_query.uri_mut() = in_query.uri().clone();
        let basic = with_authorization(&[format!("Basic {token}").as_bytes()]);
        for request in [bearer(token), in_query, only_query, basic] {
            let mut future = Box::pin(layer.layer(world.echo.clone()).oneshot(request));
            let answer = std::future::poll_fn(|context| future.as_mut().poll(context))
                .await
                .unwrap();
            let refusal = answer
                .extensions()
                .get::<Refusal>()
                .map(|r| (r.explain(), format!("{r:?}")));
            let shown = format!("{:?} {refusal:?}", answer.headers());
            assert_absent(&shown, token);
            assert_absent(&text(answer).await, token);
        }
        assert_absent(&log.text(), token);
    }
    let events = log.text();
    assert!(events.contains("mcp_auth::rejection"), "{events:.2000}");
    assert!(
        events.contains("wrong_audience"),
        "the reason is told: {events:.2000}"
    );
    assert!(
        events.contains("api://other"),
        "found and needed are told: {events:.2000}"
    );
    let debug = format!("{layer:?}");
    assert!(debug.contains("AuthLayer"));
    assert_absent(&debug, &good);
}

#[tokio::test]
async fn no_code_or_refresh_token_in_the_events_of_the_facade() {
    traced();
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let world = World::start().await;
    let resource = world.resource(URL);
    let secrets = [
        "s3cret-code",
        "s3cret-verifier",
        "s3cret-refresh",
        "s3cret-client",
        "s3cret-access",
    ];
    let form_body = "grant_type=authorization_code&client_id=c&code=s3cret-code&code_verifier=s3cret-verifier\
                     &refresh_token=s3cret-refresh&client_secret=s3cret-client";
    for (status, body) in [
        (200, r#"{"access_token":"s3cret-access"}"#),
        (400, r#"{"error":"s3cret-access"}"#),
        (500, "<s3cret-access>"),
    ] {
        let upstream = Upstream::answering(status, body);
        let service = MetadataService::with_transport(&resource, upstream);
        service
            .clone()
            .oneshot(form("/as/token", form_body))
            .await
            .unwrap();
        let unknown = form(
            "/as/token",
            &form_body.replace("authorization_code", "s3cret-code"),
        );
        service.clone().oneshot(unknown).await.unwrap();
        assert!(!format!("{service:?}").contains("s3cret"));
    }
    for secret in secrets {
        assert!(!log.text().contains(secret), "{secret}");
    }
    assert!(
        log.text().contains("mcp_auth::metadata"),
        "the mode is told at the start"
    );
}

#[test]
fn handles_are_send_and_sync() {
    fn check<T: Send + Sync + Clone + Debug>() {}
    check::<AuthLayer>();
    check::<MetadataService>();
    check::<Refusal>();
    check::<mcp_auth::Caller>();
    check::<mcp_auth::ProtectedResource>();
    check::<mcp_auth::AuthService<()>>();
}
