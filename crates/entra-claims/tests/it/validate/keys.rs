use entra_claims::{KeySet, KeySetError, Reason};
use foundry_scopes::{Cloud, CloudSpec};
use serde_json::{Value, json};

use crate::support::{
    OTHER_TENANT, TENANT, key_document, key_document_with, key_set, keys, reason, sign, user,
    user_v1, v1_issuer, v2_issuer, validator, validator_in,
};

const PERSONAL: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// What becomes of a good token when `key-1` is changed.
fn outcome(changes: &[(&str, Value)], claims: &Value) -> Option<Reason> {
    let keys = key_set(&key_document_with(changes));
    validator()
        .verify(&sign(claims), &keys)
        .err()
        .map(|r| r.reason())
}

#[test]
fn the_keys_own_issuer_is_the_tokens_tenant() {
    let template = "https://login.microsoftonline.com/{tenantid}/v2.0";
    let gov = format!("https://login.microsoftonline.us/{TENANT}/v2.0");
    for claims in [user(), user_v1()] {
        for good in [
            Value::Null,
            json!(" "),
            json!(template),
            json!(v2_issuer(TENANT)),
        ] {
            assert_eq!(
                outcome(&[("issuer", good.clone())], &claims),
                None,
                "{good}"
            );
        }
        for bad in [
            gov.clone(),
            "https://login.microsoftonline.us/{tenantid}/v2.0".to_owned(),
            v2_issuer(PERSONAL),
            v2_issuer(OTHER_TENANT),
            v2_issuer(&TENANT.to_uppercase()),
            format!("{}/", v2_issuer(TENANT)),
            format!("{template}/"),
            template.to_uppercase(),
            "https://login.microsoftonline.com/{tenantId}/v2.0".to_owned(),
            "{tenantid}".to_owned(),
            "x".to_owned(),
        ] {
            assert_eq!(
                outcome(&[("issuer", json!(bad))], &claims),
                Some(Reason::KeyIssuerMismatch),
                "{bad}"
            );
        }
    }
    // A v1 key set would name the v1 issuer.
    assert_eq!(
        outcome(&[("issuer", json!(v1_issuer(TENANT)))], &user_v1()),
        None
    );
    assert_eq!(
        outcome(&[("issuer", json!(v1_issuer(TENANT)))], &user()),
        Some(Reason::KeyIssuerMismatch)
    );
}

#[test]
fn the_keys_cloud_is_ours_where_both_are_named() {
    let cloud = |name: Value| outcome(&[("cloud_instance_name", name)], &user());
    assert_eq!(cloud(json!("microsoftonline.com")), None);
    assert_eq!(cloud(Value::Null), None);
    assert_eq!(cloud(json!("")), None);
    for other in [
        "microsoftonline.us",
        "partner.microsoftonline.cn",
        "Microsoftonline.com",
        "x",
    ] {
        assert_eq!(
            cloud(json!(other)),
            Some(Reason::KeyCloudMismatch),
            "{other}"
        );
    }
    let unnamed = Cloud::custom(CloudSpec {
        name: "Unnamed",
        authority: "https://login.microsoftonline.com",
        issuer_v1: "https://sts.windows.net/{tenantid}/",
        issuer_v2: "https://login.microsoftonline.com/{tenantid}/v2.0",
        key_cloud: None,
    })
    .unwrap();
    let unnamed = validator_in(unnamed);
    assert!(unnamed.verify(&sign(&user()), &keys()).is_ok());

    // Then the metadata beside the keys says which cloud it is, if anything does.
    let beside = |name: &str| {
        let set = key_set(&key_document_with(&[(
            "cloud_instance_name",
            json!("microsoftonline.com"),
        )]));
        let keys = set.with_cloud_instance_name(name);
        unnamed.verify(&sign(&user()), &keys)
    };
    assert!(beside("microsoftonline.com").is_ok());
    assert_eq!(
        reason(beside("microsoftonline.us")),
        Reason::KeyCloudMismatch
    );
}

/// The v1 issuer of the US Government cloud is the public one's, and the public key set
/// lists keys of that cloud: only the key's cloud tells such a token apart.
#[test]
fn a_government_key_in_the_public_set_signs_no_public_v1_token() {
    let changes = [
        (
            "issuer",
            json!("https://login.microsoftonline.com/{tenantid}/v2.0"),
        ),
        ("cloud_instance_name", json!("microsoftonline.us")),
    ];
    assert_eq!(
        outcome(&changes, &user_v1()),
        Some(Reason::KeyCloudMismatch)
    );
}

