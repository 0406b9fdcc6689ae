//! Every documented claim of an access token has a typed accessor.

use base64_simd::URL_SAFE_NO_PAD;
use entra_claims::{Claims, ClientAuthentication, Facets, Groups, Membership, UnverifiedToken};
use serde_json::{Value, json};

fn decode(claims: &Value) -> UnverifiedToken {
    let encode = |text: String| URL_SAFE_NO_PAD.encode_to_string(text);
    let header = encode(json!({"alg": "RS256"}).to_string());
    UnverifiedToken::decode(&format!("{header}.{}.c2ln", encode(claims.to_string()))).unwrap()
}

/// A claim, how it is read as text, and whether a token with a wrong type is refused.
type TextRow = (&'static str, fn(&Claims) -> Option<&str>, bool);

const TEXTS: [TextRow; 41] = [
    ("aud", Claims::aud, true),
    ("iss", Claims::iss, true),
    ("tid", Claims::tid, true),
    ("oid", Claims::oid, true),
    ("sub", Claims::sub, true),
    ("azp", Claims::azp, true),
    ("appid", Claims::appid, true),
    ("scp", Claims::scp, true),
    ("ver", Claims::ver, true),
    ("idtyp", Claims::idtyp, true),
    ("uti", Claims::uti, true),
    ("name", Claims::name, true),
    ("preferred_username", Claims::preferred_username, true),
    ("upn", Claims::upn, true),
    ("idp", Claims::idp, true),
    ("xms_par_app_azp", Claims::parent_app, true),
    ("acr", Claims::acr, false),
    ("aio", Claims::aio, false),
    ("ctry", Claims::ctry, false),
    ("email", Claims::email, false),
    ("family_name", Claims::family_name, false),
    ("fwd", Claims::fwd, false),
    ("given_name", Claims::given_name, false),
    ("ipaddr", Claims::ipaddr, false),
    ("login_hint", Claims::login_hint, false),
    ("nickname", Claims::nickname, false),
    ("onprem_sid", Claims::onprem_sid, false),
    ("pwd_url", Claims::pwd_url, false),
    ("rh", Claims::rh, false),
    ("sid", Claims::sid, false),
    ("tfp", Claims::tfp, false),
    ("tenant_ctry", Claims::tenant_ctry, false),
    ("tenant_region_scope", Claims::tenant_region_scope, false),
    ("unique_name", Claims::unique_name, false),
    ("vnet", Claims::vnet, false),
    ("xms_pdl", Claims::xms_pdl, false),
    ("xms_pl", Claims::xms_pl, false),
    ("xms_tpl", Claims::xms_tpl, false),
    ("ztdid", Claims::ztdid, false),
    ("azpacr", proof, false),
    ("appidacr", proof, false),
];

/// Any text but the three documented ones says nothing.
fn proof(claims: &Claims) -> Option<&str> {
    match claims.client_authentication()? {
        ClientAuthentication::None => Some("0"),
        ClientAuthentication::Secret => Some("1"),
        ClientAuthentication::Certificate => Some("2"),
        _ => None,
    }
}

#[test]
fn every_text_claim_is_read_by_its_accessor_and_by_no_other() {
    for (name, read, _) in TEXTS {
        let value = if name.ends_with("acr") {
            "2"
        } else {
            "a \"text\" \u{e9}"
        };
        for value in [value, "0"] {
            let token = decode(&json!({ name: value }));
            assert_eq!(read(token.claims()), Some(value), "{name}");
            assert_eq!(token.claims().get(name), Some(json!(value)), "{name}");
            for (other, read, _) in TEXTS {
                let proofs = name.ends_with("acr") && other.ends_with("acr");
                if other != name && !proofs {
                    assert_eq!(read(token.claims()), None, "{other} in a token with {name}");
                }
            }
        }
        assert_eq!(read(decode(&json!({})).claims()), None, "{name}");
    }
}

#[test]
fn a_wrong_type_is_refused_where_it_could_matter_and_absent_where_not() {
    let encode = |text: String| URL_SAFE_NO_PAD.encode_to_string(text);
    for (name, read, refused) in TEXTS {
        for value in [
            json!(null),
            json!(1),
            json!(1.5),
            json!(-1),
            json!(true),
            json!([]),
            json!(["a"]),
            json!({"a": [1]}),
        ] {
            let payload = encode(json!({ name: value, "after": 1 }).to_string());
            match UnverifiedToken::decode(&format!("e30.{payload}.c2ln")) {
                Ok(token) => {
                    assert!(!refused, "{name} = {value}");
                    assert_eq!(read(token.claims()), None, "{name} = {value}");
                    // Kept all the same, and what follows it, too.
                    assert_eq!(token.claims().get(name), Some(value));
                    assert_eq!(token.claims().get("after"), Some(json!(1)));
                }
                Err(error) => assert!(refused, "{name} = {value}: {error}"),
            }
        }
    }
    // What nobody reads is as strict inside as the rest.
    for inner in [
        r#"{"a":1,"a":2}"#.to_owned(),
        "[".repeat(80) + &"]".repeat(80),
    ] {
        let payload = encode(format!(r#"{{"email":{inner}}}"#));
        assert!(
            UnverifiedToken::decode(&format!("e30.{payload}.c2ln")).is_err(),
            "{inner}"
        );
    }
    let twice = encode(r#"{"email":"a","\u0065mail":"b"}"#.to_owned());
    assert!(UnverifiedToken::decode(&format!("e30.{twice}.c2ln")).is_err());
}

#[test]
fn lists_numbers_and_truths_have_their_types() {
    type List = fn(&Claims) -> Vec<String>;
    type Number = fn(&Claims) -> Option<i64>;
    type Truth = fn(&Claims) -> Option<bool>;
    let lists: [(&str, List); 5] = [
        ("acrs", Claims::acrs),
        ("amr", Claims::amr),
        ("wids", Claims::wids),
        ("verified_primary_email", Claims::verified_primary_email),
        ("verified_secondary_email", Claims::verified_secondary_email),
    ];
    for (name, read) in lists {
        assert_eq!(
            read(decode(&json!({ name: ["a", "b c"] })).claims()),
            ["a", "b c"],
            "{name}"
        );
        for other in [
            json!("a"),
            json!(null),
            json!([]),
            json!(["a", 1]),
            json!([["a"]]),
            json!({"a": 1}),
        ] {
            assert!(
                read(decode(&json!({ name: other })).claims()).is_empty(),
                "{name} = {other}"
            );
        }
        assert!(read(decode(&json!({})).claims()).is_empty(), "{name}");
    }
    let numbers: [(&str, Number); 2] = [
        ("auth_time", Claims::auth_time),
        ("pwd_exp", Claims::pwd_exp),
    ];
    for (name, read) in numbers {
        assert_eq!(
            read(decode(&json!({ name: 7 })).claims()),
            Some(7),
            "{name}"
        );
        for other in [json!("7"), json!(7.5), json!(u64::MAX), json!(null)] {
            assert_eq!(
                read(decode(&json!({ name: other })).claims()),
                None,
                "{name} = {other}"
            );
        }
    }
    let truths: [(&str, Truth); 2] = [("xms_edov", Claims::xms_edov), ("in_corp", Claims::in_corp)];
    for (name, read) in truths {
        for (value, expected) in [
            (json!(true), Some(true)),
            (json!(1), Some(true)),
            (json!("1"), Some(true)),
            (json!("true"), Some(true)),
            (json!(false), Some(false)),
            (json!(0), Some(false)),
            (json!("0"), Some(false)),
            (json!("false"), Some(false)),
            (json!(2), None),
            (json!("yes"), None),
            (json!([true]), None),
            (json!(null), None),
        ] {
            assert_eq!(
                read(decode(&json!({ name: value })).claims()),
                expected,
                "{name} = {value}"
            );
        }
    }
}

#[test]
fn the_rest_of_the_documented_claims_has_a_meaning_of_its_own() {
    let claims = json!({
        "exp": 3, "nbf": 2, "iat": 1, "roles": ["R"], "xms_cc": ["cp1"], "acct": 1,
        "groups": ["g"], "xms_act_fct": "9 3 11", "xms_sub_fct": "4 13", "xms_tnt_fct": "3 14",
        "xms_idrel": "28 1", "cnf": {"kid": "k"}, "extn.costCentre": "4711",
        "tid": "9188040d-6c67-4c5b-b112-36a304b66dad",
    });
    let token = decode(&claims);
    let claims = token.claims();
    assert_eq!(
        (claims.iat(), claims.nbf(), claims.exp()),
        (Some(1), Some(2), Some(3))
    );
    assert_eq!(claims.roles().collect::<Vec<_>>(), ["R"]);
    assert!(claims.understands_claims_challenges());
    assert_eq!(claims.membership(), Membership::Guest);
    assert_eq!(claims.groups(), Groups::Listed(vec!["g".to_owned()]));
    assert!(
        claims
            .actor_facets()
            .unwrap()
            .contains(Facets::AGENT_IDENTITY)
    );
    assert!(
        claims
            .subject_facets()
            .unwrap()
            .contains(Facets::AGENT_USER)
    );
    assert_eq!(
        claims.tenant_facets().unwrap().iter().collect::<Vec<_>>(),
        [3, 14]
    );
    assert_eq!(
        claims.relation().unwrap().iter().collect::<Vec<_>>(),
        [1, 28]
    );
    assert!(claims.is_bound_to_a_key());
    assert!(claims.is_personal_account());
    assert_eq!(claims.extension("costCentre"), Some(json!("4711")));
    assert_eq!(claims.extension("other"), None);
    let overage = decode(&json!({"_claim_names": {"groups": "src1"}}));
    assert_eq!(overage.claims().groups(), Groups::Overage);
    assert!(!overage.claims().is_bound_to_a_key());
}

#[test]
fn a_proof_counts_by_the_tokens_version_and_as_documented() {
    let proof = |claims: Value| decode(&claims).claims().client_authentication();
    assert_eq!(
        proof(json!({"azpacr": "1", "appidacr": "2"})),
        Some(ClientAuthentication::Secret)
    );
    for odd in ["3", "", "01", "1 "] {
        assert_eq!(proof(json!({"azpacr": odd})), None, "{odd}");
    }
}
