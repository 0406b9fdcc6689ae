//! Whole tokens that other libraries were found to accept, or to refuse wrongly: the kinds that
//! the public collections of JWS vectors have, made with the keys of these tests.

use aws_lc_rs::hmac;
use entra_claims::Reason;
use serde_json::json;

use crate::support::{
    base64url, header, key_document, keys, reason, sign, sign_pss, sign_raw, sign_with, user,
    validator, with,
};

fn outcome(token: &str) -> Option<Reason> {
    let result = validator().verify(token, &keys());
    result.err().map(|rejection| rejection.reason())
}

/// Header and payload as they are, and then the signature as it is not.
fn with_signature(change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> String {
    let token = sign(&user());
    let (input, signature) = token.rsplit_once('.').unwrap();
    let signature = base64_simd::URL_SAFE_NO_PAD
        .decode_to_vec(signature)
        .unwrap();
    format!("{input}.{}", base64url(change(signature)))
}

#[test]
fn spellings_of_a_good_header_are_accepted() {
    let payload = user().to_string();
    for header in [
        r#"{"alg":"RS256","kid":"key-1"}"#,
        r#" { "kid" : "key-1" , "alg" : "RS256" } "#,
        "{\r\n\t\"alg\":\"RS256\",\"kid\":\"key-1\"}\n",
        r#"{"alg":"RS256","kid":"key-1","typ":"JWT","x5t":"key-1"}"#,
        r#"{"\u0061lg":"RS\u0032\u0035\u0036","k\u0069d":"key\u002d1"}"#,
        r#"{"alg":"RS256","kid":"key-1","unknown":{"a":[1,null,{"b":"c"}]}}"#,
    ] {
        let token = sign_raw("signing-key", header, &payload);
        assert_eq!(outcome(&token), None, "{header}");
    }
}

/// A key that comes with the token proves nothing: the attacker's own signature is a good one.
#[test]
fn a_key_in_the_header_is_not_even_looked_at() {
    let own = key_document()["keys"][1].clone();
    for (name, hint) in [
        ("jwk", own.clone()),
        ("jku", json!("https://keys.example/keys")),
        ("x5u", json!("https://keys.example/certificate")),
        ("x5c", json!(["MIIB"])),
        ("x5t", json!("key-2")),
    ] {
        let header = with(&header(), &[(name, hint)]);
        let forged = sign_raw("other-key", header.to_string(), user().to_string());
        assert_eq!(outcome(&forged), Some(Reason::BadSignature), "{name}");
        assert_eq!(outcome(&sign_with(&header, &user())), None, "{name}");
    }
}

/// The public key as the secret of an HMAC, in each form in which it is published.
#[test]
fn a_public_key_is_no_secret() {
    let entry = &key_document()["keys"][0];
    let n = base64_simd::URL_SAFE_NO_PAD
        .decode_to_vec(entry["n"].as_str().unwrap())
        .unwrap();
    let document = key_document().to_string();
    for secret in [
        n.as_slice(),
        entry.to_string().as_bytes(),
        document.as_bytes(),
        b"",
    ] {
        for (alg, expected) in [
            ("HS256", Reason::UnsupportedAlgorithm),
            ("RS256", Reason::BadSignature),
        ] {
            let header = with(&header(), &[("alg", json!(alg))]);
            let input = format!(
                "{}.{}",
                base64url(header.to_string()),
                base64url(user().to_string())
            );
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
            let tag = hmac::sign(&key, input.as_bytes());
            let forged = format!("{input}.{}", base64url(tag));
            assert_eq!(outcome(&forged), Some(expected), "{alg}");
        }
    }
}

#[test]
fn signatures_of_another_size_or_padding_are_refused() {
    for (what, token) in [
        ("none", with_signature(|_| Vec::new())),
        ("zero", with_signature(|s| vec![0; s.len()])),
        (
            "one",
            with_signature(|s| [vec![0; s.len() - 1], vec![1]].concat()),
        ),
        ("ones", with_signature(|s| vec![0xff; s.len()])),
        ("short", with_signature(|s| s[1..].to_vec())),
        ("cut", with_signature(|s| s[..s.len() - 1].to_vec())),
        ("long", with_signature(|s| [s, vec![0]].concat())),
        ("leading zero", with_signature(|s| [vec![0], s].concat())),
        ("twice", with_signature(|s| [s.clone(), s].concat())),
        (
            "backwards",
            with_signature(|s| s.into_iter().rev().collect()),
        ),
        (
            "first bit",
            with_signature(|mut s| {
                s[0] ^= 0x80;
                s
            }),
        ),
        (
            "last bit",
            with_signature(|mut s| {
                s[255] ^= 1;
                s
            }),
        ),
        ("other padding", sign_pss(&header(), &user())),
        (
            "other key",
            sign_raw("other-key", header().to_string(), user().to_string()),
        ),
    ] {
        assert_eq!(outcome(&token), Some(Reason::BadSignature), "{what}");
    }
    let long = with_signature(|_| vec![1; 1025]);
    assert_eq!(outcome(&long), Some(Reason::TooLarge));
}

#[test]
fn one_token_has_one_spelling() {
    let good = sign(&user());
    let (input, signature) = good.rsplit_once('.').unwrap();
    let standard = good.replace('-', "+").replace('_', "/");
    assert_ne!(standard, good);
    for (what, token, expected) in [
        ("padding", format!("{good}=="), Reason::BadBase64),
        (
            "padding inside",
            format!("{input}=.{signature}"),
            Reason::BadBase64,
        ),
        ("standard alphabet", standard, Reason::BadBase64),
        ("line break", format!("{good}\n"), Reason::BadBase64),
        ("blank before", format!(" {good}"), Reason::BadBase64),
        ("null byte", format!("{good}\0"), Reason::BadBase64),
        (
            "stray bits",
            format!("{}B", &good[..good.len() - 1]),
            Reason::BadBase64,
        ),
        (
            "full-width dot",
            good.replace('.', "\u{ff0e}"),
            Reason::NotCompact,
        ),
        ("a fourth part", format!("{good}."), Reason::NotCompact),
        ("a dot before", format!(".{good}"), Reason::NotCompact),
        ("five parts", format!("{good}.x.y"), Reason::Encrypted),
        (
            "no payload",
            format!("{}..{signature}", input.split('.').next().unwrap()),
            Reason::NotCompact,
        ),
        ("a million dots", ".".repeat(30_000), Reason::NotCompact),
    ] {
        assert_eq!(outcome(&token), Some(expected), "{what}");
    }
}

/// The JSON serialization of RFC 7515 carries the same bytes, and two readers of it can disagree.
#[test]
fn the_json_serialization_is_refused() {
    let good = sign(&user());
    let parts: Vec<&str> = good.split('.').collect();
    let flat = json!({"protected": parts[0], "payload": parts[1], "signature": parts[2]});
    assert_eq!(outcome(&flat.to_string()), Some(Reason::NotCompact));
    let mixed = format!("{flat}.{good}");
    assert_eq!(outcome(&mixed), Some(Reason::NotCompact));
}

#[test]
fn payloads_that_readers_read_differently_are_refused_though_they_are_signed() {
    let header = header().to_string();
    let good = user().to_string();
    for (what, payload, expected) in [
        ("empty", Vec::new(), Reason::NotCompact),
        ("null", b"null".to_vec(), Reason::BadJson),
        ("array", format!("[{good}]").into_bytes(), Reason::BadJson),
        ("text", b"\"foo\"".to_vec(), Reason::BadJson),
        (
            "byte order mark",
            format!("\u{feff}{good}").into_bytes(),
            Reason::BadJson,
        ),
        (
            "two objects",
            format!("{good}{good}").into_bytes(),
            Reason::BadJson,
        ),
        (
            "trailing comma",
            good.replace('}', ",}").into_bytes(),
            Reason::BadJson,
        ),
        (
            "comment",
            good.replacen('{', "{/**/", 1).into_bytes(),
            Reason::BadJson,
        ),
        (
            "single quotes",
            good.replace('"', "'").into_bytes(),
            Reason::BadJson,
        ),
        (
            "UTF-16",
            good.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Reason::BadJson,
        ),
        (
            "not UTF-8",
            good.replace("Alice", "\u{1}")
                .replace('\u{1}', "")
                .into_bytes()
                .into_iter()
                .chain([0xff])
                .collect(),
            Reason::BadJson,
        ),
        (
            "a claim twice",
            good.replacen('{', "{\"aud\":\"x\",", 1).into_bytes(),
            Reason::DuplicateMember,
        ),
        (
            "a claim twice, escaped",
            good.replacen('{', "{\"\\u0061ud\":\"x\",", 1).into_bytes(),
            Reason::DuplicateMember,
        ),
        (
            "NaN",
            good.replacen(&user()["exp"].to_string(), "NaN", 1)
                .into_bytes(),
            Reason::BadJson,
        ),
        (
            "infinity",
            good.replacen(&user()["exp"].to_string(), "1e999", 1)
                .into_bytes(),
            Reason::BadJson,
        ),
    ] {
        let token = sign_raw("signing-key", &header, &payload);
        assert_eq!(outcome(&token), Some(expected), "{what}");
    }
}

/// The same name in another key set, or another name for the same key, is another key.
#[test]
fn keys_are_taken_by_their_exact_name() {
    for kid in [
        "key-2",
        "KEY-1",
        "key-1 ",
        "key",
        "key-1\0",
        "../key-1",
        "' OR 1=1 --",
    ] {
        let header = with(&header(), &[("kid", json!(kid))]);
        let expected = if kid == "key-2" {
            Reason::BadSignature
        } else {
            Reason::UnknownKey
        };
        let token = sign_with(&header, &user());
        assert_eq!(outcome(&token), Some(expected), "{kid:?}");
    }
    for kid in [
        json!(1),
        json!(["key-1"]),
        json!({"a": "key-1"}),
        json!(true),
    ] {
        let header = with(&header(), &[("kid", kid.clone())]);
        let token = sign_with(&header, &user());
        assert_eq!(
            reason(validator().verify(&token, &keys())),
            Reason::WrongType,
            "{kid}"
        );
    }
}
