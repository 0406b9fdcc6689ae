//! Origin, Host, CORS and methods (MCP, "Streamable HTTP", security warning; Fetch standard,
//! CORS protocol).

use mcp_auth::{AllowedHost, AllowedOrigin};

use super::server::{Server, bare_challenge};

const GOOD: &str = "https://good.example";

/// Pages of one origin may call; requests from elsewhere and from browsers' private modes not.
async fn server() -> Server {
    Server::with(|guard| {
        guard.allow_origins(
            [GOOD, "http://localhost:6274"].map(|o| AllowedOrigin::parse(o).unwrap()),
        )
    })
    .await
}

#[tokio::test]
async fn a_listed_origin_and_no_origin_pass() {
    let server = server().await;
    let token = server.token();
    for ask in [
        server.post(),
        server.post().field("Origin", GOOD),
        server.post().field("origin", "http://localhost:6274"),
    ] {
        assert_eq!(ask.token(&token).send().await.status, 200);
    }
}

/// Null, another site, a suffix, another scheme, another port, another case, two of them:
/// refused even with a good token, and before the token is looked at.
#[tokio::test]
async fn another_origin_is_refused_before_the_credentials() {
    let server = server().await;
    let token = server.token();
    for origin in [
        "null",
        "https://evil.example",
        "https://good.example.evil.example",
        "https://evil-good.example",
        "http://good.example",
        "https://good.example:8443",
        "https://good.example:443",
        "https://Good.example",
        "HTTPS://good.example",
        "https://good.example/",
        "https://good.example, https://good.example",
        "good.example",
        "",
        "*",
    ] {
        for ask in [
            server.post().token(&token),
            server.post(),
            server.post().field("Authorization", "Basic x"),
            server.ask("GET", "/mcp").token(&token),
            server.ask("DELETE", "/mcp").token(&token),
        ] {
            let reply = ask.field("Origin", origin).send().await;
            assert_eq!(reply.status, 403, "{origin}: {reply:?}");
            assert_eq!(reply.json()["error"], "origin_not_allowed", "{origin}");
            assert_eq!(reply.get("access-control-allow-origin"), None);
            assert_eq!(reply.get("www-authenticate"), None);
            assert_eq!(reply.get("cache-control"), Some("no-store"));
            assert!(!reply.body.contains("example"), "{reply:?}");
        }
    }
    let twice = server.post().token(&token);
    let twice = twice.field("Origin", GOOD).field("Origin", GOOD);
    assert_eq!(twice.send().await.status, 403);
    assert_eq!(server.handled(), 0);
}

/// The list is empty at first: no page may call.
#[tokio::test]
async fn no_origin_is_allowed_by_default() {
    let server = Server::start().await;
    for origin in ["https://mcp.test", "http://localhost", "null"] {
        let ask = server.post().token(&server.token()).field("Origin", origin);
        assert_eq!(ask.send().await.status, 403, "{origin}");
    }
    assert_eq!(server.handled(), 0);
}

/// DNS rebinding: the page's own name points to this server. With and without `Origin`,
/// which browsers leave out of some requests.
#[tokio::test]
async fn another_host_is_refused_before_the_credentials() {
    let server = Server::on_loopback().await;
    let token = server.token();
    for host in [
        "evil.example",
        "evil.example:3000",
        "localhost:3001",
        "localhost",
        "localhost.evil.example:3000",
        "localhost:3000.evil.example",
        "127.0.0.2:3000",
        "0.0.0.0:3000",
        "user@localhost:3000",
        "localhost:3000/",
        "localhost.:3000",
        "",
    ] {
        for ask in [
            server.post().host(host).token(&token),
            server.post().host(host),
            server
                .post()
                .host(host)
                .token(&token)
                .field("Origin", "http://evil.example:3000"),
            server.ask("OPTIONS", "/mcp").host(host),
        ] {
            let reply = ask.send().await;
            assert_eq!(reply.status, 403, "{host}: {reply:?}");
            assert_eq!(reply.json()["error"], "host_not_allowed", "{host}");
        }
    }
    assert_eq!(server.handled(), 0);
    // The loopback addresses are one host, at the resource's port.
    for host in [
        "localhost:3000",
        "LOCALHOST:3000",
        "127.0.0.1:3000",
        "[::1]:3000",
    ] {
        let reply = server.post().host(host).token(&token).send().await;
        assert_eq!(reply.status, 200, "{host}: {reply:?}");
    }
}

