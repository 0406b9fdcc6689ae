//! The cases that Microsoft's own libraries and others test, by name, and what is said of them
//! here: `IDM` is Microsoft.IdentityModel, `MIW` Microsoft.Identity.Web, `FAA` fastapi-azure-auth.
//! Where one of them is more lenient, the row says so.
//!
//! Lifetimes stand in `validate/lifetime.rs`, facet texts and guests beside the code, what a
//! failing key source does in `http/faults.rs`.

use entra_claims::{AcceptedAudiences, KeySet, Reason, TenantPolicy, Validator};
use foundry_scopes::{Audience, Cloud, CloudSpec};
use serde_json::{Value, json};

use super::{refused_claims, unsigned};
use crate::support::{
    API, CLIENT, clock, key_document_with, key_set, tenant, user, user_v1, v1_issuer, v2_issuer,
    with,
};

/// The tenants of IDM's tests.
const T: &str = "f645ad92-e38d-4d1a-b510-d1b09a74a8ca";
const GT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const BT: &str = "775527ff-9a37-4307-8b3d-cc311f58d925";
const MSA: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
const LONG_TID: &str = "http://schemas.microsoft.com/identity/claims/tenantid";

fn validator_for(cloud: Cloud, of: &str) -> Validator {
    let audiences = [API.to_owned(), format!("api://{API}")];
    let audiences = audiences.map(|text| Audience::parse(&text).unwrap());
    let audiences = AcceptedAudiences::listed(audiences).unwrap();
    Validator::new(cloud, TenantPolicy::single(tenant(of)), audiences).with_clock(clock())
}

fn v2(iss: &str, tid: &str) -> Value {
    with(&user(), &[("iss", json!(iss)), ("tid", json!(tid))])
}

fn v1(iss: &str, tid: &str) -> Value {
    with(&user_v1(), &[("iss", json!(iss)), ("tid", json!(tid))])
}

fn refused(validator: &Validator, rows: &[(&str, Value, Option<Reason>)]) {
    for (name, claims, expected) in rows {
        assert_eq!(
            refused_claims(validator, claims),
            *expected,
            "{name}: {claims}"
        );
    }
}

/// IDM `AadIssuerValidatorTests`: an issuer, a tenant and a template.
#[test]
fn issuers_and_templates() {
    use Reason::{TenantMismatch, WrongIssuer, WrongVersion};
    let host = "https://login.microsoftonline.com";
    refused(
        &validator_for(Cloud::public(), T),
        &[
            ("I1", v1(&v1_issuer(T), T), None),
            ("I2, I3", v2(&v2_issuer(T), T), None),
            ("I4", v1(&v2_issuer(T), T), Some(WrongVersion)),
            ("I5", v2(&v1_issuer(T), T), Some(WrongVersion)),
            ("I6", v1("", T), Some(WrongIssuer)),
            ("I7", v2(&v2_issuer(T), ""), Some(TenantMismatch)),
            ("I8", v2(&format!("{host}/{T}"), T), Some(WrongIssuer)),
            ("I9", v2(&v2_issuer("{tenantid}"), T), Some(WrongIssuer)),
            (
                "I10",
                v2(&format!("https://login.windows-ppe.net/{T}/v2.0"), T),
                Some(WrongIssuer),
            ),
            (
                "I11 slash",
                v2(&format!("{}/", v2_issuer(T)), T),
                Some(WrongIssuer),
            ),
            (
                "I11 case",
                v2(&v2_issuer(&T.to_uppercase()), T),
                Some(WrongIssuer),
            ),
            (
                "I11 host",
                v2(&format!("{host}.evil/{T}/v2.0"), T),
                Some(WrongIssuer),
            ),
            (
                "I11 query",
                v2(&format!("{}?x", v2_issuer(T)), T),
                Some(WrongIssuer),
            ),
            (
                "I11 http",
                v2(&v2_issuer(T).replace("https", "http"), T),
                Some(WrongIssuer),
            ),
        ],
    );
}

