//! No or malformed credentials (RFC 6750, sections 2 and 3.1).

use std::pin::Pin;
use std::task::{Context, Poll};

use crate::common::world::{URL, World, bearer, with_authorization};
use crate::common::{challenge, json};
use entra_emulator::demo;
use http::{Method, Request, StatusCode};
use http_body::{Body, Frame};
use mcp_auth::Refusal;

const METADATA: &str = "https://mcp.test/.well-known/oauth-protected-resource/mcp";

/// "401/none": a challenge without an error code.
fn none() -> String {
    format!(
        "Bearer scope=\"{}\", resource_metadata=\"{METADATA}\"",
        demo::MCP_READ_SCOPE
    )
}

/// "401/it": the same with `invalid_token` in front and a description behind.
fn invalid_token(description: &str) -> String {
    format!(
        "Bearer error=\"invalid_token\", scope=\"{}\", resource_metadata=\"{METADATA}\", error_description=\"{description}\"",
        demo::MCP_READ_SCOPE
    )
}

#[tokio::test]
async fn no_authorization_is_a_challenge_without_an_error() {
    let world = World::start().await;
    let answer = world.ask(&world.guard(), with_authorization(&[])).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(challenge(&answer), none());
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert_eq!(
        answer.extensions().get::<Refusal>().unwrap().code(),
        "missing_token"
    );
    let body = json(answer).await;
    assert_eq!(body["error"], "token_required");
    assert!(body["error_description"].is_string());
    assert_eq!(world.handled(), 0);
}

#[tokio::test]
async fn every_method_is_guarded() {
    let world = World::start().await;
    for method in [
        "GET", "DELETE", "POST", "PUT", "PATCH", "HEAD", "OPTIONS", "TRACE", "BREW",
    ] {
        let mut request = with_authorization(&[]);
        *request.method_mut() = method.parse::<Method>().unwrap();
        let answer = world.ask(&world.guard(), request).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{method}");
        assert_eq!(challenge(&answer), none(), "{method}");
    }
    assert_eq!(world.handled(), 0);
}

/// Three mistakes of clients, named for what they are.
#[tokio::test]
async fn quotes_a_doubled_and_a_missing_scheme_are_named() {
    let world = World::start().await;
    let token = world.token(&[demo::MCP_READ]);
    for (value, code, text) in [
        (
            format!("Bearer \"{token}\""),
            "quoted_token",
            "the access token must be sent without quotes",
        ),
        (
            format!("Bearer Bearer {token}"),
            "doubled_scheme",
            "the Authorization header says Bearer twice",
        ),
        (
            token.clone(),
            "bare_token",
            "the Authorization header lacks the word Bearer",
        ),
    ] {
        let request = with_authorization(&[value.as_bytes()]);
        let answer = world.ask(&world.guard(), request).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{code}");
        assert_eq!(challenge(&answer), invalid_token(text));
        assert_eq!(answer.extensions().get::<Refusal>().unwrap().code(), code);
    }
    assert_eq!(world.handled(), 0);
}

#[tokio::test]
async fn another_scheme_is_not_an_error_of_the_token() {
    let world = World::start().await;
    for value in ["Basic abc", "DPoP abc", "Negotiate abc", "abc", ""] {
        let answer = world
            .ask(&world.guard(), with_authorization(&[value.as_bytes()]))
            .await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{value}");
        assert_eq!(challenge(&answer), none(), "{value}");
        assert_eq!(
            answer.extensions().get::<Refusal>().unwrap().code(),
            "other_scheme"
        );
    }
}

#[tokio::test]
async fn an_empty_or_malformed_bearer_is_an_invalid_token() {
    let world = World::start().await;
    for value in [
        &b"Bearer"[..],
        b"Bearer ",
        b"Bearer a b",
        b"Bearer \xe2\x82\xac",
        b"Bearer a, Bearer b",
    ] {
        let answer = world
            .ask(&world.guard(), with_authorization(&[value]))
            .await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        let expected = invalid_token("the Authorization header holds no access token");
        assert_eq!(challenge(&answer), expected);
    }
    for token in ["abc", "a.b.c", "e30.e30.e30"] {
        let answer = world.call(token).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{token}");
        assert_eq!(
            challenge(&answer),
            invalid_token("the access token is not accepted here")
        );
    }
}

