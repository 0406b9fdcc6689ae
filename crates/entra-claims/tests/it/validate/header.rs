use entra_claims::Reason;
use serde_json::{Value, json};

use crate::support::{
    header, key_document_with, key_set, keys, reason, sign_raw, sign_with, user, validator, with,
};

fn refused(changes: &[(&str, Value)]) -> Reason {
    let token = sign_with(&with(&header(), changes), &user());
    reason(validator().verify(&token, &keys()))
}

#[test]
fn only_the_configured_algorithm_is_accepted() {
    assert_eq!(
        refused(&[("alg", Value::Null)]),
        Reason::UnsupportedAlgorithm
    );
    for alg in [
        "none", "None", "", "HS256", "RS384", "RS512", "PS256", "ES256", "rs256", "RS256 ",
    ] {
        assert_eq!(
            refused(&[("alg", json!(alg))]),
            Reason::UnsupportedAlgorithm,
            "{alg}"
        );
    }
    assert_eq!(refused(&[("alg", json!(["RS256"]))]), Reason::WrongType);
    let mut null = header();
    null["alg"] = Value::Null;
    assert_eq!(
        reason(validator().verify(&sign_with(&null, &user()), &keys())),
        Reason::WrongType
    );
}

#[test]
fn an_unsigned_token_is_refused() {
    let signed = sign_with(&with(&header(), &[("alg", json!("none"))]), &user());
    let unsigned = &signed[..=signed.rfind('.').unwrap()];
    assert_eq!(
        reason(validator().verify(unsigned, &keys())),
        Reason::UnsupportedAlgorithm
    );
}

#[test]
fn extensions_are_refused_whatever_their_value() {
    for name in ["crit", "zip", "b64", "enc"] {
        for value in [
            json!(["exp"]),
            json!([]),
            json!("DEF"),
            json!(true),
            json!(false),
            json!({}),
        ] {
            let refusal = refused(&[(name, value.clone())]);
            assert_eq!(refusal, Reason::UnsupportedHeader, "{name} = {value}");
        }
    }
}

#[test]
fn a_nonce_in_the_header_means_microsoft_graph() {
    assert_eq!(refused(&[("nonce", json!("abc"))]), Reason::GraphStyleToken);
    let token = sign_with(&with(&header(), &[("nonce", json!("abc"))]), &user());
    let explanation = validator().verify(&token, &keys()).unwrap_err().explain();
    assert!(explanation.contains("Microsoft Graph"), "{explanation}");
    assert!(
        explanation.contains("api://<client id>/<scope>"),
        "{explanation}"
    );
}

#[test]
fn the_envelope_of_a_proof_of_possession_is_no_bearer_token() {
    for typ in ["pop", "PoP", "POP"] {
        assert_eq!(refused(&[("typ", json!(typ))]), Reason::ProofOfPossession);
    }
}

#[test]
fn a_key_id_is_needed() {
    assert_eq!(refused(&[("kid", Value::Null)]), Reason::MissingKeyId);
    assert_eq!(refused(&[("kid", json!(""))]), Reason::MissingKeyId);
    assert_eq!(refused(&[("kid", json!(1))]), Reason::WrongType);
    for kid in ["key-3", "KEY-1", "key-1 ", "../key-1", "key-1\u{0}"] {
        assert_eq!(refused(&[("kid", json!(kid))]), Reason::UnknownKey, "{kid}");
    }
}

#[test]
fn keys_in_the_header_are_ignored() {
    // `other-key` signs and brings itself along; the header still names `key-1`.
    let jwk = crate::support::key_document()["keys"][1].clone();
    for (name, value) in [
        ("jwk", jwk),
        ("jku", json!("https://evil.example/keys")),
        ("x5u", json!("https://evil.example/cert")),
        ("x5c", json!(["MIIC"])),
    ] {
        let hinted = with(&header(), &[(name, value)]);
        let forged = sign_raw("other-key", hinted.to_string(), user().to_string());
        assert_eq!(
            reason(validator().verify(&forged, &keys())),
            Reason::BadSignature,
            "{name}"
        );
        assert!(
            validator()
                .verify(&sign_with(&hinted, &user()), &keys())
                .is_ok(),
            "{name}"
        );
    }
}