/// IDM `MicrosoftIdentityIssuerValidatorTest`.
#[test]
fn issuers_and_configured_values() {
    use Reason::{AzureAdB2c, MissingClaim, TenantMismatch, WrongIssuer};
    let none = Value::Null;
    let good = v2(&v2_issuer(T), T);
    let b2c = |iss: &str, tfp: Value| with(&v2(iss, BT), &[("tfp", tfp), ("tid", Value::Null)]);
    let flow = json!("b2c_1_susi");
    refused(
        &validator_for(Cloud::public(), T),
        &[
            (
                "V2",
                with(&good, &[("iss", json!("")), ("tid", none.clone())]),
                Some(MissingClaim),
            ),
            (
                "V3",
                with(&good, &[("iss", none.clone()), ("tid", none.clone())]),
                Some(MissingClaim),
            ),
            ("V4, V9", good.clone(), None),
            // IDM takes the long name for `tid`: no token of Entra ID has it.
            (
                "V5",
                with(&good, &[("tid", none.clone()), (LONG_TID, json!(T))]),
                Some(MissingClaim),
            ),
            // IDM accepts this: a literal issuer, and `tid` is not looked at.
            (
                "V7",
                v2(&v2_issuer(T), "https://login.microsoftonline.com/common/"),
                Some(TenantMismatch),
            ),
            ("V8, V9", v1(&v1_issuer(T), T), None),
            // IDM takes the tenant out of the issuer.
            ("V10", with(&good, &[("tid", none)]), Some(MissingClaim)),
            (
                "V11",
                v2(&format!("https://badissuer/{T}/v2.0"), T),
                Some(WrongIssuer),
            ),
            // A version that Entra ID does not issue.
            (
                "V12 v1.1",
                v2(&format!("https://login.microsoftonline.com/{T}/v1.1"), T),
                Some(WrongIssuer),
            ),
            (
                "V13",
                v2(&format!("hxxp://brokenissuer/{T}"), T),
                Some(WrongIssuer),
            ),
            // Azure AD B2C is another service, and refused by its name.
            (
                "V15, V16",
                b2c(
                    &format!("https://fabrikamb2c.b2clogin.com/{BT}/v2.0/"),
                    flow.clone(),
                ),
                Some(AzureAdB2c),
            ),
            (
                "V17",
                b2c(
                    &format!("https://catb2c.b2clogin.com/{BT}/v2.0/"),
                    flow.clone(),
                ),
                Some(AzureAdB2c),
            ),
            (
                "V18",
                b2c(
                    &format!("https://fabrikamb2c.b2clogin.com/{T}/v2.0"),
                    flow.clone(),
                ),
                Some(AzureAdB2c),
            ),
            (
                "V19",
                b2c(
                    "https://public.msidlabb2c.com/cpimtestpartners.onmicrosoft.com/v2.0/",
                    flow,
                ),
                Some(AzureAdB2c),
            ),
            (
                "V20",
                b2c(
                    &format!("https://fabrikamb2c.b2clogin.com/tfp/{BT}/b2c_1_susi/v2.0"),
                    Value::Null,
                ),
                Some(AzureAdB2c),
            ),
        ],
    );
    let government = validator_for(Cloud::us_government(), GT);
    let gov = format!("https://login.microsoftonline.us/{GT}/v2.0");
    refused(
        &government,
        &[
            ("V6", v2(&gov, GT), None),
            (
                "V6 of another cloud",
                v2(&v2_issuer(GT), GT),
                Some(WrongIssuer),
            ),
        ],
    );
}

/// Why a token is refused under a key with this issuer; `None` if only the signature is.
fn under_key(validator: &Validator, claims: &Value, issuer: Value) -> Option<Reason> {
    let keys = key_set(&key_document_with(&[("issuer", issuer)]));
    let refusal = validator.verify(&unsigned(claims), &keys).unwrap_err();
    Some(refusal.reason()).filter(|reason| *reason != Reason::BadSignature)
}

