//! What the guard, the extractors and the metadata service trace.

use axum::Router;
use axum::body::Body;
use axum::routing::post;
use foundry_scopes::AppIdUri;
use mcp_auth::{Caller, McpLayer, McpPolicy, ProtectedResource, SignInMode};
use tower::ServiceExt as _;

use crate::common::json;
use crate::common::log::{Log, traced};
use crate::common::world::{World, with_authorization};
use crate::server::Server;

/// One id in the header, the body and the trace; another for each refusal.
#[tokio::test]
async fn an_incident_has_one_id() {
    let log = traced();
    let server = Server::with(|guard| guard.allow_origins([])).await;
    let mut seen = std::collections::HashSet::new();
    for ask in [
        server.post(),
        server.post().token("x"),
        server.post().token("a.b.c").token("x"),
        server.post().token(&server.world.token(&["other"])),
        server.post().field("Origin", "null"),
        server.post().host("evil.example"),
    ] {
        let reply = ask.send().await;
        let id = reply.get("x-incident-id").unwrap().to_owned();
        assert_eq!(id.len(), 32, "{id}");
        assert_eq!(reply.json()["incident_id"], id.as_str());
        let told = format!("incident_id={id}");
        assert!(log.text().contains(&told), "{id}: {}", log.text());
        assert!(seen.insert(id));
    }
    // What passes has none.
    let reply = server.post().token(&server.token()).send().await;
    assert_eq!(reply.get("x-incident-id"), None);
}

/// As a value and as an event.
#[tokio::test]
async fn the_start_says_how_clients_sign_in_and_why() {
    let log = traced();
    let world = World::start().await;
    for (resource, mode) in [
        (
            world.resource("https://mode.test/facade"),
            SignInMode::Facade,
        ),
        (
            ProtectedResource::builder("https://mode.test/plain")
                .authority(&world.authority)
                .identifier_uri(AppIdUri::parse("https://mode.test/plain").unwrap())
                .build()
                .unwrap(),
            SignInMode::Plain,
        ),
    ] {
        assert_eq!(resource.sign_in_mode(), mode);
        let _ = resource.metadata_router::<()>().unwrap();
        let text = log.text();
        let line = text
            .lines()
            .find(|line| line.contains(&resource.url()))
            .unwrap();
        assert!(line.contains("mcp_auth::metadata"), "{line}");
        assert!(line.contains(&format!("mode=\"{mode}\"")), "{line}");
        assert!(line.contains(mode.why()), "{line}");
    }
}

/// The operator learns what to change, the client nothing.
#[tokio::test]
async fn without_a_layer_the_trace_names_the_fix() {
    traced();
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let handler = post(|caller: Caller| async move { caller.principal().to_string() });
    let app: Router = Router::new().route("/mcp", handler);
    let request = with_authorization(&[]).map(|()| Body::empty());
    let answer = app.oneshot(request).await.unwrap();
    let body = json(answer).await;
    assert_eq!(body["error_description"], "this service is misconfigured");
    let traced = log.text();
    assert!(traced.contains("ERROR mcp_auth::rejection"), "{traced}");
    assert!(
        traced.contains("put `.layer(guard)` after this route is added"),
        "{traced}"
    );
}

/// Whatever a client writes, and however long, at every level: lines stay lines.
#[tokio::test]
async fn no_request_forges_a_log_line_or_makes_it_long() {
    traced();
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let world = World::start().await;
    let layer = McpLayer::new(world.guard()).policy(McpPolicy::new().deny_unlisted());
    let layer = layer.unwrap();
    let token = world.token(&["mcp.read"]);
    let evil = "x\r\nERROR forged \u{202e}\u{2028}\u{1b}[31m".repeat(60_000);
    // Below the limit of a token, so that it is read.
    let long = "y".repeat(16_000);
    for (method, name) in [
        ("tools/call", &*evil),
        (&*evil, "x"),
        ("resources/read", &*evil),
    ] {
        let params = serde_json::json!({"name": name, "uri": name});
        let message =
            serde_json::json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let app = Router::new()
            .route("/mcp", post(|| async { "answered" }))
            .layer(layer.clone());
        let request = http::Request::post("/mcp")
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .body(Body::from(message.to_string()))
            .unwrap();
        assert_eq!(app.oneshot(request).await.unwrap().status(), 403);
    }
    let hostile = [
        world.forged(&["mcp.read"]).header("kid", long.clone()),
        world.forged(&["mcp.read"]).claim("aud", long.clone()),
        world.forged(&[&long]),
    ];
    for token in hostile {
        let token = token.sign().unwrap();
        let request = with_authorization(&[format!("Bearer {token}").as_bytes()]);
        let answer = world.ask(&world.guard(), request).await;
        assert!(answer.status().is_client_error());
    }
    let text = log.text();
    assert!(
        text.contains("not_listed") && text.contains("yyyy"),
        "{text}"
    );
    for line in text.lines() {
        assert!(line.len() < 6_000, "{}", line.len());
        assert!(!line.starts_with("ERROR forged"), "{line}");
        assert!(!line.contains(['\u{202e}', '\u{2028}', '\u{1b}']), "{line}");
    }
}
