//! Tokens that are not for bearing, or not for access.

use entra_claims::Reason;
use serde_json::{Value, json};

use crate::support::{refused, user, verify, with};

#[test]
fn an_id_token_is_refused() {
    for name in ["c_hash", "at_hash"] {
        for value in [json!("abc"), json!(""), json!(1), json!({})] {
            let claims = with(&user(), &[(name, value)]);
            assert_eq!(refused(&claims), Reason::IdToken, "{name}");
        }
        let mut null = user();
        null[name] = Value::Null;
        assert_eq!(refused(&null), Reason::IdToken, "{name} = null");
    }
    let no_client = with(&user(), &[("azp", Value::Null)]);
    assert_eq!(refused(&no_client), Reason::IdToken);
    let roles = with(
        &no_client,
        &[("roles", json!(["Admin"])), ("scp", Value::Null)],
    );
    assert_eq!(refused(&roles), Reason::IdToken);
    let explanation = verify(&no_client).unwrap_err().explain();
    assert!(explanation.contains("access_token"), "{explanation}");
}

#[test]
fn a_nonce_in_the_payload_alone_proves_nothing() {
    assert!(verify(&with(&user(), &[("nonce", json!("abc"))])).is_ok());
}

#[test]
fn a_token_bound_to_a_key_is_refused() {
    for value in [
        json!({"kid": "x"}),
        json!({"x5t#S256": "x"}),
        json!(""),
        json!({}),
    ] {
        let claims = with(&user(), &[("cnf", value)]);
        assert_eq!(refused(&claims), Reason::SenderConstrained);
    }
    assert!(verify(&with(&user(), &[("xms_tb", json!("x"))])).is_ok());
}

/// The opt-in is loud, and only for what it names.
#[test]
fn bound_tokens_pass_where_somebody_said_so() {
    let bound = with(&user(), &[("cnf", serde_json::json!({"kid": "x"}))]);
    let token = crate::support::sign(&bound);
    let keys = crate::support::keys();
    assert!(crate::support::validator().verify(&token, &keys).is_err());
    let loud = entra_claims::dangerous::accept_bound_tokens_as_bearer(crate::support::validator());
    assert!(loud.verify(&token, &keys).is_ok());
}