/// IDM `AadTokenValidationParametersExtensionTest`: the key's own issuer.
#[test]
fn the_issuer_of_the_signing_key() {
    use Reason::{DuplicateMember, KeyIssuerMismatch, MissingClaim, TenantMismatch, UnknownKey};
    let public = validator_for(Cloud::public(), T);
    let template = json!("https://login.microsoftonline.com/{tenantid}/v2.0");
    let gov = json!(format!("https://login.microsoftonline.us/{GT}/v2.0"));
    let personal = json!(v2_issuer(MSA));
    let good = v2(&v2_issuer(T), T);
    let other = "00000000-0000-4000-8000-000000000001";
    for (name, claims, issuer, expected) in [
        ("K3 without", good.clone(), Value::Null, None),
        ("K3 blank", good.clone(), json!(" "), None),
        ("K4", good.clone(), gov, Some(KeyIssuerMismatch)),
        ("K5", good.clone(), template.clone(), None),
        (
            "K6",
            with(&good, &[("tid", Value::Null)]),
            template.clone(),
            Some(MissingClaim),
        ),
        (
            "K8",
            v2(&v2_issuer(T), BT),
            template.clone(),
            Some(TenantMismatch),
        ),
        (
            "K9",
            with(&good, &[("TID", json!(other))]),
            template.clone(),
            Some(DuplicateMember),
        ),
        (
            "K10",
            with(&good, &[("tid", Value::Null), ("TID", json!(T))]),
            template.clone(),
            Some(DuplicateMember),
        ),
        ("K11", v1(&v1_issuer(T), T), template, None),
        (
            "K12",
            good.clone(),
            personal.clone(),
            Some(KeyIssuerMismatch),
        ),
        (
            "K12 v1",
            v1(&v1_issuer(T), T),
            personal.clone(),
            Some(KeyIssuerMismatch),
        ),
    ] {
        let refused = under_key(&public, &claims, issuer);
        assert_eq!(refused, expected, "{name}");
    }
    let of_persons = validator_for(Cloud::public(), MSA);
    let claims = v2(&v2_issuer(MSA), MSA);
    let refused = under_key(&of_persons, &claims, personal);
    assert_eq!(refused, None, "K13");
    // IDM passes a key that is not in the set; a key that is not known has signed nothing.
    let refusal = public.verify(&unsigned(&good), &KeySet::empty());
    assert_eq!(refusal.unwrap_err().reason(), UnknownKey, "K3 unknown");
}

/// IDM, the same file: the clouds that the metadata and the key name.
#[test]
fn the_cloud_of_the_signing_key() {
    // A cloud whose own name for its keys is not configured: the metadata's counts.
    let cloud = Cloud::custom(CloudSpec {
        name: "Example",
        authority: "https://login.example",
        issuer_v1: "https://sts.example/{tenantid}/",
        issuer_v2: "https://login.example/{tenantid}/v2.0",
        key_cloud: None,
    })
    .unwrap();
    let validator = validator_for(cloud, T);
    let token = unsigned(&v2(&format!("https://login.example/{T}/v2.0"), T));
    let (com, us) = (json!("microsoftonline.com"), json!("microsoftonline.us"));
    let differ = Some(Reason::KeyCloudMismatch);
    for (name, metadata, key, expected) in [
        ("C1", Some("microsoftonline.com"), com.clone(), None),
        ("C2", Some("microsoftonline.com"), us.clone(), differ),
        ("C3", Some("microsoftonline.com"), Value::Null, None),
        ("C4", None, us.clone(), None),
    ] {
        let key = [("issuer", Value::Null), ("cloud_instance_name", key)];
        let mut keys = key_set(&key_document_with(&key));
        if let Some(cloud) = metadata {
            keys = keys.with_cloud_instance_name(cloud);
        }
        let refusal = validator.verify(&token, &keys).unwrap_err().reason();
        let refused = Some(refusal).filter(|reason| *reason != Reason::BadSignature);
        assert_eq!(refused, expected, "{name}");
    }
    // C5: keys that did not sign are of no matter.
    let mut document = key_document_with(&[("issuer", Value::Null), ("cloud_instance_name", com)]);
    document["keys"][1]["cloud_instance_name"] = us;
    let public = validator_for(Cloud::public(), T);
    let refusal = public.verify(&unsigned(&v2(&v2_issuer(T), T)), &key_set(&document));
    assert_eq!(refusal.unwrap_err().reason(), Reason::BadSignature, "C5");
}

