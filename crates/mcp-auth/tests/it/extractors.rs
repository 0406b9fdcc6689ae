//! The axum extractors.

use crate::common::world::{World, bearer, with_authorization};
use crate::common::{challenge, json, text};
use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::get;
use entra_emulator::demo;
use http::{Request, StatusCode};
use mcp_auth::{Caller, Refusal};
use tower::ServiceExt as _;

fn app() -> Router {
    Router::new()
        .route(
            "/required",
            get(|caller: Caller| async move { caller.principal().to_string() }),
        )
        .route(
            "/optional",
            get(|caller: Option<Caller>| async move {
                caller.map_or("nobody".to_owned(), |c| c.principal().to_string())
            }),
        )
}

async fn ask(app: &Router, path: &str, request: Request<()>) -> Response {
    let mut request = request.map(|()| Body::empty());
    *request.uri_mut() = path.parse().unwrap();
    *request.method_mut() = http::Method::GET;
    app.clone().oneshot(request).await.unwrap()
}

/// An ordinary axum application.
#[tokio::test]
async fn a_guarded_handler_gets_its_caller() {
    let world = World::start().await;
    let app = app().layer(world.guard());
    let token = world.token(&[demo::MCP_READ]);
    for path in ["/required", "/optional"] {
        let answer = ask(&app, path, bearer(&token)).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert!(text(answer).await.contains(demo::ALICE));
        let answer = ask(&app, path, with_authorization(&[])).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{path}");
    }
}

/// Never an anonymous caller by mistake, not even an optional one.
#[tokio::test]
async fn without_a_layer_it_is_500() {
    let world = World::start().await;
    let token = world.token(&[demo::MCP_READ]);
    for path in ["/required", "/optional"] {
        for request in [with_authorization(&[]), bearer(&token)] {
            let answer = ask(&app(), path, request).await;
            assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR, "{path}");
            assert_eq!(json(answer).await["error"], "server_error");
        }
    }
}

/// The caveat of `AuthLayer`'s documentation, in both its parts.
#[tokio::test]
async fn what_is_added_after_the_layer_is_open() {
    let world = World::start().await;
    let open = || async { "open" };
    let late = app().layer(world.guard()).route("/late", get(open));
    let early = app().route("/late", get(open)).layer(world.guard());
    let late_fallback = app().layer(world.guard()).fallback(open);
    let early_fallback = app().fallback(open).layer(world.guard());
    for (app, path, status) in [
        (late, "/late", StatusCode::OK),
        (early, "/late", StatusCode::UNAUTHORIZED),
        (late_fallback, "/nowhere", StatusCode::OK),
        (early_fallback, "/nowhere", StatusCode::UNAUTHORIZED),
    ] {
        let answer = ask(&app, path, with_authorization(&[])).await;
        assert_eq!(answer.status(), status, "{path}");
        let guarded = ask(&app, "/required", with_authorization(&[])).await;
        assert_eq!(guarded.status(), StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn an_optional_layer_lets_no_token_pass_and_refuses_a_bad_one() {
    let world = World::start().await;
    let app = app().layer(world.guard().optional());
    let nobody = ask(&app, "/optional", with_authorization(&[])).await;
    assert_eq!(
        (nobody.status(), text(nobody).await.as_str()),
        (StatusCode::OK, "nobody")
    );
    let alice = ask(&app, "/optional", bearer(&world.token(&[demo::MCP_READ]))).await;
    assert!(text(alice).await.contains(demo::ALICE));

    for (request, status) in [
        (bearer("abc"), 401),
        (
            bearer(
                &world
                    .forged(&[demo::MCP_READ])
                    .claim("aud", "x")
                    .sign()
                    .unwrap(),
            ),
            401,
        ),
        (with_authorization(&[b"Bearer"]), 401),
        (with_authorization(&[b"Basic abc"]), 401),
        (with_authorization(&[b"Bearer a", b"Bearer b"]), 400),
        (bearer(&world.token(&["other"])), 403),
    ] {
        let answer = ask(&app, "/optional", request).await;
        assert_eq!(answer.status(), status);
    }
}

/// The handler that needs a caller answers as the guard would have.
#[tokio::test]
async fn a_required_caller_behind_an_optional_layer_is_the_same_401() {
    let world = World::start().await;
    let optional = app().layer(world.guard().optional());
    let required = app().layer(world.guard());
    let ours = ask(&optional, "/required", with_authorization(&[])).await;
    let theirs = ask(&required, "/required", with_authorization(&[])).await;
    assert_eq!(ours.status(), theirs.status());
    assert_eq!(challenge(&ours), challenge(&theirs));
    let (ours, theirs) = (json(ours).await, json(theirs).await);
    for member in ["error", "error_description"] {
        assert_eq!(ours[member], theirs[member]);
    }
    assert_ne!(ours["incident_id"], theirs["incident_id"]);
}

/// What an outer guard let in is not let in by an inner one: the mistake is the service's, with
/// and without a token, and whichever of the two is optional.
#[tokio::test]
async fn a_second_guard_inside_does_not_believe_the_first() {
    let world = World::start().await;
    let token = world.token(&[demo::MCP_READ]);
    let (optional, required) = (|| world.guard().optional(), || world.guard());
    for (inner, outer, request) in [
        (optional(), required(), bearer(&token)),
        (required(), required(), bearer(&token)),
        (required(), optional(), with_authorization(&[])),
    ] {
        let app = app().layer(inner).layer(outer);
        let answer = ask(&app, "/optional", request).await;
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let refusal = answer.extensions().get::<Refusal>().unwrap().clone();
        assert_eq!(refusal.code(), "doubled_guard");
        assert!(
            refusal
                .explain()
                .contains("two AuthLayers guard this route")
        );
        assert_eq!(json(answer).await["error"], "server_error");
    }
}
