//! The request state: what it opens for, and what it does not.

use entra_emulator::demo;
use serde_json::{Value, json};
use std::time::Duration;

use super::scene::{Scene, retry, url};
use crate::common::mcp::{Raw, Reply};

const ARGUMENTS: &str = "May";

/// Alice was asked; the state that her client was given.
async fn asked(scene: &Scene) -> (Raw, Value) {
    let alice = scene.modern(demo::ALICE, url());
    let reply = alice.call("payslip", json!({"month": ARGUMENTS})).await;
    (alice, reply.result()["requestState"].clone())
}

fn is_refused(reply: &Reply) {
    assert_eq!(reply.error()["code"], -32602, "{reply:?}");
    let message = reply.error()["message"].as_str().unwrap();
    assert_eq!(message, "the request state is not valid for this request");
}

/// The client says that the user was there, and the consent is there.
#[tokio::test]
async fn a_retry_after_the_consent_completes() {
    let scene = Scene::start().await;
    let (alice, state) = asked(&scene).await;
    scene.consent(demo::ALICE);
    let params = retry("payslip", json!({"month": ARGUMENTS}), &state, "accept");
    let reply = alice.request("tools/call", params).await;
    assert_eq!(reply.content()["payslip"], ARGUMENTS);
}

/// A state of somebody else, of something else, too old, changed, or removed.
#[tokio::test]
async fn a_state_opens_for_its_own_request_only() {
    let scene = Scene::start().await;
    let (alice, state) = asked(&scene).await;
    let arguments = || json!({"month": ARGUMENTS});
    scene.consent(demo::ALICE);
    scene.consent(demo::BOB);

    let mine = retry("payslip", arguments(), &state, "accept");
    let bob = scene.modern(demo::BOB, url());
    is_refused(&bob.request("tools/call", mine.clone()).await);
    // The same user in another client application.
    let token = scene.forged().claim("azp", demo::DAEMON).sign().unwrap();
    is_refused(
        &alice
            .with_token(&token)
            .request("tools/call", mine.clone())
            .await,
    );
    let other_tool = retry("bonus", arguments(), &state, "accept");
    is_refused(&alice.request("tools/call", other_tool).await);
    let other_arguments = retry("payslip", json!({"month": "June"}), &state, "accept");
    is_refused(&alice.request("tools/call", other_arguments).await);
    let prompt = json!({"name": "payslip", "arguments": arguments(), "requestState": state,
        "inputResponses": {"consent": {"action": "accept"}}});
    is_refused(&alice.request("prompts/get", prompt).await);

    let text = state.as_str().unwrap();
    for place in [0, 16, text.len() / 2, text.len() - 2] {
        let mut changed = text.to_owned().into_bytes();
        changed[place] ^= 1;
        let changed = String::from_utf8_lossy(&changed).into_owned();
        let params = retry("payslip", arguments(), &changed.into(), "accept");
        is_refused(&alice.request("tools/call", params).await);
    }
    let mut removed = mine.clone();
    removed.as_object_mut().unwrap().remove("requestState");
    is_refused(&alice.request("tools/call", removed).await);
    let mut unanswered = mine.clone();
    unanswered.as_object_mut().unwrap().remove("inputResponses");
    is_refused(&alice.request("tools/call", unanswered).await);
    let mut other_answer = mine.clone();
    other_answer["inputResponses"] = json!({"other": {"action": "accept"}});
    is_refused(&alice.request("tools/call", other_answer).await);
    let mut nonsense = mine.clone();
    nonsense["inputResponses"] = json!({"consent": {"action": "maybe"}});
    is_refused(&alice.request("tools/call", nonsense).await);

    scene.clock.advance(Duration::from_secs(599));
    let reply = alice.request("tools/call", mine.clone()).await;
    assert_eq!(
        reply.content()["payslip"],
        ARGUMENTS,
        "until its last second"
    );
    scene.clock.advance(Duration::from_secs(1));
    is_refused(&alice.request("tools/call", mine).await);
}

/// Whatever order the tool's parameters have, the arguments are those of the message.
#[tokio::test]
async fn a_state_is_bound_to_the_arguments_in_any_order_of_parameters() {
    let scene = Scene::start().await;
    let alice = scene.modern(demo::ALICE, url());
    let reply = alice.call("bonus", json!({"month": "May"})).await;
    let state = reply.result()["requestState"].clone();
    scene.consent(demo::ALICE);
    let call = |month: &str| retry("bonus", json!({"month": month}), &state, "accept");
    is_refused(&alice.request("tools/call", call("June")).await);
    let reply = alice.request("tools/call", call("May")).await;
    assert_eq!(reply.content()["bonus"], "May");
}

/// Declining ends it; the user is not asked again by this request.
#[tokio::test]
async fn declining_and_cancelling_are_a_tool_error() {
    let scene = Scene::start().await;
    let (alice, state) = asked(&scene).await;
    for action in ["decline", "cancel"] {
        let params = retry("payslip", json!({"month": ARGUMENTS}), &state, action);
        let reply = alice.request("tools/call", params).await;
        assert_eq!(reply.result()["isError"], true);
        assert_eq!(reply.content()["error"], "consent_declined");
        assert!(reply.result()["inputRequests"].is_null());
    }
}

/// A client that always says yes is asked three times, and then told.
#[tokio::test]
async fn the_rounds_are_bounded() {
    let scene = Scene::start().await;
    let (alice, mut state) = asked(&scene).await;
    for round in 2..=3 {
        let params = retry("payslip", json!({"month": ARGUMENTS}), &state, "accept");
        let reply = alice.request("tools/call", params).await;
        assert_eq!(reply.result()["resultType"], "input_required", "{round}");
        state = reply.result()["requestState"].clone();
    }
    let params = retry("payslip", json!({"month": ARGUMENTS}), &state, "accept");
    let reply = alice.request("tools/call", params).await;
    assert_eq!(reply.content()["error"], "consent_required");
    assert!(reply.result()["inputRequests"].is_null());
}

/// Two instances that share a key understand each other; two that do not, do not.
#[tokio::test]
async fn instances_share_states_if_they_share_the_key() {
    use mcp_auth::shared::{SealingKeys, SealingSecret};
    use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;
    let secret = |byte: u8| SealingSecret::new(&[byte; 32]);
    let key = |byte: u8| SealingKeys::new(secret(byte));
    let serve = |keys: SealingKeys| {
        Scene::with(
            move |b| b.redirect_uri(super::scene::CONSENTED).keys(keys),
            StreamableHttpServerConfig::default(),
        )
    };
    let (one, stranger) = (serve(key(1)).await, serve(key(2)).await);
    let two = serve(key(3).also_reading(secret(1))).await;
    let (_, state) = asked(&one).await;
    let params = retry("payslip", json!({"month": ARGUMENTS}), &state, "accept");
    let alice = two.modern(demo::ALICE, url());
    let reply = alice.request("tools/call", params.clone()).await;
    assert_eq!(reply.result()["resultType"], "input_required");
    let alice = stranger.modern(demo::ALICE, url());
    is_refused(&alice.request("tools/call", params).await);
}