#[tokio::test]
async fn a_public_resource_answers_for_its_own_host_only() {
    let server = Server::start().await;
    let token = server.token();
    for (host, status) in [
        ("mcp.test", 200),
        ("MCP.Test:443", 200),
        ("localhost", 403),
        ("127.0.0.1", 403),
        ("mcp.test:8443", 403),
        ("other.test", 403),
    ] {
        let reply = server.post().host(host).token(&token).send().await;
        assert_eq!(reply.status, status, "{host}");
    }
    // Two hosts, and a target that names another.
    let two = server.post().token(&token).field("Host", "evil.example");
    let refused = two.send().await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.json()["error"], "repeated_host");
    let equal = server.post().token(&token).field("Host", "mcp.test");
    assert_eq!(equal.send().await.status, 400);
    let absolute = server.ask("POST", "http://evil.example/mcp").token(&token);
    assert_eq!(absolute.send().await.status, 403);
    // What a proxy would add is not read, one way or the other.
    let forwarded = server.post().token(&token);
    let forwarded = forwarded
        .field("X-Forwarded-Host", "evil.example")
        .field("Forwarded", "host=evil.example");
    assert_eq!(forwarded.send().await.status, 200);
    let rescued = server.post().token(&token).host("evil.example");
    let rescued = rescued.field("X-Forwarded-Host", "mcp.test");
    assert_eq!(rescued.send().await.status, 403);
    // Not a browser: those always name a host.
    let without = server.post().token(&token).without_host();
    assert_eq!(without.send().await.status, 200);
}

#[tokio::test]
async fn the_hosts_of_a_gateway_are_added_by_name() {
    let server =
        Server::with(|guard| guard.allow_hosts([AllowedHost::parse("orders:8080").unwrap()])).await;
    let token = server.token();
    for (host, status) in [("mcp.test", 200), ("orders:8080", 200), ("orders", 403)] {
        let reply = server.post().host(host).token(&token).send().await;
        assert_eq!(reply.status, status, "{host}");
    }
    let server = Server::with(mcp_auth::AuthLayer::allow_any_host).await;
    let reply = server.post().host("whatever").token(&server.token());
    assert_eq!(reply.send().await.status, 200);
}

/// Answered without a token, which a browser does not send with it.
#[tokio::test]
async fn the_preflight_of_an_allowed_origin_is_answered_before_the_credentials() {
    let server = server().await;
    let reply = server
        .ask("OPTIONS", "/mcp")
        .field("Origin", GOOD)
        .field("Access-Control-Request-Method", "POST")
        .field(
            "Access-Control-Request-Headers",
            "authorization, mcp-method, mcp-param-region, x-other",
        )
        .send()
        .await;
    assert_eq!(reply.status, 204, "{reply:?}");
    assert_eq!(reply.get("access-control-allow-origin"), Some(GOOD));
    assert_eq!(
        reply.get("access-control-allow-methods"),
        Some("GET, POST, DELETE, OPTIONS")
    );
    let allowed = reply.get("access-control-allow-headers").unwrap();
    for name in [
        "authorization",
        "content-type",
        "accept",
        "mcp-protocol-version",
        "mcp-session-id",
        "mcp-method",
        "mcp-name",
        "last-event-id",
        "mcp-param-region",
    ] {
        assert!(
            allowed.split(", ").any(|known| known == name),
            "{name}: {allowed}"
        );
    }
    assert!(!allowed.contains("x-other") && !allowed.contains('*'));
    assert!(reply.get("vary").unwrap().contains("origin"));
    assert_eq!(reply.get("access-control-allow-credentials"), None);
    assert_eq!(server.handled(), 0);
}

#[tokio::test]
async fn the_preflight_of_another_origin_is_refused() {
    let server = server().await;
    let ask = server
        .ask("OPTIONS", "/mcp")
        .field("Origin", "https://evil.example")
        .field("Access-Control-Request-Method", "POST");
    let reply = ask.send().await;
    assert_eq!(reply.status, 403);
    for (name, _) in [
        ("access-control-allow-origin", ()),
        ("access-control-allow-methods", ()),
    ] {
        assert_eq!(reply.get(name), None);
    }
}

