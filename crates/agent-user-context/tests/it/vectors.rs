//! The vectors that the verifiers in Python and TypeScript are held to as well.

use std::sync::Arc;

use agent_user_context::{AgentId, ContextKeys, ContextUse, ContextVerifier, TrustedIssuer};
use entra_claims::{ManualClock, dangerous};
use serde_json::Value;

#[tokio::test]
async fn the_shared_vectors_are_taken_and_refused_as_they_say() {
    let file = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/vectors/contexts.json"
    ));
    let vectors: Value = serde_json::from_str(file).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let token = dangerous::assume_verified(&text(&vectors["access_token"])).unwrap();
    let mut verifier = ContextVerifier::builder(text(&vectors["audience"]).parse().unwrap())
        .clock(Arc::new(ManualClock::at(vectors["now"].as_i64().unwrap())));
    for (url, issuer) in vectors["issuers"].as_object().unwrap() {
        let keys = ContextKeys::from_json(issuer["jwks"].to_string().as_bytes()).unwrap();
        let agents = issuer["agents"].as_array().unwrap().iter();
        let agents = agents.map(|agent| {
            AgentId::new(
                text(&agent[0]).parse().unwrap(),
                text(&agent[1]).parse().unwrap(),
            )
        });
        let tenants = issuer["tenants"].as_array().unwrap().iter();
        let tenants = tenants.map(|tenant| text(tenant).parse().unwrap());
        verifier = verifier.issuer(TrustedIssuer::new(url, keys, agents, tenants));
    }
    let verifier = verifier.build().unwrap();
    let (mut good, mut bad) = (0, 0);
    for case in vectors["cases"].as_array().unwrap() {
        let verified = verifier
            .verify(&token, &text(&case["context"]), ContextUse::Once)
            .await;
        let found = verified.err().map_or("ok", |refusal| refusal.code());
        assert_eq!(found, case["expect"], "{}", case["name"]);
        match found {
            "ok" => good += 1,
            _ => bad += 1,
        }
    }
    assert!(good >= 8 && bad >= 60, "{good} good, {bad} bad");
}
