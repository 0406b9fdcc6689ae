//! Protected applications: no path is open that was not called public.

use axum::Router;
use axum::routing::get as route;
use entra_emulator::{Directory, Emulator};
use http::StatusCode;
use mcp_auth::Protected;
use tower::util::MapResponseLayer;

use super::{entra, get, text, token};

struct World {
    emulator: Emulator,
    app: Protected,
}

impl World {
    async fn start() -> Self {
        let emulator = Emulator::start(Directory::demo()).await.unwrap();
        let entra = entra(&emulator);
        let say = |what: &'static str| route(move || std::future::ready(what));
        let app = entra
            .guard("mcp.read")
            .unwrap()
            .protect(
                Router::new()
                    .route("/read", say("read"))
                    .fallback(|| async { "the user's fallback" }),
            )
            .and(
                entra.guard("mcp.write").unwrap(),
                Router::new()
                    .route("/write", say("write"))
                    .fallback(|| async { "open?" }),
            )
            .public(
                Router::new()
                    .route("/open", say("open"))
                    .fallback(|| async { "open?" }),
            )
            .probes();
        Self { emulator, app }
    }

    async fn status(&self, path: &str, scopes: Option<&[&str]>) -> StatusCode {
        let token = scopes.map(|scopes| token(&self.emulator, scopes));
        get(&self.app, path, token.as_deref()).await.status()
    }
}

#[tokio::test]
async fn each_router_has_its_own_guard() {
    let world = World::start().await;
    for (path, scopes, status) in [
        ("/read", None, StatusCode::UNAUTHORIZED),
        ("/write", None, StatusCode::UNAUTHORIZED),
        ("/open", None, StatusCode::OK),
        ("/read", Some(["mcp.read"].as_slice()), StatusCode::OK),
        ("/write", Some(&["mcp.read"]), StatusCode::FORBIDDEN),
        ("/write", Some(&["mcp.write"]), StatusCode::OK),
        ("/read", Some(&["mcp.write"]), StatusCode::FORBIDDEN),
    ] {
        assert_eq!(
            world.status(path, scopes).await,
            status,
            "{path} {scopes:?}"
        );
    }
}

#[tokio::test]
async fn unknown_paths_are_guarded_and_fallbacks_open_nothing() {
    let world = World::start().await;
    for path in [
        "/unknown",
        "/",
        "/open/below",
        "/write/below",
        "/read/",
        "//read",
    ] {
        assert_eq!(
            world.status(path, None).await,
            StatusCode::UNAUTHORIZED,
            "{path}"
        );
    }
    let token = token(&world.emulator, &["mcp.read"]);
    let answer = get(&world.app, "/unknown", Some(&token)).await;
    assert_eq!(text(answer).await, "the user's fallback");
}

#[tokio::test]
async fn a_wrong_method_says_nothing_without_a_token() {
    let world = World::start().await;
    let post = |path: &str| {
        http::Request::post(path)
            .body(axum::body::Body::empty())
            .unwrap()
    };
    let answer = tower::ServiceExt::oneshot(world.app.clone(), post("/read"))
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn probes_are_open_and_say_whether_keys_are_there() {
    let world = World::start().await;
    assert_eq!(world.status("/livez", None).await, StatusCode::OK);
    assert_eq!(
        world.status("/readyz", None).await,
        StatusCode::SERVICE_UNAVAILABLE
    );
    assert_eq!(
        world.status("/read", Some(&["mcp.read"])).await,
        StatusCode::OK
    );
    // The second guard has the app's own authenticator.
    assert_eq!(world.status("/readyz", None).await, StatusCode::OK);
}

#[tokio::test]
async fn a_layer_is_outermost_whatever_comes_after_it() {
    let emulator = Emulator::start(Directory::demo()).await.unwrap();
    let entra = entra(&emulator);
    let mark = MapResponseLayer::new(|mut answer: axum::response::Response| {
        answer
            .headers_mut()
            .insert("x-seen", http::HeaderValue::from_static("1"));
        answer
    });
    let app = entra
        .guard("mcp.read")
        .unwrap()
        .protect(Router::new())
        .layer(mark)
        .public(Router::new().route("/open", route(|| async { "open" })));
    for path in ["/open", "/unknown"] {
        assert!(
            get(&app, path, None).await.headers().contains_key("x-seen"),
            "{path}"
        );
    }
}
