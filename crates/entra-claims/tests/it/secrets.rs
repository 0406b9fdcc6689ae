//! Nothing that is printed holds a token.

use entra_claims::{Requirement, UnverifiedToken, dangerous};
use foundry_scopes::ScopeName;
use serde_json::json;

use crate::support::{holds_nothing_of, keys, sign, sign_raw, user, validator, with};

#[test]
fn debug_and_display_hold_no_token() {
    let token = sign(&user());
    let verified = validator().verify(&token, &keys()).unwrap();
    let decoded = UnverifiedToken::decode(&token).unwrap();
    let assumed = dangerous::assume_verified(&token).unwrap();
    let printed = format!(
        "{verified:?} {verified:#?} {assumed:?} {decoded:?} {:?} {:?} {:?} {:?} {} {:?}",
        verified.claims(),
        verified.digest(),
        decoded.header(),
        verified.principal(),
        verified.principal(),
        validator(),
    );
    holds_nothing_of(&token, &printed);
    for personal in ["Alice", "alice@", "pairwise"] {
        assert!(!printed.contains(personal), "{personal}");
    }
}

#[test]
fn refusals_hold_no_token_and_no_foreign_control_characters() {
    let hostile = "x\r\nINJECTED \u{1b}[31m\u{2028}\u{202e}";
    let mut refusals = vec![];
    for name in ["aud", "iss", "tid", "ver", "oid", "azp"] {
        let token = sign(&with(&user(), &[(name, json!(hostile))]));
        refusals.push((
            token.clone(),
            validator().verify(&token, &keys()).unwrap_err(),
        ));
    }
    for changed in [
        ("alg", json!(hostile)),
        ("kid", json!(hostile)),
        ("typ", json!("pop")),
    ] {
        let token =
            crate::support::sign_with(&with(&crate::support::header(), &[changed]), &user());
        refusals.push((
            token.clone(),
            validator().verify(&token, &keys()).unwrap_err(),
        ));
    }
    let forged = sign_raw(
        "other-key",
        crate::support::header().to_string(),
        user().to_string(),
    );
    refusals.push((
        forged.clone(),
        validator().verify(&forged, &keys()).unwrap_err(),
    ));
    let good = sign(&with(&user(), &[("scp", json!("a\u{7f}b"))]));
    let verified = validator().verify(&good, &keys()).unwrap();
    let rule = Requirement::scope(ScopeName::parse("s").unwrap());
    refusals.push((good, rule.check(&verified).unwrap_err()));
    for (token, refusal) in refusals {
        let printed = format!("{refusal} {refusal:?} {refusal:#?}");
        let line = refusal.explain();
        holds_nothing_of(&token, &printed);
        holds_nothing_of(&token, &line);
        assert!(!printed.contains("INJECTED"), "{printed}");
        assert!(line.bytes().all(|b| (0x20..0x7f).contains(&b)), "{line:?}");
    }
}

#[test]
fn handles_can_cross_threads_and_refusals_are_small() {
    fn is_shared<T: Send + Sync + 'static>() {}
    is_shared::<entra_claims::VerifiedToken>();
    is_shared::<entra_claims::KeySet>();
    is_shared::<entra_claims::Validator>();
    is_shared::<entra_claims::Rejection>();
    assert!(size_of::<entra_claims::Rejection>() <= 16);
    assert_eq!(size_of::<entra_claims::VerifiedToken>(), size_of::<usize>());
}
