//! What handlers see (CT-150, CT-152, CT-154). CT-153 is in `rmcp_bridge.rs`.

use entra_emulator::demo;
use serde_json::{Value, json};

use super::client::{Client, call, send};
use super::server::{Fixture, Mode};

#[tokio::test]
async fn every_kind_of_handler_knows_its_caller() {
    for mode in [Mode::Json, Mode::Sessions] {
        let fixture = Fixture::start(mode, |layer| layer).await;
        let client = &fixture.client;
        let session = match mode {
            Mode::Json => None,
            Mode::Sessions => Some(client.open().await),
        };
        for (method, params, done) in [
            ("tools/call", json!({"name": "read"}), "read"),
            ("tools/list", json!({}), "list"),
            ("prompts/get", json!({"name": "prompt"}), "prompt"),
            ("resources/read", json!({"uri": "x://1"}), "x://1"),
            ("x/request", json!({}), "x/request"),
        ] {
            let body = json!({"jsonrpc": "2.0", "id": 3, "method": method, "params": params});
            let request = match &session {
                Some(session) => client.in_session(session, &body),
                None => client.modern(&body),
            };
            let answer = send(request).await;
            assert_eq!(answer.status, 200, "{method}: {answer:?}");
            assert!(answer.message()["error"].is_null(), "{method}: {answer:?}");
            assert_eq!(fixture.server.done.times(done), 1, "{method}");
        }
    }
}

/// CT-150, CT-154: the caller of this request, without the token.
#[tokio::test]
async fn a_session_sees_the_token_of_each_request_and_no_authorization() {
    let fixture = Fixture::start(Mode::Sessions, |layer| layer).await;
    let session = fixture.client.open().await;
    let seen = async |client: &Client| {
        let answer = send(client.in_session(&session, &call("read"))).await;
        serde_json::from_str::<Value>(&answer.tool_text()).unwrap()
    };
    let first = seen(&fixture.client).await;
    assert_eq!(first["authorization"], false);
    assert_eq!(first["object"], demo::ALICE);
    let forged = fixture.world.forged(&[demo::MCP_READ]);
    let later = first["expires"].as_i64().unwrap() + 100;
    let later = forged.claim("exp", later).sign().unwrap();
    let second = seen(&fixture.client.with_token(later)).await;
    assert_eq!(second["object"], demo::ALICE);
    let expires = |seen: &Value| seen["expires"].as_i64().unwrap();
    assert_eq!(expires(&second), expires(&first) + 100);
}
