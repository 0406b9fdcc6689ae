//! Decoding without trust; also what hostile texts do.

use base64_simd::URL_SAFE_NO_PAD;
use entra_claims::{DecodeError, Part, UnverifiedToken};

fn encode(text: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode_to_string(text)
}

fn token(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    format!("{}.{}.c2ln", encode(header), encode(payload))
}

fn payload(payload: &str) -> Result<UnverifiedToken, DecodeError> {
    UnverifiedToken::decode(&token(r#"{"alg":"RS256"}"#, payload))
}

fn header(header: &str) -> Result<UnverifiedToken, DecodeError> {
    UnverifiedToken::decode(&token(header, "{}"))
}

#[test]
fn known_and_unknown_claims_are_read() {
    let decoded = payload(
        r#" {"aud":"a","iss":"i","exp":1,"nbf":-2,"iat":3,"roles":["R","S"],"scp":" a  b ",
            "xms_cc":["CP1"],"azp":"z","other":{"x":[1,{"y":null}]},"name":"A\"\u00e9\\"} "#,
    )
    .unwrap();
    let claims = decoded.claims();
    assert_eq!((claims.aud(), claims.iss()), (Some("a"), Some("i")));
    assert_eq!(
        (claims.exp(), claims.nbf(), claims.iat()),
        (Some(1), Some(-2), Some(3))
    );
    assert_eq!(claims.roles().collect::<Vec<_>>(), ["R", "S"]);
    assert_eq!(claims.scopes().collect::<Vec<_>>(), ["a", "b"]);
    assert!(claims.understands_claims_challenges());
    assert_eq!(claims.azp_or_appid(), Some("z"));
    assert_eq!(claims.name(), Some("A\"\u{e9}\\"));
    assert_eq!(
        claims.get("other"),
        Some(serde_json::json!({"x": [1, {"y": null}]}))
    );
    assert_eq!(claims.get("name"), Some(serde_json::json!("A\"\u{e9}\\")));
    assert_eq!((claims.tid(), claims.get("tid")), (None, None));
}

#[test]
fn escaped_texts_keep_their_places() {
    let decoded =
        payload(r#"{"tid":"\u0061b","roles":["\u0041","B","\u0043"],"oid":"x\ty"}"#).unwrap();
    assert_eq!(decoded.claims().tid(), Some("ab"));
    assert_eq!(decoded.claims().oid(), Some("x\ty"));
    assert_eq!(
        decoded.claims().roles().collect::<Vec<_>>(),
        ["A", "B", "C"]
    );
    assert_eq!(
        decoded.claims().get("roles"),
        Some(serde_json::json!(["A", "B", "C"]))
    );
}

#[test]
fn a_scope_of_nothing_is_none() {
    for scp in ["", "/", "  "] {
        let decoded = payload(&format!(r#"{{"scp":"{scp}"}}"#)).unwrap();
        assert_eq!(decoded.claims().scopes().count(), 0, "{scp:?}");
    }
}

#[test]
fn duplicate_members_are_refused_wherever_they_are() {
    for text in [
        r#"{"aud":"a","aud":"a"}"#,
        r#"{"aud":"a","\u0061ud":"b"}"#,
        r#"{"exp":1,"exp":1}"#,
        r#"{"roles":[],"roles":[]}"#,
        r#"{"nonce":1,"nonce":2}"#,
        r#"{"other":1,"other":2}"#,
        r#"{"other":1,"\u006fther":2}"#,
        r#"{"a":{"b":1,"b":2}}"#,
        r#"{"a":[[{"b":1,"b":2}]]}"#,
        r#"{"cnf":{"kid":1,"kid":2}}"#,
    ] {
        assert_eq!(
            payload(text).unwrap_err(),
            DecodeError::Duplicate(Part::Payload),
            "{text}"
        );
    }
    for text in [
        r#"{"alg":"RS256","alg":"RS256"}"#,
        r#"{"alg":"RS256","a\u006cg":"none"}"#,
        r#"{"kid":"a","kid":"b"}"#,
        r#"{"x":{"y":1,"y":1}}"#,
        r#"{"crit":[],"crit":[]}"#,
    ] {
        assert_eq!(
            header(text).unwrap_err(),
            DecodeError::Duplicate(Part::Header),
            "{text}"
        );
    }
    // The same name in different objects is no duplicate.
    assert!(payload(r#"{"a":{"b":1},"c":{"b":2},"b":3}"#).is_ok());
}

#[test]
fn many_names_are_no_way_around() {
    let names: Vec<String> = (0..2000).map(|i| format!(r#""n{i}":0"#)).collect();
    let all = names.join(",");
    assert!(payload(&format!("{{{all}}}")).is_ok());
    for twice in ["n0", "n31", "n32", "n1999"] {
        let text = format!(r#"{{{all},"{twice}":1}}"#);
        assert_eq!(
            payload(&text).unwrap_err(),
            DecodeError::Duplicate(Part::Payload)
        );
    }
}

#[test]
fn a_case_variant_of_tid_is_refused() {
    for name in ["TID", "Tid", "tiD", r"\u0054id"] {
        let text = format!(r#"{{"tid":"t","{name}":"u"}}"#);
        assert_eq!(
            payload(&text).unwrap_err(),
            DecodeError::CaseVariant("tid"),
            "{name}"
        );
        let alone = format!(r#"{{"{name}":"u"}}"#);
        assert_eq!(
            payload(&alone).unwrap_err(),
            DecodeError::CaseVariant("tid"),
            "{name}"
        );
    }
}

#[test]
fn a_wrong_type_is_an_error_and_not_absence() {
    let texts = [
        "aud", "iss", "tid", "oid", "sub", "azp", "appid", "scp", "ver", "idtyp", "name", "upn",
    ];
    for name in texts {
        for value in ["null", "1", "true", "[]", r#"["a"]"#, "{}"] {
            let error = payload(&format!(r#"{{"{name}":{value}}}"#)).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("`{name}` in the payload has the wrong type")
            );
        }
    }
    for name in ["exp", "nbf", "iat"] {
        for value in [
            "null",
            "\"1\"",
            "true",
            "[]",
            "[1]",
            "{}",
            "1.0",
            "1.5",
            "1e3",
            "9223372036854775808",
            "18446744073709551616",
            "-9223372036854775809",
            "1e400",
        ] {
            let error = payload(&format!(r#"{{"{name}":{value}}}"#)).unwrap_err();
            assert!(
                matches!(
                    error,
                    DecodeError::WrongType { .. } | DecodeError::Json(Part::Payload)
                ),
                "{name}={value}: {error}"
            );
        }
        assert!(payload(&format!(r#"{{"{name}":9223372036854775807}}"#)).is_ok());
    }
    for name in ["roles", "xms_cc"] {
        for value in [
            "null",
            "\"R\"",
            "1",
            "{}",
            "[1]",
            r#"["R",1]"#,
            r#"[["R"]]"#,
            "[null]",
        ] {
            let error = payload(&format!(r#"{{"{name}":{value}}}"#)).unwrap_err();
            assert!(
                matches!(error, DecodeError::WrongType { .. }),
                "{name}={value}"
            );
        }
    }
    for name in ["alg", "kid", "typ"] {
        for value in ["null", "1", "[]", r#"["RS256"]"#] {
            let error = header(&format!(r#"{{"{name}":{value}}}"#)).unwrap_err();
            assert!(matches!(
                error,
                DecodeError::WrongType {
                    part: Part::Header,
                    ..
                }
            ));
        }
    }
}

#[test]
fn only_one_json_object_in_utf8_is_a_part() {
    for text in [
        "",
        " ",
        "null",
        "1",
        "\"x\"",
        "[]",
        "[{}]",
        "{",
        "{}}",
        "{} {}",
        "{}x",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":NaN}",
        "{\"a\":\"\t\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\x\"}",
        "\u{feff}{}",
        "{}\0",
        "{\"a\":tru}",
        "// {}",
        "{\"aud\":\"a",
        "{\"aud\":tru}",
    ] {
        assert_eq!(
            payload(text).err(),
            Some(if text.is_empty() {
                DecodeError::NotCompact
            } else {
                DecodeError::Json(Part::Payload)
            }),
            "{text:?}"
        );
    }
    let bytes = token("{}", b"{\"a\":\"\xff\"}");
    assert_eq!(
        UnverifiedToken::decode(&bytes).unwrap_err(),
        DecodeError::Json(Part::Payload)
    );
    let bytes = token(b"{\"a\":\"\xc0\x80\"}", "{}");
    assert_eq!(
        UnverifiedToken::decode(&bytes).unwrap_err(),
        DecodeError::Json(Part::Header)
    );
}

#[test]
fn nesting_has_a_limit() {
    let nested = |depth: usize, open: &str, close: &str| {
        format!(r#"{{"a":{}1{}}}"#, open.repeat(depth), close.repeat(depth))
    };
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        assert!(payload(&nested(63, open, close)).is_ok());
        for depth in [64, 100, 1000, 4000] {
            let error = payload(&nested(depth, open, close)).unwrap_err();
            assert_eq!(error, DecodeError::Depth(Part::Payload), "{open} {depth}");
        }
    }
}

#[test]
fn what_was_pasted_instead_is_named() {
    let good = token("{}", "{}");
    assert_eq!(
        UnverifiedToken::decode(&format!("Bearer {good}")).unwrap_err(),
        DecodeError::BearerPrefix
    );
    assert_eq!(
        UnverifiedToken::decode("bearer abc").unwrap_err(),
        DecodeError::BearerPrefix
    );
    assert_eq!(
        UnverifiedToken::decode("-----BEGIN CERTIFICATE-----\nMIIC").unwrap_err(),
        DecodeError::Certificate
    );
    for field in [
        format!("Authorization: Bearer {good}"),
        format!(" bearer {good}"),
        format!("Bearer\t{good}"),
        format!("BEARER: {good}"),
    ] {
        assert_eq!(
            UnverifiedToken::decode(&field).unwrap_err(),
            DecodeError::BearerPrefix,
            "{field}"
        );
    }
    assert_eq!(
        UnverifiedToken::decode("a.b.c.d.e").unwrap_err(),
        DecodeError::Encrypted
    );
    assert_eq!(
        UnverifiedToken::decode(&format!(" {good}")).unwrap_err(),
        DecodeError::Base64(Part::Header)
    );
    for text in [
        format!("{good} "),
        format!("{good}\n"),
        format!("{good}="),
        format!("{good}\0"),
    ] {
        // To be looked at, and no more than that.
        let decoded = UnverifiedToken::decode(&text).unwrap();
        assert_eq!(
            decoded.signature_form(),
            Err(DecodeError::Base64(Part::Signature)),
            "{text:?}"
        );
    }
}

#[test]
fn what_is_no_token_says_what_it_is() {
    for (text, says) in [
        ("0123456789abcdef", "an API key or an opaque token"),
        ("eyJh.eyJh", "the token was cut off"),
        (r#"{"access_token":"a.b.c"}"#, "the value of `access_token`"),
        ("a.b.c\na.b.c", "blanks or line breaks"),
        ("1.AXsAx.AgABx", "refresh tokens look like this"),
        ("a.b.c.d", "three dot-separated parts"),
        ("a.b.c.d.e", "an encrypted token"),
        ("Bearer a.b.c", "the authorization scheme `Bearer`"),
        (
            "-----BEGIN CERTIFICATE-----\nMIIC",
            "a certificate or a key",
        ),
        ("MIIDBTCCAe2gAwIBAgIQWHUzT0f", "a certificate or a key"),
    ] {
        let error = UnverifiedToken::decode(text).unwrap_err().to_string();
        assert!(error.contains(says), "{text}: {error}");
    }
}

/// These decode, and are told apart all the same.
#[test]
fn tokens_that_are_not_for_bearing_are_named() {
    use entra_claims::KindGuess;
    let kind = |header: &str, payload: &str| {
        let token = UnverifiedToken::decode(&token(header, payload)).unwrap();
        (
            token.kind_guess(),
            token.header().is_graph_style(),
            token.claims().is_bound_to_a_key(),
        )
    };
    let client = r#"{"azp":"c","scp":"s"}"#;
    let access = KindGuess::Access(entra_claims::PrincipalKind::User);
    assert_eq!(kind(r#"{"alg":"RS256"}"#, client), (access, false, false));
    assert_eq!(kind(r#"{"nonce":"n"}"#, client), (access, true, false));
    assert_eq!(
        kind("{}", r#"{"azp":"c","scp":"s","cnf":{"kid":"k"}}"#),
        (access, false, true)
    );
    for typ in ["pop", "PoP"] {
        let header = format!(r#"{{"typ":"{typ}"}}"#);
        assert_eq!(
            kind(&header, r#"{"at":"x"}"#).0,
            KindGuess::ProofOfPossession
        );
    }
    assert_ne!(
        kind(r#"{"typ":"JWT"}"#, client).0,
        KindGuess::ProofOfPossession
    );
    assert_eq!(
        kind("{}", r#"{"azp":"c","c_hash":"h"}"#).0,
        KindGuess::IdToken("c_hash")
    );
    assert!(matches!(
        kind("{}", r#"{"aud":"c","nonce":"n"}"#).0,
        KindGuess::IdToken(_)
    ));
}