#[test]
fn entries_that_cannot_verify_are_left_out_and_the_others_kept() {
    let n = key_document()["keys"][0]["n"].as_str().unwrap().to_owned();
    for change in [
        ("kty", Value::Null),
        ("kty", json!("EC")),
        ("kty", json!("rsa")),
        ("kty", json!("oct")),
        ("kty", json!(["RSA"])),
        ("use", json!("enc")),
        ("use", json!("")),
        ("use", json!(1)),
        ("key_ops", json!([])),
        ("key_ops", json!(["sign"])),
        ("key_ops", json!("verify")),
        ("alg", json!("RS384")),
        ("alg", json!("rs256")),
        ("alg", json!("none")),
        ("kid", Value::Null),
        ("kid", json!("")),
        ("kid", json!(1)),
        ("n", Value::Null),
        ("n", json!("")),
        ("n", json!(format!("{n}="))),
        ("n", json!(format!("AA{n}"))),
        ("n", json!("AQAB")),
        ("n", json!(1)),
        ("e", Value::Null),
        ("e", json!("AQ")),
        ("e", json!("Ag")),
        ("e", json!("AQAA")),
        ("e", json!("AAEAAQ")),
        ("e", json!("AgAAAAE")),
        ("e", json!("AQAAAAAB")),
        ("issuer", json!(["x"])),
        ("cloud_instance_name", json!(1)),
    ] {
        let set = key_set(&key_document_with(std::slice::from_ref(&change)));
        assert_eq!(set.kids().collect::<Vec<_>>(), ["key-2"], "{change:?}");
        assert_eq!(
            reason(validator().verify(&sign(&user()), &set)),
            Reason::UnknownKey
        );
    }
    for change in [
        ("use", Value::Null),
        ("key_ops", json!(["verify"])),
        ("key_ops", json!(["sign", "verify"])),
        ("alg", json!("RS256")),
        ("x5c", json!([1, {"a": null}])),
        ("anything", json!({"a": [1]})),
    ] {
        assert_eq!(
            outcome(std::slice::from_ref(&change), &user()),
            None,
            "{change:?}"
        );
    }
}

/// A key for one algorithm is no key for the other, whatever the token says.
#[test]
fn a_key_that_names_an_algorithm_is_for_that_one_only() {
    assert_eq!(
        outcome(&[("alg", json!("PS256"))], &user()),
        Some(Reason::UnknownKey)
    );
    let set = key_set(&key_document_with(&[("alg", json!("PS256"))]));
    assert_eq!(set.kids().collect::<Vec<_>>(), ["key-1", "key-2"]);
}

/// 3 is the least exponent that RFC 8017, section 3.1, knows: the key is read, and is another.
#[test]
fn a_small_odd_exponent_is_one() {
    let set = key_set(&key_document_with(&[("e", json!("Aw"))]));
    assert_eq!(set.kids().count(), 2);
    assert_eq!(
        reason(validator().verify(&sign(&user()), &set)),
        Reason::BadSignature
    );
}

#[test]
fn a_key_set_comes_from_a_file() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data");
    let set = KeySet::from_file(format!("{folder}/keys.json")).unwrap();
    assert!(validator().verify(&sign(&user()), &set).is_ok());
    assert_eq!(
        KeySet::from_file(format!("{folder}/absent.json")).unwrap_err(),
        KeySetError::Unreadable(std::io::ErrorKind::NotFound)
    );
    assert_eq!(
        KeySet::from_file(format!("{folder}/token.txt")).unwrap_err(),
        KeySetError::NotAKeySet
    );
}

#[test]
fn a_key_set_remembers_what_the_metadata_beside_it_says() {
    let set = keys();
    assert_eq!((set.issuer(), set.cloud_instance_name()), (None, None));
    let set = set
        .with_issuer("https://login.microsoftonline.com/{tenantid}/v2.0")
        .with_cloud_instance_name("microsoftonline.com");
    assert_eq!(
        (set.issuer(), set.cloud_instance_name()),
        (
            Some("https://login.microsoftonline.com/{tenantid}/v2.0"),
            Some("microsoftonline.com")
        )
    );
    assert!(validator().verify(&sign(&user()), &set).is_ok());
}

