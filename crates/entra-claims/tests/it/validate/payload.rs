//! What decoding refuses, validation refuses too, with a good signature around it.

use entra_claims::Reason;

use crate::support::{header, keys, reason, sign_raw, user, validator};

fn refused(payload: &str) -> Reason {
    let token = sign_raw("signing-key", header().to_string(), payload);
    reason(validator().verify(&token, &keys()))
}

/// The user's claims with one more member.
fn and(member: &str) -> String {
    user().to_string().replacen('{', &format!("{{{member},"), 1)
}

#[test]
fn a_signed_duplicate_is_still_a_duplicate() {
    for member in [
        r#""tid":"8eaef023-2b34-4da1-9baa-8bc8c9d6a490""#,
        r#""oid":"x""#,
        r#""scp":"Admin""#,
        r#""exp":9999999999"#,
        r#""\u0074id":"x""#,
        r#""x":1,"x":1"#,
        r#""x":{"y":1,"y":1}"#,
        r#""TID":"f645ad92-e38d-4d1a-b510-d1b09a74a8ca""#,
        r#""Tid":"f645ad92-e38d-4d1a-b510-d1b09a74a8ca""#,
    ] {
        assert_eq!(refused(&and(member)), Reason::DuplicateMember, "{member}");
    }
}

#[test]
fn signed_garbage_is_still_garbage() {
    for payload in ["null", "[]", "{", "\u{feff}{}", "{} x"] {
        assert_eq!(refused(payload), Reason::BadJson, "{payload}");
    }
    let deep = format!(r#""x":{}1{}"#, "[".repeat(5000), "]".repeat(5000));
    assert_eq!(refused(&and(&deep)), Reason::BadJson);
    assert_eq!(
        refused(&and(&format!(r#""x":"{}""#, "a".repeat(32 * 1024)))),
        Reason::TooLarge
    );
    assert_eq!(refused(&and(r#""roles":"Admin""#)), Reason::WrongType);
}

#[test]
fn a_large_honest_token_is_accepted() {
    let groups: Vec<String> = (0..200)
        .map(|i| format!("\"{i:08}-0000-0000-0000-000000000000\""))
        .collect();
    let payload = and(&format!(r#""groups":[{}]"#, groups.join(",")));
    let token = sign_raw("signing-key", header().to_string(), payload);
    assert!(token.len() > 11_000);
    let verified = validator().verify(&token, &keys()).unwrap();
    assert_eq!(
        verified
            .claims()
            .get("groups")
            .unwrap()
            .as_array()
            .unwrap()
            .len(),
        200
    );
}