#[test]
fn unknown_members_and_an_escaped_kid_are_fine() {
    let plain = r#"{"alg":"RS256","x5t":"abc","kid":"key\u002d1","x":{"y":[1]}}"#;
    let token = sign_raw("signing-key", plain, user().to_string());
    assert!(validator().verify(&token, &keys()).is_ok());
}

#[test]
fn certificates_in_a_long_header_are_not_looked_at() {
    for length in [1000, 1100, 8000] {
        let long = with(&header(), &[("x5c", json!(["A".repeat(length)]))]);
        assert!(
            validator()
                .verify(&sign_with(&long, &user()), &keys())
                .is_ok(),
            "{length}"
        );
        let forged = sign_raw("other-key", long.to_string(), user().to_string());
        assert_eq!(
            reason(validator().verify(&forged, &keys())),
            Reason::BadSignature
        );
    }
}

#[test]
fn a_type_that_says_something_else_is_refused() {
    for typ in ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"] {
        let token = sign_with(&with(&header(), &[("typ", json!(typ))]), &user());
        assert!(validator().verify(&token, &keys()).is_ok(), "{typ}");
    }
    for typ in ["", "JWE", "dpop+jwt", "logout+jwt", "JWT ", "application/"] {
        assert_eq!(
            refused(&[("typ", json!(typ))]),
            Reason::UnsupportedType,
            "{typ}"
        );
    }
    assert_eq!(refused(&[("typ", json!(1))]), Reason::WrongType);
    let token = sign_with(&with(&header(), &[("typ", Value::Null)]), &user());
    assert!(validator().verify(&token, &keys()).is_ok());
}

#[test]
fn an_algorithm_that_is_not_configured_is_refused() {
    use entra_claims::Algorithm::{Ps256, Rs256};
    let ps256 = sign_with(&with(&header(), &[("alg", json!("PS256"))]), &user());
    let only = |list: &[entra_claims::Algorithm]| {
        validator().with_algorithms(list.iter().copied()).unwrap()
    };
    let refusal = |list: &[_], token: &str| reason(only(list).verify(token, &keys()));
    assert_eq!(refusal(&[Rs256], &ps256), Reason::UnsupportedAlgorithm);
    // The header names it, and the signature is another's.
    assert_eq!(refusal(&[Rs256, Ps256], &ps256), Reason::BadSignature);
    let rs256 = sign_with(&header(), &user());
    assert_eq!(refusal(&[Ps256], &rs256), Reason::UnsupportedAlgorithm);
    assert!(only(&[Ps256, Rs256]).verify(&rs256, &keys()).is_ok());
    assert!(validator().with_algorithms([]).is_err());
    let ps = with(&header(), &[("alg", json!("PS256"))]);
    let signed = crate::support::sign_pss(&ps, &user());
    assert!(only(&[Rs256, Ps256]).verify(&signed, &keys()).is_ok());
    assert_eq!(refusal(&[Rs256], &signed), Reason::UnsupportedAlgorithm);
    // Named as the other: the padding does not fit.
    let mixed = crate::support::sign_pss(&header(), &user());
    assert_eq!(refusal(&[Rs256, Ps256], &mixed), Reason::BadSignature);
}

#[test]
fn a_key_for_another_algorithm_does_not_verify() {
    let document = key_document_with(&[("alg", json!("RS512"))]);
    let token = sign_with(&header(), &user());
    assert_eq!(
        reason(validator().verify(&token, &key_set(&document))),
        Reason::UnknownKey
    );
    let document = key_document_with(&[("alg", json!("RS256"))]);
    assert!(validator().verify(&token, &key_set(&document)).is_ok());
}
