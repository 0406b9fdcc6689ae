use entra_claims::{Reason, dangerous};
use serde_json::json;

use crate::support::{header, keys, reason, sign, sign_raw, user, validator, verify, with};

#[test]
fn the_signature_must_be_the_named_keys() {
    let foreign = sign_raw("other-key", header().to_string(), user().to_string());
    assert_eq!(
        reason(validator().verify(&foreign, &keys())),
        Reason::BadSignature
    );
    let named = with(&header(), &[("kid", json!("key-2"))]);
    let own = sign_raw("other-key", named.to_string(), user().to_string());
    assert!(validator().verify(&own, &keys()).is_ok());
}

#[test]
fn the_signature_covers_header_and_claims() {
    let (good, other) = (
        sign(&user()),
        sign(&with(&user(), &[("scp", json!("Admin"))])),
    );
    let (input, _) = other.rsplit_once('.').unwrap();
    let (_, signature) = good.rsplit_once('.').unwrap();
    let forged = format!("{input}.{signature}");
    assert_eq!(
        reason(validator().verify(&forged, &keys())),
        Reason::BadSignature
    );
}

#[test]
fn every_truncation_is_refused() {
    let token = sign(&user());
    for end in 0..token.len() {
        assert!(
            validator().verify(&token[..end], &keys()).is_err(),
            "cut at {end}"
        );
    }
}

#[test]
fn every_change_of_one_byte_is_refused() {
    let token = sign(&user());
    let (validator, keys) = (validator(), keys());
    assert!(validator.verify(&token, &keys).is_ok());
    for place in 0..token.len() {
        for byte in *b"A_.b " {
            let mut changed = token.clone().into_bytes();
            if changed[place] == byte {
                continue;
            }
            changed[place] = byte;
            let changed = String::from_utf8(changed).unwrap();
            assert!(
                validator.verify(&changed, &keys).is_err(),
                "{byte} at {place}"
            );
        }
    }
}

#[test]
fn nothing_may_follow_or_precede() {
    let token = sign(&user());
    for changed in [
        format!("{token}="),
        format!("{token}A"),
        format!("{token} "),
        format!("{token}\n"),
        format!(" {token}"),
        format!("{token}."),
        format!("{token}.."),
        format!(".{token}"),
        format!("{token}\0"),
        token.replace('.', ".."),
        token.replace('.', ". "),
    ] {
        assert!(
            validator().verify(&changed, &keys()).is_err(),
            "{changed:?}"
        );
    }
}

#[test]
fn odd_signatures_are_refused() {
    let token = sign(&user());
    let (input, _) = token.rsplit_once('.').unwrap();
    for bytes in [0, 1, 255, 256, 257, 1024] {
        for value in [0, 1, 0xff] {
            let forged = format!("{input}.{}", crate::support::base64url(vec![value; bytes]));
            assert_eq!(
                reason(validator().verify(&forged, &keys())),
                Reason::BadSignature,
                "{bytes}"
            );
        }
    }
    let long = format!("{input}.{}", crate::support::base64url(vec![1; 1025]));
    assert_eq!(reason(validator().verify(&long, &keys())), Reason::TooLarge);
}

#[test]
fn the_digest_is_the_signed_bytes_and_never_an_assumed_tokens() {
    let token = sign(&user());
    let verified = verify(&user()).unwrap();
    assert_eq!(verified.digest(), verify(&user()).unwrap().digest());
    let (input, _) = token.rsplit_once('.').unwrap();
    let expected = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, input.as_bytes());
    assert_eq!(verified.digest().as_bytes(), expected.as_ref());

    let assumed = dangerous::assume_verified(&token).unwrap();
    assert_ne!(assumed.digest(), verified.digest());
    let forged = dangerous::assume_verified(&format!("{input}.AAAA")).unwrap();
    assert_ne!(forged.digest(), assumed.digest());
    assert_ne!(forged.digest(), verified.digest());
}

#[test]
fn assuming_needs_somebody_to_be_named() {
    for name in ["tid", "oid", "azp", "exp"] {
        let claims = with(&user(), &[(name, serde_json::Value::Null)]);
        assert!(
            dangerous::assume_verified(&sign(&claims)).is_err(),
            "{name}"
        );
    }
    assert!(dangerous::assume_verified("x").is_err());
}
