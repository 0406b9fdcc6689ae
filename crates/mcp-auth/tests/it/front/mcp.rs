//! MCP servers from the front door.

use axum::Router;
use axum::body::Body;
use axum::routing::get as route;
use entra_emulator::{Directory, Emulator};
use http::{Request, StatusCode};
use mcp_auth::{McpServer, Protected};
use serde_json::json;
use tower::ServiceExt as _;

use super::{entra, get, text, token};

const URL: &str = "http://127.0.0.1/mcp";

fn server(emulator: &Emulator) -> McpServer {
    let mcp = entra(emulator).mcp(URL).unwrap();
    let mcp = mcp.scope("mcp.read").unwrap();
    mcp.tool("read", "mcp.read")
        .unwrap()
        .tool("write", "mcp.write")
        .unwrap()
}

fn handler() -> Router {
    Router::new().fallback(|| async { "handled" })
}

async fn call(app: &Protected, tool: &str, token: Option<&str>) -> StatusCode {
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": {}}});
    let mut request = Request::post("/mcp")
        .header("host", "127.0.0.1")
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let request = request.body(Body::from(message.to_string())).unwrap();
    app.clone().oneshot(request).await.unwrap().status()
}

#[tokio::test]
async fn tools_need_what_was_named() {
    let emulator = Emulator::start(Directory::demo()).await.unwrap();
    let app = server(&emulator).service(handler()).build().unwrap();
    let closed = server(&emulator)
        .deny_unlisted()
        .service(handler())
        .build()
        .unwrap();
    let (reader, writer) = (
        token(&emulator, &["mcp.read"]),
        token(&emulator, &["mcp.read", "mcp.write"]),
    );
    // A tool's scope does not stand in for the base scope.
    let without_base = token(&emulator, &["mcp.write"]);
    for (app, tool, token, status) in [
        (&app, "read", None, StatusCode::UNAUTHORIZED),
        (&app, "read", Some(&reader), StatusCode::OK),
        (&app, "write", Some(&reader), StatusCode::FORBIDDEN),
        (&app, "write", Some(&writer), StatusCode::OK),
        (&app, "write", Some(&without_base), StatusCode::FORBIDDEN),
        (&app, "other", Some(&reader), StatusCode::OK),
        (&closed, "read", Some(&reader), StatusCode::OK),
        (&closed, "other", Some(&writer), StatusCode::FORBIDDEN),
    ] {
        let got = call(app, tool, token.map(String::as_str)).await;
        assert_eq!(got, status, "{tool}");
    }
}

#[tokio::test]
async fn clients_discover_how_to_sign_in() {
    let emulator = Emulator::start(Directory::demo()).await.unwrap();
    let app = server(&emulator).service(handler()).build().unwrap();
    let challenge = get(&app, "/mcp", None).await;
    let challenge = challenge.headers()["www-authenticate"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(challenge.contains("resource_metadata="), "{challenge}");
    for path in [
        "/.well-known/oauth-protected-resource/mcp",
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-authorization-server/as",
    ] {
        assert_eq!(
            get(&app, path, None).await.status(),
            StatusCode::OK,
            "{path}"
        );
    }
    // Every other path is guarded, with the same challenge.
    let unknown = get(&app, "/unknown", None).await;
    assert_eq!(unknown.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(unknown.headers()["www-authenticate"], challenge.as_str());
}

#[tokio::test]
async fn a_users_route_wins_over_the_servers_own() {
    let emulator = Emulator::start(Directory::demo()).await.unwrap();
    let say = |what: &'static str| route(move || std::future::ready(what));
    let own = "/.well-known/oauth-protected-resource";
    let app = server(&emulator)
        .service(handler())
        .protected(Router::new().route("/api", say("api")))
        .public(
            Router::new()
                .route(own, say("mine"))
                .route("/open", say("open")),
        )
        .build()
        .unwrap();
    assert_eq!(text(get(&app, own, None).await).await, "mine");
    assert_eq!(text(get(&app, "/open", None).await).await, "open");
    assert_eq!(
        get(&app, "/api", None).await.status(),
        StatusCode::UNAUTHORIZED
    );
    let token = token(&emulator, &["mcp.read"]);
    assert_eq!(text(get(&app, "/api", Some(&token)).await).await, "api");
}

#[tokio::test]
async fn every_mistake_is_said_before_a_request_comes() {
    let emulator = Emulator::start(Directory::demo()).await.unwrap();
    let entra = entra(&emulator);
    for url in [
        "http://mcp.contoso.example/mcp",
        "https://mcp.contoso.example/mcp/",
        "no url",
    ] {
        let error = entra.mcp(url).unwrap_err();
        assert!(error.to_string().contains("public URL"), "{error}");
    }
    let mcp = entra.mcp(URL).unwrap();
    assert!(mcp.clone().scope("mcp.read mcp.write").is_err());
    assert!(mcp.tool("t", "api://other/mcp.read").is_err());
}

#[cfg(feature = "rmcp-server")]
#[tokio::test]
async fn consent_pages_are_there_once_a_tool_can_ask_for_consent() {
    let emulator = Emulator::start(Directory::demo()).await.unwrap();
    let without = server(&emulator).service(handler()).build().unwrap();
    assert_eq!(
        get(&without, "/consent/x", None).await.status(),
        StatusCode::UNAUTHORIZED
    );
    let mcp = server(&emulator);
    mcp.step_up().unwrap();
    let with = mcp.service(handler()).build().unwrap();
    let page = get(&with, "/consent/x", None).await;
    assert_ne!(page.status(), StatusCode::UNAUTHORIZED);
    assert!(
        page.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
}
