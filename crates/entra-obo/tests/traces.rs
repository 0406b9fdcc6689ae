//! No secret in anything that is traced. Alone in its process: what is traced where is
//! remembered globally, and other tests would interfere.
#![cfg(feature = "client")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod support;

use support::*;

#[tokio::test]
async fn traces_say_what_happened_and_show_no_secret() {
    let traces = trace::Traces::default();
    let _guard = tracing::subscriber::set_default(traces.clone());
    let assertion = token(TENANT, 1, "");
    let world = World::new(Endpoint::new(|seen, n| match n {
        0 => grant(seen, 3600, ""),
        _ => Ok(json(
            400,
            format!(
                r#"{{"error":"invalid_grant","error_codes":[65001],"error_description":"{}\\r\\nforged"}}"#,
                seen.get("client_secret")
            ),
        )),
    }));
    world
        .api
        .token_for(&assertion_of(&assertion))
        .await
        .unwrap();
    let next = assertion_of(&token(TENANT, 1, "next"));
    world.api.token_for(&next).await.unwrap_err();
    let text = traces.text();
    let secrets = [
        SECRET.to_owned(),
        assertion.clone(),
        expected(&assertion, SCOPE),
    ];
    assert_clean("a trace", &text, &secrets);
    let id = world.endpoint.seen()[1].headers["client-request-id"].clone();
    for part in [
        "got a token",
        "kind=\"consent\"",
        "AADSTS65001",
        id.to_str().unwrap(),
    ] {
        assert!(text.contains(part), "{part} is missing: {text}");
    }
}