/// IDM `AudienceValidationResultTests`, MIW `RegisterValidAudienceTests`. IDM takes arrays and a
/// slash more or less everywhere; here an audience is one text, and as it was configured.
#[test]
fn audiences() {
    let (a, b) = ("http://audience1.com", "http://audience2.com");
    let listed = |texts: &[&str]| {
        let texts = texts.iter().map(|text| Audience::parse(text).unwrap());
        let audiences = AcceptedAudiences::listed(texts).unwrap();
        let policy = TenantPolicy::single(tenant(T));
        Validator::new(Cloud::public(), policy, audiences).with_clock(clock())
    };
    let slash = |text: &str| format!("{text}/");
    let (a_slash, b_slash) = (slash(a), slash(b));
    let wrong = Some(Reason::WrongAudience);
    let of_type = Some(Reason::WrongType);
    let client = API;
    let uri = format!("api://{API}");
    for (name, own, aud, expected) in [
        ("A1", vec![a], Value::Null, Some(Reason::MissingClaim)),
        ("A2", vec![a], json!([]), of_type),
        ("A3", vec![a], json!([""]), of_type),
        ("A4", vec![a], json!(["    "]), of_type),
        ("A5", vec![a], json!(["", a]), of_type),
        ("A6", vec![b], json!(["", a]), of_type),
        ("A3 as a text", vec![a], json!(""), wrong),
        ("A4 as a text", vec![a], json!("    "), wrong),
        ("A5 as a text", vec![a], json!(a), None),
        ("A6 as a text", vec![b], json!(a), wrong),
        ("A7 as a text", vec![b_slash.as_str()], json!(a), wrong),
        ("A8 as a text", vec![a], json!(b_slash), wrong),
        ("A9, A10 as a text", vec![a_slash.as_str()], json!(a), wrong),
        (
            "A12 as a text",
            vec!["http://audience1.comA"],
            json!(a),
            wrong,
        ),
        ("A14 as a text", vec![a], json!(a_slash), wrong),
        ("A16 as a text", vec![a], json!(slash(&a_slash)), wrong),
        ("A17", vec![client, &uri], json!(client), None),
        ("A21", vec![client, &uri], json!(uri), None),
        ("A22 other", vec![client, &uri], json!(CLIENT), wrong),
    ] {
        let validator = listed(&own);
        for base in [v1(&v1_issuer(T), T), v2(&v2_issuer(T), T)] {
            let claims = with(&base, &[("aud", aud.clone())]);
            assert_eq!(refused_claims(&validator, &claims), expected, "{name}");
        }
    }
    let validator = listed(&[client, &uri]);
    for (name, base, ver, aud, expected) in [
        ("A18", v1(&v1_issuer(T), T), "1.0", uri.as_str(), None),
        // MIW refuses the bare id in a v1 token, which is what `{id}/.default` gives.
        ("A19, A23", v1(&v1_issuer(T), T), "1.0", client, None),
        (
            "A20",
            v2(&v2_issuer(T), T),
            "3.0",
            &uri,
            Some(Reason::WrongVersion),
        ),
    ] {
        let claims = with(&base, &[("ver", json!(ver)), ("aud", json!(aud))]);
        assert_eq!(refused_claims(&validator, &claims), expected, "{name}");
    }
}

/// FAA: what its users' servers saw.
#[test]
fn end_to_end_refusals() {
    let public = validator_for(Cloud::public(), T);
    let good = unsigned(&v2(&v2_issuer(T), T));
    let keys = super::plain_keys();
    let (header, rest) = good.split_once('.').unwrap();
    let (payload, _) = rest.split_once('.').unwrap();
    for (name, token, keys, expected) in [
        ("no keys", good.clone(), KeySet::empty(), Reason::UnknownKey),
        (
            "wrong key, same name",
            good.clone(),
            keys.clone(),
            Reason::BadSignature,
        ),
        (
            "header only",
            header.to_owned(),
            keys.clone(),
            Reason::NotCompact,
        ),
        (
            "no signature",
            format!("{header}.{payload}"),
            keys.clone(),
            Reason::NotCompact,
        ),
        (
            "the word None",
            "None".to_owned(),
            keys.clone(),
            Reason::NotCompact,
        ),
        ("nothing", String::new(), keys, Reason::NotCompact),
    ] {
        let refusal = public.verify(&token, &keys).unwrap_err();
        assert_eq!(refusal.reason(), expected, "{name}");
    }
}
