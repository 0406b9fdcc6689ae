//! What a body may be (CT-087 to CT-091; AT-28, AT-29, AT-30).

use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes};
use axum::extract::State;
use entra_emulator::demo;
use mcp_auth::{McpLayer, McpPolicy};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::client::{Client, call, send};
use super::server::{Fixture, Mode, listen};
use crate::common::world::{World, scope};

fn policy() -> McpPolicy {
    McpPolicy::new().tool("write", scope(demo::MCP_WRITE))
}

async fn start() -> Fixture {
    Fixture::start(Mode::Json, |layer| {
        layer.policy(policy()).unwrap().body_limit(1000)
    })
    .await
}

/// CT-087, CT-088, AT-28, AT-29.
#[tokio::test]
async fn what_could_be_read_in_two_ways_is_refused() {
    let fixture = start().await;
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    let call = call("write").to_string();
    let twice = |second: &str| call.replace(r#""name":"write""#, second);
    let (open, close) = ("[".repeat(200), "]".repeat(200));
    let deep = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"x","params":{{"a":{open}{close}}}}}"#);
    let utf16: Vec<u8> = ping.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for (body, code) in [
        (format!("[{ping},{call}]").into_bytes(), -32600),
        (b"[]".to_vec(), -32600),
        (
            ping.replace('}', r#","method":"tools/call"}"#).into_bytes(),
            -32600,
        ),
        (
            twice(r#""name":"write","n\u0061me":"read""#).into_bytes(),
            -32600,
        ),
        (
            twice(r#""name":"read","name":"write""#).into_bytes(),
            -32600,
        ),
        (format!("{ping}{call}").into_bytes(), -32700),
        (format!("{ping} x").into_bytes(), -32700),
        (format!("\u{feff}{ping}").into_bytes(), -32700),
        ([ping.as_bytes(), b"\xff"].concat(), -32700),
        (utf16, -32700),
        (deep.into_bytes(), -32600),
        (Vec::new(), -32700),
    ] {
        let shown = String::from_utf8_lossy(&body).into_owned();
        let answer = send(fixture.client.post(body)).await;
        assert_eq!(answer.status, 400, "{shown}: {answer:?}");
        let message = answer.message();
        assert_eq!(message["error"]["code"], code, "{shown}");
        assert_eq!(message["id"], Value::Null);
    }
    for tool in ["read", "write"] {
        assert_eq!(fixture.server.done.times(tool), 0);
    }
}

/// Escapes are no way around: names are read as the server reads them.
#[tokio::test]
async fn an_escaped_name_is_the_name() {
    let fixture = start().await;
    let escaped = r#"{"jsonrpc":"2.0","id":1,"m\u0065thod":"tools\/call","params":{"n\u0061me":"wri\u0074e"}}"#;
    assert_eq!(send(fixture.client.post(escaped)).await.status, 403);
    let writer = fixture.alice(&[demo::MCP_READ, demo::MCP_WRITE]);
    assert_eq!(send(writer.post(escaped)).await.status, 200);
    assert_eq!(fixture.server.done.times("write"), 1);
}

#[tokio::test]
async fn a_call_without_a_name_is_refused_with_its_id() {
    let fixture = start().await;
    for params in [json!({}), json!({"name": 7}), json!({"Name": "write"})] {
        let body = json!({"jsonrpc": "2.0", "id": "x", "method": "tools/call", "params": params});
        let answer = send(fixture.client.legacy(&body)).await;
        assert_eq!(answer.status, 400, "{answer:?}");
        let message = answer.message();
        assert_eq!(
            (&message["error"]["code"], &message["id"]),
            (&json!(-32602), &json!("x"))
        );
    }
}

/// CT-089, AT-30: whether the length is announced or not, and the server lives on.
#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let fixture = start().await;
    let padded = |length: usize| format!("{:length$}", call("read").to_string());
    let client = &fixture.client;
    assert_eq!(send(client.post(padded(1000))).await.status, 200);
    assert_eq!(send(client.post(padded(1001))).await.status, 413);
    assert_eq!(in_chunks(client, &padded(1000)).await, 200);
    assert_eq!(in_chunks(client, &padded(1001)).await, 413);
    assert_eq!(send(client.post(padded(1000))).await.status, 200);
    assert_eq!(fixture.server.done.times("read"), 3);
}

/// Sends a body in two chunks, without its length; the status.
async fn in_chunks(client: &Client, body: &str) -> u16 {
    let request = client.post("").build().unwrap();
    let header = |name: &str| request.headers()[name].to_str().unwrap();
    let head = format!(
        "POST /mcp HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: {}\r\n\
         accept: {}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
        header("authorization"),
        header("accept"),
    );
    let (first, second) = body.split_at(100);
    let chunks = [first, second].map(|chunk| format!("{:x}\r\n{chunk}\r\n", chunk.len()));
    let address = ("127.0.0.1", request.url().port().unwrap());
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let text = format!("{head}{}0\r\n\r\n", chunks.concat());
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

/// CT-090, AT-30.
#[tokio::test]
async fn other_encodings_and_types_are_refused() {
    let fixture = start().await;
    let body = call("read").to_string();
    for (encoding, status) in [
        ("gzip", 415),
        ("br", 415),
        ("identity, gzip", 415),
        ("identity", 200),
    ] {
        let request = fixture.client.post(body.clone());
        let answer = send(request.header("content-encoding", encoding)).await;
        assert_eq!(answer.status, status, "{encoding}: {answer:?}");
    }
    for kind in [
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("application/json; charset=utf-16"),
        None,
    ] {
        let mut request = fixture.client.request("POST").body(body.clone());
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        assert_eq!(send(request).await.status, 415, "{kind:?}");
    }
    assert_eq!(fixture.server.done.times("read"), 1);
}

/// CT-091: a service that is no rmcp sees the very bytes.
#[tokio::test]
async fn the_server_gets_the_bytes_that_were_read() {
    type Seen = Arc<Mutex<Vec<Bytes>>>;
    async fn keep(State(seen): State<Seen>, body: Bytes) -> Body {
        seen.lock().unwrap().push(body);
        Body::empty()
    }
    let world = World::start().await;
    let seen = Seen::default();
    let app = axum::Router::new()
        .route("/mcp", axum::routing::post(keep))
        .with_state(Arc::clone(&seen));
    let url = listen(app.layer(McpLayer::new(world.guard()).policy(policy()).unwrap())).await;
    let client = Client::new(&url, world.token(&[demo::MCP_READ]));
    let odd = " {\n\"id\" : 1 ,\"jsonrpc\":\"2\\u002e0\",\t\"method\":\"x\",\"params\":{\"z\":1.0e2,\"a\":[ ]}}\r\n";
    for body in [odd.to_owned(), call("read").to_string()] {
        assert_eq!(send(client.post(body.clone())).await.status, 200);
        assert_eq!(seen.lock().unwrap().pop().unwrap(), body);
    }
    assert_eq!(
        send(client.post(call("write").to_string())).await.status,
        403
    );
    assert!(seen.lock().unwrap().is_empty());
}
