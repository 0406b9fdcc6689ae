//! Headers that mirror the body (CT-080 to CT-086; AT-26, AT-35).

use entra_emulator::demo;
use mcp_auth::McpPolicy;
use reqwest::RequestBuilder;
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::client::{Answer, Client, LEGACY, MODERN, call, initialize, send, with_meta};
use super::server::{Fixture, Mode};
use crate::common::world::scope;

async fn start(mode: Mode) -> Fixture {
    let policy = McpPolicy::new().tool("write", scope(demo::MCP_WRITE));
    Fixture::start(mode, |layer| layer.policy(policy).unwrap()).await
}

/// A modern body with these headers only.
fn modern(client: &Client, body: &Value, headers: &[(&str, &str)]) -> RequestBuilder {
    let request = client.post(with_meta(body.clone()).to_string());
    let headers = headers.iter();
    headers.fold(request, |request, (name, value)| {
        request.header(*name, *value)
    })
}

fn is_error(answer: &Answer, code: i64, id: &Value) {
    assert_eq!(answer.status, 400, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let message = answer.message();
    assert_eq!(message["jsonrpc"], "2.0");
    assert_eq!(message["error"]["code"], code, "{answer:?}");
    assert_eq!(&message["id"], id, "{answer:?}");
}

/// CT-080, CT-081, CT-083, AT-26: refused before the handler, with the request's id.
#[tokio::test]
async fn headers_of_the_stateless_era_that_contradict_the_body_are_refused() {
    let version = ("mcp-protocol-version", MODERN);
    let older = ("mcp-protocol-version", LEGACY);
    let method = ("mcp-method", "tools/call");
    let name = ("mcp-name", "write");
    for mode in [Mode::Sessions, Mode::Json] {
        let fixture = start(mode).await;
        for headers in [
            &[version, method, ("mcp-name", "read")][..],
            &[version, method, ("mcp-name", "Write")],
            &[version, method],
            &[version, method, name, name],
            &[version, method, ("mcp-name", "=?base64?cmVhZA==?=")],
            &[version, method, ("mcp-name", "=?base64?***?=")],
            &[version, name],
            &[version, ("mcp-method", "ping"), name],
            &[version, ("mcp-method", "Tools/Call"), name],
            &[version, method, ("mcp-method", "ping"), name],
            &[older, method, name],
            &[version, older, method, name],
            &[method, name],
        ] {
            let answer = send(modern(&fixture.client, &call("write"), headers)).await;
            is_error(&answer, -32020, &json!(7));
        }
        let mut other = call("write");
        other["id"] = json!("a-\"1\"");
        let answer = send(modern(&fixture.client, &other, &[version])).await;
        is_error(&answer, -32020, &other["id"]);
        other.as_object_mut().unwrap().remove("id");
        let answer = send(modern(&fixture.client, &other, &[version])).await;
        is_error(&answer, -32020, &Value::Null);
        assert_eq!(fixture.server.done.times("write"), 0);
    }
}

/// CT-082: and the body decides, however the header spells it.
#[tokio::test]
async fn an_encoded_name_is_compared_decoded() {
    let headers = |name| {
        let version = ("mcp-protocol-version", MODERN);
        [version, ("mcp-method", "tools/call"), ("mcp-name", name)]
    };
    let open = Fixture::start(Mode::Json, |layer| layer).await;
    for (tool, name) in [
        ("read", "=?base64?cmVhZA==?="),
        ("list", "list"),
        ("l\u{e9}s", "=?base64?bMOpcw==?="),
    ] {
        let answer = send(modern(&open.client, &call(tool), &headers(name))).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(open.server.done.times(tool), 1);
    }
    let fixture = start(Mode::Json).await;
    let encoded = headers("=?base64?d3JpdGU=?=");
    let answer = send(modern(&fixture.client, &call("write"), &encoded)).await;
    assert_eq!(answer.status, 403);
}

/// What the stateless era dropped is the server's to answer, as what it never had is; in
/// `rmcp` that is 404, which the conformance suite looks for.
#[tokio::test]
async fn methods_that_the_era_does_not_have_are_the_servers_to_answer() {
    let fixture = start(Mode::Json).await;
    for method in ["resources/subscribe", "resources/unsubscribe"] {
        let body = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": {}});
        let headers = [("mcp-protocol-version", MODERN), ("mcp-method", method)];
        let answer = send(modern(&fixture.client, &body, &headers)).await;
        assert_ne!(answer.status, 400, "{method}");
        // Where it exists, it names what it wants.
        let answer = send(fixture.client.post(body.to_string())).await;
        is_error(&answer, -32602, &json!(7));
    }
}

/// CT-084: with the versions that the client may pick from.
#[tokio::test]
async fn an_unknown_version_is_refused_with_the_known_ones() {
    let fixture = start(Mode::Json).await;
    let long = "9".repeat(40);
    let repeated = [
        "2099-01-01",
        "2026-07-29",
        "1999-01-01",
        "latest",
        "v999.0.0",
    ];
    for version in repeated.iter().copied().chain(["<b>1</b>", "a b", &long]) {
        let mut body = with_meta(call("read"));
        body["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = version.into();
        for body in [&body, &call("read")] {
            let request = fixture.client.post(body.to_string());
            let answer = send(request.header("mcp-protocol-version", version)).await;
            is_error(&answer, -32022, &json!(7));
            let data = &answer.message()["error"]["data"];
            let supported = data["supported"].as_array().unwrap();
            assert!(supported.contains(&json!(MODERN)) && supported.contains(&json!(LEGACY)));
            // Only what can be a version comes back.
            let comes_back = data["requested"] == *version;
            assert_eq!(comes_back, repeated.contains(&version), "{data}");
        }
    }
    let get = fixture.client.request("GET");
    let answer = send(get.header("mcp-protocol-version", "2099-01-01")).await;
    is_error(&answer, -32022, &Value::Null);
    assert_eq!(fixture.server.done.times("read"), 0);
}

/// CT-085 is `permission::headers_of_the_older_era_decide_nothing`. CT-086: rmcp refuses a
/// request that names its version in the body only, and so does the layer.
#[tokio::test]
async fn a_version_in_the_body_only_is_refused() {
    let fixture = start(Mode::Json).await;
    is_error(
        &send(modern(&fixture.client, &call("read"), &[])).await,
        -32020,
        &json!(7),
    );
    // Without either it is a request of the older era.
    let post = |tool: &str| send(fixture.client.post(call(tool).to_string()));
    assert_eq!(post("read").await.status, 200);
    assert_eq!(post("write").await.status, 403);
}

#[tokio::test]
async fn a_header_that_is_no_text_is_refused() {
    let fixture = start(Mode::Json).await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    for name in ["mcp-protocol-version", "mcp-method", "mcp-name"] {
        let mut request = fixture.client.modern(&call("read")).build().unwrap();
        let value = HeaderValue::from_bytes(b"r\xe9ad").unwrap();
        request
            .headers_mut()
            .insert(HeaderName::from_static(name), value);
        let answer = Answer::read(http.execute(request).await.unwrap()).await;
        is_error(&answer, -32020, &json!(7));
    }
}

/// Whatever its headers say, so that its session is bound.
#[tokio::test]
async fn a_handshake_is_of_the_older_era() {
    let fixture = start(Mode::Sessions).await;
    let mut body = initialize();
    body["params"]["protocolVersion"] = MODERN.into();
    let request = fixture.client.post(body.to_string());
    let answer = send(request.header("mcp-protocol-version", MODERN)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let session = answer.header("mcp-session-id").unwrap();
    let bob = fixture.user(demo::BOB, demo::MCP_CLIENT);
    assert_eq!(
        send(bob.in_session(session, &call("read"))).await.status,
        404
    );
    let again = bob
        .post(body.to_string())
        .header("mcp-protocol-version", MODERN);
    assert_eq!(
        send(again.header("mcp-session-id", session)).await.status,
        404
    );
}

/// AT-35: authentication first, then the method; a header does not change it.
#[tokio::test]
async fn methods_that_mcp_does_not_use_are_refused() {
    let fixture = start(Mode::Json).await;
    for method in ["HEAD", "PUT", "PATCH", "TRACE", "BREW"] {
        let answer = send(fixture.client.request(method)).await;
        assert_eq!(answer.status, 405, "{method}: {answer:?}");
        assert_eq!(
            answer.header("allow"),
            Some("GET, POST, DELETE"),
            "{method}"
        );
        let answer = send(fixture.client.with_token("x").request(method)).await;
        assert_eq!(answer.status, 401, "{method}: {answer:?}");
    }
    for method in ["GET", "PUT"] {
        let request = fixture.client.legacy(&call("write"));
        let answer = send(request.header("x-http-method-override", method)).await;
        assert_eq!(answer.status, 403);
    }
    assert_eq!(fixture.server.done.times("write"), 0);
}