#[tokio::test]
async fn the_scheme_has_no_case() {
    let world = World::start().await;
    let token = world.token(&[demo::MCP_READ]);
    for prefix in ["bearer ", "BEARER  ", "Bearer    "] {
        let value = format!("{prefix}{token}");
        let answer = world
            .ask(&world.guard(), with_authorization(&[value.as_bytes()]))
            .await;
        assert_eq!(answer.status(), StatusCode::OK, "{prefix}");
    }
}

#[tokio::test]
async fn two_headers_are_refused_good_as_they_are() {
    let world = World::start().await;
    let good = format!("Bearer {}", world.token(&[demo::MCP_READ]));
    for second in [good.as_str(), "Bearer x", "Basic x", ""] {
        for values in [
            [good.as_bytes(), second.as_bytes()],
            [second.as_bytes(), good.as_bytes()],
        ] {
            let answer = world.ask(&world.guard(), with_authorization(&values)).await;
            assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{second}");
            assert!(challenge(&answer).starts_with("Bearer error=\"invalid_request\", scope="));
            assert_eq!(json(answer).await["error"], "invalid_request");
        }
    }
    assert_eq!(world.handled(), 0);
}

#[tokio::test]
async fn tokens_elsewhere_are_not_read() {
    let world = World::start().await;
    let token = world.token(&[demo::MCP_READ]);
    let mut query = with_authorization(&[]);
    *query.uri_mut() = format!("/mcp?access_token={token}").parse().unwrap();
    let answer = world.ask(&world.guard(), query).await;
    assert_eq!(
        (answer.status(), challenge(&answer)),
        (StatusCode::UNAUTHORIZED, none().as_str())
    );

    let mut both = bearer(&token);
    *both.uri_mut() = format!("/mcp?x=1&access_token={token}").parse().unwrap();
    let answer = world.ask(&world.guard(), both).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert_eq!(
        answer.extensions().get::<Refusal>().unwrap().code(),
        "two_methods"
    );

    let mut form = with_authorization(&[]).map(|()| format!("access_token={token}"));
    let content_type = "application/x-www-form-urlencoded".parse().unwrap();
    form.headers_mut().insert("content-type", content_type);
    form.headers_mut()
        .insert("cookie", format!("access_token={token}").parse().unwrap());
    let answer = world.ask(&world.guard(), form).await;
    assert_eq!(
        (answer.status(), challenge(&answer)),
        (StatusCode::UNAUTHORIZED, none().as_str())
    );
    assert_eq!(world.handled(), 0);
}

/// A body that must not be read.
struct Untouchable;

impl Body for Untouchable {
    type Data = bytes::Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<bytes::Bytes>, Self::Error>>> {
        panic!("the body was read");
    }
}

#[tokio::test]
async fn the_answer_does_not_wait_for_the_body() {
    let world = World::start().await;
    for request in [
        with_authorization(&[]),
        bearer("x"),
        bearer(&world.token(&["other"])),
    ] {
        let request: Request<Untouchable> = request.map(|()| Untouchable);
        let answer = world.ask(&world.guard(), request).await;
        assert!(answer.status().is_client_error());
    }
}

#[tokio::test]
async fn the_challenge_does_not_depend_on_the_host() {
    let world = World::start().await;
    for name in ["host", "x-forwarded-host", "forwarded", "x-original-host"] {
        let mut request = with_authorization(&[]);
        *request.uri_mut() = "https://evil.example/mcp".parse().unwrap();
        request
            .headers_mut()
            .insert(name, "evil.example".parse().unwrap());
        // Not even where the host is not checked.
        let answer = world.ask(&world.guard(), request).await;
        assert_eq!(challenge(&answer), none(), "{name}");
    }
    assert!(none().contains(URL.trim_end_matches("/mcp")));
}
