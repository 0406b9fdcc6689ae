//! Of two faults the one that stands first in `Reason` is reported.

use entra_claims::{Reason, RejectionClass};
use serde_json::{Value, json};

use crate::support::{
    ALICE, NOW, OTHER_TENANT, header, key_document_with, key_set, sign_raw, user, v2_issuer,
    validator, with,
};

/// A fault: what it changes in header, claims, keys and signer.
#[derive(Clone, Copy)]
struct Fault {
    reason: Reason,
    header: Option<(&'static str, &'static str)>,
    claim: Option<(&'static str, Claim)>,
    key: Option<(&'static str, &'static str)>,
    forged: bool,
}

#[derive(Clone, Copy)]
enum Claim {
    Text(&'static str),
    Int(i64),
    Absent,
}

fn faults() -> Vec<Fault> {
    let none = Fault {
        reason: Reason::BadSignature,
        header: None,
        claim: None,
        key: None,
        forged: false,
    };
    let header = |reason, name, value| Fault {
        reason,
        header: Some((name, value)),
        ..none
    };
    let claim = |reason, name, value| Fault {
        reason,
        claim: Some((name, value)),
        ..none
    };
    let key = |reason, name, value| Fault {
        reason,
        key: Some((name, value)),
        ..none
    };
    vec![
        header(Reason::UnsupportedAlgorithm, "alg", "none"),
        header(Reason::UnsupportedHeader, "crit", "x"),
        header(Reason::GraphStyleToken, "nonce", "x"),
        header(Reason::ProofOfPossession, "typ", "pop"),
        header(Reason::UnsupportedType, "typ", "JWE"),
        header(Reason::UnknownKey, "kid", "nobody's"),
        claim(Reason::IdToken, "c_hash", Claim::Text("x")),
        claim(Reason::SenderConstrained, "cnf", Claim::Text("x")),
        claim(
            Reason::AzureAdB2c,
            "iss",
            Claim::Text("https://fabrikam.b2clogin.com/x/v2.0/"),
        ),
        claim(Reason::MissingClaim, "tid", Claim::Absent),
        claim(
            Reason::WrongIssuer,
            "iss",
            Claim::Text("https://evil.example/"),
        ),
        claim(Reason::WrongVersion, "ver", Claim::Text("1.0")),
        claim(Reason::TenantMismatch, "tid", Claim::Text("x")),
        claim(Reason::WrongAudience, "aud", Claim::Text("api://other")),
        claim(Reason::BadLifetime, "nbf", Claim::Int(NOW + 100_000)),
        claim(Reason::Expired, "exp", Claim::Int(NOW - 301)),
        claim(Reason::NotYetValid, "nbf", Claim::Int(NOW + 301)),
        key(
            Reason::KeyIssuerMismatch,
            "issuer",
            "https://login.microsoftonline.us/{tenantid}/v2.0",
        ),
        key(
            Reason::KeyCloudMismatch,
            "cloud_instance_name",
            "microsoftonline.us",
        ),
        Fault {
            forged: true,
            ..none
        },
        claim(Reason::MissingIdentity, "oid", Claim::Absent),
        claim(Reason::ContradictoryClaims, "appid", Claim::Text(ALICE)),
        claim(Reason::UnknownCaller, "scp", Claim::Absent),
    ]
}

fn refusal(faults: &[&Fault]) -> entra_claims::Rejection {
    let (mut head, mut claims, mut key) = (header(), user(), Vec::new());
    let mut signer = "signing-key";
    for fault in faults {
        if let Some((name, value)) = fault.header {
            head = with(&head, &[(name, json!(value))]);
        }
        if let Some((name, value)) = fault.claim {
            let value = match value {
                Claim::Text(text) => json!(text),
                Claim::Int(value) => json!(value),
                Claim::Absent => Value::Null,
            };
            claims = with(&claims, &[(name, value)]);
        }
        if let Some((name, value)) = fault.key {
            key.push((name, json!(value)));
        }
        if fault.forged {
            signer = "other-key";
        }
    }
    let token = sign_raw(signer, head.to_string(), claims.to_string());
    validator()
        .verify(&token, &key_set(&key_document_with(&key)))
        .unwrap_err()
}

#[test]
fn each_pair_of_faults_reports_the_first() {
    let faults = faults();
    for (i, first) in faults.iter().enumerate() {
        let alone = refusal(&[first]);
        assert_eq!(alone.reason(), first.reason);
        let after_signature = first.reason > Reason::BadSignature;
        assert_eq!(
            alone.signature_checked(),
            after_signature,
            "{:?}",
            first.reason
        );
        for second in &faults[i + 1..] {
            // Both changed the same member: there is only one fault.
            let same = |a: Option<(&str, _)>, b: Option<(&str, _)>| {
                a.map(|(name, ())| name)
                    .zip(b.map(|(name, ())| name))
                    .is_some_and(|(a, b)| a == b)
            };
            let bare = |c: Option<(&'static str, Claim)>| c.map(|(name, _)| (name, ()));
            let times = |f: &Fault| matches!(f.claim, Some(("exp" | "nbf", _)));
            let head = |f: &Fault| f.header.map(|(name, _)| (name, ()));
            if same(bare(first.claim), bare(second.claim))
                || same(head(first), head(second))
                || (times(first) && times(second))
            {
                continue;
            }
            let expected = first.reason.min(second.reason);
            let both = refusal(&[first, second]);
            assert_eq!(
                both.reason(),
                expected,
                "{:?} and {:?}",
                first.reason,
                second.reason
            );
        }
    }
}

#[test]
fn the_tenant_comes_after_the_issuer_and_before_the_audience() {
    let claims = with(
        &user(),
        &[
            ("iss", json!(v2_issuer(OTHER_TENANT))),
            ("tid", json!(OTHER_TENANT)),
            ("aud", json!("api://other")),
            ("exp", json!(0)),
        ],
    );
    assert_eq!(crate::support::refused(&claims), Reason::TenantNotAllowed);
}

#[test]
fn codes_are_stable_distinct_and_classed() {
    let mut codes: Vec<_> = Reason::ALL.iter().map(|reason| reason.code()).collect();
    let expected = [
        "token_too_large",
        "encrypted_token",
        "not_a_token",
        "bad_base64",
        "bad_json",
        "duplicate_member",
        "wrong_type",
        "unsupported_algorithm",
        "unsupported_header",
        "graph_style_token",
        "proof_of_possession",
        "unsupported_type",
        "missing_key_id",
        "unknown_key",
        "id_token",
        "sender_constrained",
        "azure_ad_b2c",
        "missing_claim",
        "wrong_issuer",
        "wrong_version",
        "version_not_accepted",
        "tenant_mismatch",
        "tenant_not_allowed",
        "wrong_audience",
        "bad_lifetime",
        "expired",
        "not_yet_valid",
        "key_issuer_mismatch",
        "key_cloud_mismatch",
        "bad_signature",
        "missing_identity",
        "contradictory_claims",
        "unknown_caller",
        "tenant_not_registered",
        "user_required",
        "missing_scope",
        "missing_role",
        "wrong_kind",
        "client_not_allowed",
        "app_not_admitted",
        "missing_group",
        "missing_auth_context",
        "groups_unknown",
        "groups_unavailable",
        "keys_unavailable",
        "overloaded",
        "registry_unavailable",
        "registry_not_asked",
        "wrong_metadata",
    ];
    assert_eq!(codes, expected);
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), Reason::ALL.len());
    assert!(Reason::ALL.windows(2).all(|pair| pair[0] < pair[1]));
    let unknown = refusal(&[&faults()[5]]);
    assert_eq!(unknown.class(), RejectionClass::InvalidToken);
    let garbage = validator()
        .verify("x", &crate::support::keys())
        .unwrap_err();
    assert_eq!(garbage.class(), RejectionClass::Malformed);
}