#[test]
fn garbage_beside_good_keys_does_no_harm() {
    let mut document = key_document();
    let entries = document["keys"].as_array_mut().unwrap();
    for garbage in [
        json!(null),
        json!(1),
        json!("x"),
        json!([]),
        json!({}),
        json!({"kty": "RSA"}),
    ] {
        entries.insert(0, garbage);
    }
    assert!(
        validator()
            .verify(&sign(&user()), &key_set(&document))
            .is_ok()
    );
    let twice = key_document()
        .to_string()
        .replacen("\"kid\":", "\"kid\":\"x\",\"kid\":", 1);
    let set = KeySet::from_json(twice.as_bytes()).unwrap();
    assert_eq!(
        set.kids().count(),
        1,
        "an entry that says something twice is left out"
    );
}

#[test]
fn one_name_for_two_keys_is_ambiguous() {
    let mut document = key_document();
    document["keys"][1]["kid"] = json!("key-1");
    assert_eq!(
        KeySet::from_json(document.to_string().as_bytes()).unwrap_err(),
        KeySetError::NoUsableKey
    );
    let mut document = key_document();
    let again = document["keys"][0].clone();
    document["keys"].as_array_mut().unwrap().push(again);
    assert_eq!(
        key_set(&document).kids().count(),
        2,
        "the same key twice is one key"
    );
    let mut other_issuer = document["keys"][0].clone();
    other_issuer["issuer"] = json!(v2_issuer(PERSONAL));
    document["keys"].as_array_mut().unwrap().push(other_issuer);
    assert_eq!(key_set(&document).kids().collect::<Vec<_>>(), ["key-2"]);
}

#[test]
fn a_document_that_is_no_key_set_is_an_error() {
    let error = |text: &str| KeySet::from_json(text.as_bytes()).unwrap_err();
    for text in [
        "",
        "null",
        "[]",
        "{}",
        "1",
        "{\"keys\":{}}",
        "{\"keys\":null}",
        "{\"keys\":\"x\"}",
        "{\"Keys\":[]}",
        "<html>",
        "{\"keys\":[",
        "{\"keys\":[]} x",
        "{\"keys\":[],\"keys\":[]}",
    ] {
        assert_eq!(error(text), KeySetError::NotAKeySet, "{text}");
    }
    assert_eq!(error("{\"keys\":[]}"), KeySetError::NoUsableKey);
    assert_eq!(
        error("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AQAB\",\"kid\":\"a\"}]}"),
        KeySetError::NoUsableKey
    );
    let many = format!("{{\"keys\":[{}]}}", vec!["{}"; 257].join(","));
    assert_eq!(error(&many), KeySetError::TooManyKeys);
    let large = format!("{{\"keys\":[],\"x\":\"{}\"}}", "a".repeat(1024 * 1024));
    assert_eq!(error(&large), KeySetError::TooLarge);
    let document = key_document().to_string();
    for end in 0..document.len() {
        assert!(
            KeySet::from_json(&document.as_bytes()[..end]).is_err(),
            "cut at {end}"
        );
    }
}

/// The limits themselves are allowed, from memory and from a file.
#[test]
fn limits_of_a_key_set_are_exact() {
    const LIMIT: usize = 1024 * 1024;
    let mut document = key_document();
    let entries = document["keys"].as_array_mut().unwrap();
    entries.resize(256, json!({}));
    assert_eq!(key_set(&document).kids().count(), 2);

    let padded = |len: usize| {
        let mut text = key_document().to_string();
        text.push_str(&" ".repeat(len - text.len()));
        text
    };
    let path = std::env::temp_dir().join(format!("entra-claims-limits-{}", std::process::id()));
    for (len, expected) in [(LIMIT, None), (LIMIT + 1, Some(KeySetError::TooLarge))] {
        let text = padded(len);
        assert_eq!(KeySet::from_json(text.as_bytes()).err(), expected);
        std::fs::write(&path, text).unwrap();
        assert_eq!(KeySet::from_file(&path).err(), expected);
    }
    std::fs::remove_file(&path).unwrap();
}

/// What is refused as cheaply as can be holds nothing of its own to tell.
#[test]
fn an_unknown_key_and_a_bad_signature_say_what_to_do() {
    let token = sign(&user());
    let unknown = validator().verify(&token, &KeySet::empty()).unwrap_err();
    assert_eq!(unknown.reason(), Reason::UnknownKey);
    assert!(unknown.remedy().unwrap().contains("app_keys"));
    assert!(unknown.explain().ends_with(unknown.remedy().unwrap()));

    let (start, _) = token.rsplit_once('.').unwrap();
    let forged = format!("{start}.{}", "A".repeat(342));
    let forged = validator().verify(&forged, &keys()).unwrap_err();
    assert_eq!(forged.reason(), Reason::BadSignature);
    assert!(forged.explain().contains("exactly as"));
}
