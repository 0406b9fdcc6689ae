//! No or malformed credentials (RFC 6750, sections 2 and 3.1), as bytes on a socket.

use super::raw::exchange;
use super::server::{Server, bare_challenge, invalid_token};

/// The first request of every MCP client: `initialize` of the older era, `server/discover`
/// of the newer one, streams, ends of sessions, notifications.
#[tokio::test]
async fn without_credentials_there_is_a_challenge_without_an_error() {
    let server = Server::start().await;
    let initialize = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}"#;
    let discover = r#"{"jsonrpc":"2.0","id":1,"method":"server/discover"}"#;
    let notification = r#"{"jsonrpc":"2.0","method":"tools/call","params":{"name":"x"}}"#;
    for ask in [
        server.post().body(initialize),
        server
            .post()
            .field("MCP-Protocol-Version", "2026-07-28")
            .field("Mcp-Method", "server/discover")
            .body(discover),
        server.post().body(notification),
        server
            .ask("GET", "/mcp")
            .field("Accept", "text/event-stream"),
        server.ask("DELETE", "/mcp").field("Mcp-Session-Id", "x"),
        server.post().field("Authorization", "Basic abc"),
        server.post().field("Authorization", "DPoP abc"),
    ] {
        let reply = ask.send().await;
        assert_eq!(reply.status, 401, "{reply:?}");
        assert_eq!(reply.challenge(), bare_challenge());
        assert_eq!(reply.get("content-type"), Some("application/json"));
        assert_eq!(reply.get("cache-control"), Some("no-store"));
        assert_eq!(reply.json()["error"], "token_required");
    }
    assert_eq!(server.handled(), 0);
}

#[tokio::test]
async fn an_empty_or_malformed_bearer_is_an_invalid_token() {
    let server = Server::start().await;
    let expected = invalid_token("the Authorization header holds no access token");
    for line in [
        &b"Authorization: Bearer"[..],
        b"Authorization: Bearer ",
        b"Authorization: Bearer a b",
        b"Authorization: Bearer \xe2\x82\xac",
        b"Authorization: Bearer \xff\xfe",
        b"Authorization: Bearer a, Bearer b",
    ] {
        let reply = server.post().raw_field(line).send().await;
        assert_eq!(reply.status, 401, "{}", line.escape_ascii());
        assert_eq!(reply.challenge(), expected);
    }
    assert_eq!(server.handled(), 0);
}

#[tokio::test]
async fn the_scheme_and_the_field_have_no_case() {
    let server = Server::start().await;
    let token = server.token();
    for line in [
        format!("authorization: bearer {token}"),
        format!("AUTHORIZATION: BEARER   {token}"),
        format!("Authorization:Bearer {token}   "),
    ] {
        let reply = server.post().raw_field(line.as_bytes()).send().await;
        assert_eq!(reply.status, 200);
    }
}

#[tokio::test]
async fn two_credentials_are_one_too_many() {
    let server = Server::start().await;
    let token = server.token();
    let query = format!("/mcp?x=1&access_token={token}");
    for ask in [
        server.post().token(&token).token(&token),
        server
            .post()
            .token(&token)
            .field("authorization", "Basic x"),
        server.ask("POST", &query).token(&token),
    ] {
        let reply = ask.send().await;
        assert_eq!(reply.status, 400, "{reply:?}");
        assert!(
            reply
                .challenge()
                .starts_with("Bearer error=\"invalid_request\", ")
        );
    }
    assert_eq!(server.handled(), 0);
}

/// Query, form and cookie.
#[tokio::test]
async fn a_token_elsewhere_is_not_read() {
    let server = Server::start().await;
    let token = server.token();
    let pair = format!("access_token={token}");
    for ask in [
        server.ask("POST", &format!("/mcp?{pair}")),
        server
            .post()
            .field("Content-Type", "application/x-www-form-urlencoded")
            .body(&pair),
        server.post().field("Cookie", &pair),
        server
            .post()
            .field("X-Authorization", &format!("Bearer {token}")),
        server
            .post()
            .field("Proxy-Authorization", &format!("Bearer {token}")),
        server.post().field("X-MS-TOKEN-AAD-ACCESS-TOKEN", &token),
    ] {
        let reply = ask.send().await;
        assert_eq!(reply.status, 401);
        assert_eq!(reply.challenge(), bare_challenge());
    }
    assert_eq!(server.handled(), 0);
}

/// 5 MiB are announced and never sent; with `Expect` none are even asked for.
#[tokio::test]
async fn the_answer_does_not_wait_for_the_body() {
    let server = Server::start().await;
    let other = server.world.token(&["other"]);
    for (fields, status) in [
        (String::new(), 401),
        ("Authorization: Bearer x\r\n".to_owned(), 401),
        (format!("Authorization: Bearer {other}\r\n"), 403),
        ("Origin: https://evil.example\r\n".to_owned(), 403),
        ("Expect: 100-continue\r\n".to_owned(), 401),
    ] {
        let head = format!(
            "POST /mcp HTTP/1.1\r\nHost: mcp.test\r\n{fields}Content-Length: 5242880\r\n\r\n{{"
        );
        let reply = exchange(server.address, head.as_bytes()).await;
        assert_eq!(reply.status, status, "{reply:?}");
    }
    assert_eq!(server.handled(), 0);
}