#[tokio::test]
async fn options_that_is_no_preflight_needs_a_token() {
    let server = server().await;
    for ask in [
        server.ask("OPTIONS", "/mcp"),
        server.ask("OPTIONS", "/mcp").field("Origin", GOOD),
        // Without an origin nobody asked for anybody.
        server
            .ask("OPTIONS", "/mcp")
            .field("Access-Control-Request-Method", "POST"),
    ] {
        let reply = ask.send().await;
        assert_eq!(reply.status, 401);
        assert_eq!(reply.challenge(), bare_challenge());
    }
    assert_eq!(server.handled(), 0);
}

/// A page may read the challenge as well as the answer.
#[tokio::test]
async fn answers_to_an_allowed_origin_can_be_read_there() {
    let server = server().await;
    let (good, other) = (server.token(), server.world.token(&["other"]));
    for (ask, status) in [
        (server.post().token(&good), 200),
        (server.post(), 401),
        (server.post().token("x"), 401),
        (server.post().token(&other), 403),
        (server.post().token(&good).token(&good), 400),
    ] {
        let reply = ask.field("Origin", GOOD).send().await;
        assert_eq!(reply.status, status);
        assert_eq!(reply.get("access-control-allow-origin"), Some(GOOD));
        assert_eq!(reply.get("vary"), Some("origin"));
        let exposed = reply.get("access-control-expose-headers").unwrap();
        for name in ["www-authenticate", "mcp-session-id", "mcp-protocol-version"] {
            assert!(exposed.contains(name), "{name}");
        }
    }
    // Caches learn that the origin matters, also from answers to nobody's page.
    let reply = server.post().token(&good).send().await;
    assert_eq!(reply.get("vary"), Some("origin"));
    assert_eq!(reply.get("access-control-allow-origin"), None);
}

/// The method is routed after the caller is known.
#[tokio::test]
async fn every_method_is_authenticated_before_it_is_routed() {
    let server = Server::start().await;
    for method in [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "BREW", "PROPFIND",
    ] {
        let reply = server.ask(method, "/healthz").send().await;
        assert_eq!(reply.status, 401, "{method}");
        let overridden = server.post().field("X-HTTP-Method-Override", method);
        assert_eq!(overridden.send().await.status, 401, "{method}");
    }
    assert_eq!(server.handled(), 0);
    // Once it is, the router says which methods there are.
    let reply = server.ask("PATCH", "/healthz").token(&server.token());
    assert_eq!(reply.send().await.status, 405);
}

/// Probes call by address, and have no token; nothing is told to their handler.
#[tokio::test]
async fn probes_pass_by_their_exact_path() {
    let server = Server::with(|guard| guard.probes(["/healthz"])).await;
    for method in ["GET", "HEAD"] {
        let probe = server.ask(method, "/healthz").host("10.0.0.7:8080");
        let probe = probe.field("Origin", "https://evil.example");
        let reply = probe.token(&server.token()).send().await;
        assert_eq!(reply.status, 200, "{method}: {reply:?}");
        if method == "GET" {
            assert_eq!(reply.json()["object"], serde_json::Value::Null);
            assert!(!reply.body.contains("authorization"), "{reply:?}");
        }
    }
    let before = server.handled();
    for (method, target) in [
        ("POST", "/healthz"),
        ("OPTIONS", "/healthz"),
        ("GET", "/healthz/"),
        ("GET", "/Healthz"),
        ("GET", "/healthz/../mcp"),
        ("GET", "/healthz%2f"),
        ("GET", "//healthz"),
        ("GET", "/healthz;x"),
        ("GET", "/mcp?/healthz"),
        ("GET", "/mcp"),
    ] {
        let reply = server.ask(method, target).send().await;
        assert_eq!(reply.status, 401, "{method} {target}: {reply:?}");
        let reply = server.ask(method, target).host("10.0.0.7").send().await;
        assert_eq!(reply.status, 403, "{method} {target}: {reply:?}");
    }
    assert_eq!(server.handled(), before);
}
