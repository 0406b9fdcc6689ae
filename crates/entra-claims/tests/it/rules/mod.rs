//! Each rule against a plain reference that was written from Microsoft's documents and not
//! from the code, on random or on all inputs.

mod agents;
mod audiences;
mod issuers;
mod kinds;
mod published;
mod requirements;
mod tenants;

use entra_claims::{KeySet, Reason, Validator};
use proptest::prelude::ProptestConfig;
use serde_json::{Value, json};

use crate::support::{base64url, header, key_document_with, key_set};

fn cases(count: u32) -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(count)
    }
}

/// A token that nobody signed: if its claims are in order, the signature is what is refused.
fn unsigned(claims: &Value) -> String {
    let part = |value: &Value| base64url(value.to_string());
    format!(
        "{}.{}.{}",
        part(&header()),
        part(claims),
        base64url([1; 256])
    )
}

/// Keys that say nothing of tenant and cloud.
fn plain_keys() -> KeySet {
    let nothing = [
        ("issuer", json!(null)),
        ("cloud_instance_name", json!(null)),
    ];
    key_set(&key_document_with(&nothing))
}

/// Why the claims are refused, if they are.
fn refused_claims(validator: &Validator, claims: &Value) -> Option<Reason> {
    let refusal = validator
        .verify(&unsigned(claims), &plain_keys())
        .unwrap_err();
    Some(refusal.reason()).filter(|reason| *reason != Reason::BadSignature)
}
