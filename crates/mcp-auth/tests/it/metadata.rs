//! Protected resource metadata over the service (facts: RFC 9728; MCP discovery).

use crate::common::{API, TENANT, Upstream, json, request, resource, text};
use http::{Response, StatusCode};
use mcp_auth::{MetadataBody, MetadataService, ProtectedResource};
use tower::ServiceExt as _;

const PATH: &str = "/.well-known/oauth-protected-resource/mcp";

fn plain() -> ProtectedResource {
    resource("https://mcp.test/mcp")
        .url_is_identifier_uri()
        .build()
        .unwrap()
}

async fn ask(
    resource: &ProtectedResource,
    request: http::Request<http_body_util::Full<bytes::Bytes>>,
) -> Response<MetadataBody> {
    let service = MetadataService::with_transport(resource, Upstream::answering(500, ""));
    service.oneshot(request).await.unwrap()
}

#[tokio::test]
async fn the_document() {
    let answer = ask(&plain(), request("GET", PATH)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "application/json");
    let document = json(answer).await;
    assert_eq!(document["resource"], "https://mcp.test/mcp");
    let issuer = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    assert_eq!(
        document["authorization_servers"],
        serde_json::json!([issuer])
    );
    assert_eq!(
        document["scopes_supported"],
        serde_json::json!([format!("{API}/mcp.read")])
    );
    assert_eq!(
        document["bearer_methods_supported"],
        serde_json::json!(["header"])
    );
    for (name, value) in document.as_object().unwrap() {
        let empty = value.as_array().is_some_and(Vec::is_empty);
        assert!(!value.is_null() && !empty, "{name}");
    }
}

#[tokio::test]
async fn the_root_path_serves_the_same_document() {
    let root = "/.well-known/oauth-protected-resource";
    let inserted = text(ask(&plain(), request("GET", PATH)).await).await;
    assert_eq!(
        text(ask(&plain(), request("GET", root)).await).await,
        inserted
    );
    let without = resource("https://mcp.test/mcp")
        .facade()
        .without_root_document()
        .build()
        .unwrap();
    assert_eq!(
        ask(&without, request("GET", root)).await.status(),
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn credentials_do_not_matter() {
    for value in ["Bearer x", "garbage", "Basic eDp5"] {
        let mut request = request("GET", PATH);
        request
            .headers_mut()
            .insert("authorization", value.parse().unwrap());
        assert_eq!(
            ask(&plain(), request).await.status(),
            StatusCode::OK,
            "{value}"
        );
    }
}

#[tokio::test]
async fn browsers_and_head() {
    let mut preflight = request("OPTIONS", PATH);
    preflight
        .headers_mut()
        .insert("origin", "https://inspector.example".parse().unwrap());
    let answer = ask(&plain(), preflight).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    assert_eq!(
        answer.headers()["access-control-allow-methods"],
        "GET, HEAD, OPTIONS"
    );
    let allowed = answer.headers()["access-control-allow-headers"]
        .to_str()
        .unwrap();
    assert!(allowed.contains("authorization") && allowed.contains("mcp-protocol-version"));
    assert!(
        !answer
            .headers()
            .contains_key("access-control-allow-credentials")
    );

    let get = ask(&plain(), request("GET", PATH)).await;
    assert_eq!(get.headers()["access-control-allow-origin"], "*");
    let head = ask(&plain(), request("HEAD", PATH)).await;
    assert_eq!(head.status(), StatusCode::OK);
    for name in [
        "content-type",
        "cache-control",
        "access-control-allow-origin",
    ] {
        assert_eq!(head.headers()[name], get.headers()[name], "{name}");
    }
    let length = head.headers()["content-length"]
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(text(head).await, "");
    assert_eq!(text(get).await.len().to_string(), length);
}

#[tokio::test]
async fn other_methods_are_405() {
    for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"] {
        let answer = ask(&plain(), request(method, PATH)).await;
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(answer.headers()["allow"], "GET, HEAD, OPTIONS");
    }
}

#[tokio::test]
async fn the_host_changes_nothing() {
    let good = text(ask(&plain(), request("GET", PATH)).await).await;
    for name in [
        "host",
        "x-forwarded-host",
        "forwarded",
        "x-forwarded-proto",
        "x-original-url",
    ] {
        let mut request = request("GET", &format!("http://evil.example{PATH}"));
        request
            .headers_mut()
            .insert(name, "evil.example".parse().unwrap());
        assert_eq!(text(ask(&plain(), request).await).await, good, "{name}");
    }
}

#[tokio::test]
async fn urls_without_path_with_query_and_with_port() {
    for (url, path) in [
        ("https://h", "/.well-known/oauth-protected-resource"),
        (
            "https://h/a/b?x=1",
            "/.well-known/oauth-protected-resource/a/b?x=1",
        ),
        (
            "https://H:8443/Mcp",
            "/.well-known/oauth-protected-resource/Mcp",
        ),
    ] {
        let resource = resource(url).facade().build().unwrap();
        let answer = ask(&resource, request("GET", path)).await;
        assert_eq!(answer.status(), StatusCode::OK, "{url}");
        assert_eq!(json(answer).await["resource"], url.replace('H', "h"));
        assert!(resource.metadata_url().ends_with(path), "{url}");
    }
}

#[tokio::test]
async fn the_document_may_be_cached() {
    let answer = ask(&plain(), request("GET", PATH)).await;
    assert_eq!(answer.headers()["cache-control"], "public, max-age=3600");
}

#[tokio::test]
async fn other_paths_are_not_opened() {
    for path in [
        "/.well-known/oauth-protected-resourceX",
        "/.well-known/oauth-protected-resource/",
        "/.well-known/oauth-protected-resource/mcp/",
        "/.well-known/oauth-protected-resource/../../mcp",
        "/.well-known/oauth-protected-resource/mcp%2f",
        "//.well-known/oauth-protected-resource/mcp",
        "/.well-known/oauth-authorization-server/as",
        "/as/token",
        "/mcp",
    ] {
        assert_eq!(
            ask(&plain(), request("GET", path)).await.status(),
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}

/// Two resources on one router, each with its own document.
#[cfg(feature = "axum")]
#[tokio::test]
async fn two_resources_on_one_router() {
    let of = |url: &str| resource(url).url_is_identifier_uri();
    let a = of("https://h/a/mcp").build().unwrap();
    let b = of("https://h/b/mcp")
        .without_root_document()
        .build()
        .unwrap();
    let router: axum::Router = a
        .metadata_router()
        .unwrap()
        .merge(b.metadata_router().unwrap());
    for (path, url) in [
        ("/a/mcp", "https://h/a/mcp"),
        ("/b/mcp", "https://h/b/mcp"),
        ("", "https://h/a/mcp"),
    ] {
        let uri = format!("/.well-known/oauth-protected-resource{path}");
        let request = http::Request::get(uri)
            .body(axum::body::Body::empty())
            .unwrap();
        let answer = router.clone().oneshot(request).await.unwrap();
        assert_eq!(json(answer).await["resource"], url);
    }
}
