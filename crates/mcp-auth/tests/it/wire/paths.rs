//! Paths that would get around a guard, and prefixes that would open too much.

use super::server::Server;

/// Whatever the path looks like, a handler runs for a caller or not at all.
#[tokio::test]
async fn no_path_reaches_a_handler_without_a_token() {
    let server = Server::start().await;
    for target in [
        "/mcp",
        "/mcp/",
        "//mcp",
        "/MCP",
        "/mcp%2f",
        "/mcp;x",
        "/mcp?",
        "/mcp#x",
        "/%6dcp",
        "/./mcp",
        "/.well-known/../mcp",
        "/.well-known/oauth-protected-resource/../../mcp",
        "/.well-known/oauth-protected-resource/mcp/../../../mcp",
        "/as/../mcp",
        "http://mcp.test/mcp",
        "/",
        "*",
        "/nowhere",
    ] {
        let reply = server.ask("POST", target).body("{}").send().await;
        assert!(
            matches!(reply.status, 400 | 401 | 403 | 404),
            "{target}: {reply:?}"
        );
    }
    assert_eq!(server.handled(), 0);
}

/// The public routes are exact paths and open nothing beside them.
#[tokio::test]
async fn public_routes_open_no_neighbours() {
    let server = Server::start().await;
    for target in [
        "/.well-known/oauth-protected-resource/mcp",
        "/.well-known/oauth-protected-resource",
    ] {
        assert_eq!(
            server.ask("GET", target).send().await.status,
            200,
            "{target}"
        );
    }
    for target in [
        "/.well-known/oauth-protected-resourceX",
        "/.well-known/oauth-protected-resource/",
        "/.well-known/oauth-protected-resource/mcp/",
        "/.well-known/oauth-protected-resource/mcpX",
        "/.well-known/oauth-protected-resource/other",
        "/.well-known/oauth-protected-resource/mcp%2f",
        "/.WELL-KNOWN/oauth-protected-resource",
        "/.well-known/",
        "/asX",
        "/as/tokenX",
        "/as/",
    ] {
        for method in ["GET", "POST"] {
            let reply = server.ask(method, target).send().await;
            assert!(matches!(reply.status, 401 | 404), "{target}: {reply:?}");
        }
    }
    assert_eq!(server.handled(), 0);
}
