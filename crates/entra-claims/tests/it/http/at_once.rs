//! What is decided without waiting.

use entra_claims::{Decision, Reason};
use serde_json::json;

use super::script::{Script, authenticator};
use crate::support::{header, sign, sign_raw, user, with};

#[tokio::test]
async fn with_keys_at_hand_a_token_is_decided_at_once() {
    let script = Script::new();
    let (authenticator, clock) = authenticator(&script);
    let good = sign(&user());
    // No keys yet, and looking causes no request.
    let pending = authenticator.decide(&good);
    assert!(matches!(pending, Decision::Pending(_)));
    assert!(!format!("{pending:?}").contains(&good));
    assert_eq!(script.requests(), 0);
    authenticator.warm_up().await.unwrap();

    let Decision::Accepted(verified) = authenticator.decide(&good) else {
        panic!("the keys are there");
    };
    assert!(authenticator.cached(&good).is_some(), "it is remembered");
    let awaited = authenticator.authenticate(&good).await.unwrap();
    assert_eq!(verified.principal().key(), awaited.principal().key());

    let forged = sign_raw("other-key", header().to_string(), user().to_string());
    let other = sign(&with(&user(), &[("aud", json!("api://another"))]));
    for (token, reason) in [
        (forged.as_str(), Reason::BadSignature),
        (other.as_str(), Reason::WrongAudience),
        ("no token", Reason::NotCompact),
    ] {
        let Decision::Rejected(refusal) = authenticator.decide(token) else {
            panic!("{reason:?} needs no key");
        };
        assert_eq!(refusal.reason(), reason);
        assert!(authenticator.cached(token).is_none());
    }
    // An unknown key may be a new one: only a fetch can tell.
    let unknown = with(&header(), &[("kid", json!("another"))]);
    let unknown = sign_raw("key-1", unknown.to_string(), user().to_string());
    assert!(matches!(
        authenticator.decide(&unknown),
        Decision::Pending(_)
    ));

    // What was decided at once is not believed longer than it lasts.
    clock.advance(std::time::Duration::from_secs(30 * 86_400));
    assert!(!matches!(
        authenticator.decide(&good),
        Decision::Accepted(_)
    ));
}
