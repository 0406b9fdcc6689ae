//! Tokens, keys and validators for the tests.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair};
use base64_simd::URL_SAFE_NO_PAD;
use entra_claims::{
    AcceptedAudiences, KeySet, ManualClock, Reason, Rejection, TenantPolicy, Validator,
    VerifiedToken,
};
use foundry_scopes::{ClientId, Cloud, TenantId};
use serde_json::{Value, json};

pub(crate) const TENANT: &str = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";
pub(crate) const OTHER_TENANT: &str = "f645ad92-e38d-4d1a-b510-d1b09a74a8ca";
pub(crate) const API: &str = "11112222-bbbb-3333-cccc-4444dddd5555";
pub(crate) const CLIENT: &str = "22223333-cccc-4444-dddd-5555eeee6666";
pub(crate) const ALICE: &str = "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb";
pub(crate) const NOW: i64 = 1_700_001_000;

pub(crate) fn tenant(text: &str) -> TenantId {
    TenantId::parse(text).unwrap()
}

pub(crate) fn v2_issuer(tenant: &str) -> String {
    format!("https://login.microsoftonline.com/{tenant}/v2.0")
}

pub(crate) fn v1_issuer(tenant: &str) -> String {
    format!("https://sts.windows.net/{tenant}/")
}

/// Claims of a user's v2 token.
pub(crate) fn user() -> Value {
    json!({
        "aud": API, "iss": v2_issuer(TENANT), "iat": NOW - 600, "nbf": NOW - 600,
        "exp": NOW + 3600, "aio": "opaque", "azp": CLIENT, "azpacr": "0", "name": "Alice",
        "oid": ALICE, "preferred_username": "alice@contoso.com", "rh": "opaque",
        "scp": "access_as_user Orders.Read", "sub": "pairwise", "tid": TENANT, "uti": "id-1",
        "ver": "2.0",
    })
}

/// Claims of a user's v1 token.
pub(crate) fn user_v1() -> Value {
    let claims = user();
    with(
        &claims,
        &[
            ("aud", json!(format!("api://{API}"))),
            ("iss", json!(v1_issuer(TENANT))),
            ("ver", json!("1.0")),
            ("azp", Value::Null),
            ("azpacr", Value::Null),
            ("appid", json!(CLIENT)),
            ("appidacr", json!("0")),
            ("upn", json!("alice@contoso.com")),
        ],
    )
}

/// Claims of an app-only v2 token.
pub(crate) fn app() -> Value {
    with(
        &user(),
        &[
            ("scp", Value::Null),
            ("name", Value::Null),
            ("preferred_username", Value::Null),
            ("idtyp", json!("app")),
            ("sub", json!(ALICE)),
            ("roles", json!(["Jobs.Run"])),
        ],
    )
}

/// The claims with some replaced; `null` removes one.
pub(crate) fn with(claims: &Value, changes: &[(&str, Value)]) -> Value {
    let mut claims = claims.clone();
    for (name, value) in changes {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(*name);
        } else {
            claims[*name] = value.clone();
        }
    }
    claims
}

pub(crate) fn header() -> Value {
    json!({"typ": "JWT", "alg": "RS256", "kid": "key-1"})
}

/// Parsed once: reading a private key checks it thoroughly.
fn signing_key(name: &str) -> &'static RsaKeyPair {
    static KEYS: [OnceLock<RsaKeyPair>; 2] = [const { OnceLock::new() }; 2];
    KEYS[usize::from(name == "other-key")].get_or_init(|| {
        let path = format!("{}/tests/data/{name}.der", env!("CARGO_MANIFEST_DIR"));
        RsaKeyPair::from_pkcs8(&std::fs::read(path).unwrap()).unwrap()
    })
}

pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

/// A token of exactly this header and payload, signed with the key named `signer`.
pub(crate) fn sign_raw(
    signer: &str,
    header: impl AsRef<[u8]>,
    payload: impl AsRef<[u8]>,
) -> String {
    sign_padded(&RSA_PKCS1_SHA256, signer, header, payload)
}

/// The same for PS256 (RFC 7518, section 3.5), whatever the header says.
pub(crate) fn sign_pss(header: &Value, claims: &Value) -> String {
    let (header, claims) = (header.to_string(), claims.to_string());
    sign_padded(&RSA_PSS_SHA256, "signing-key", header, claims)
}

fn sign_padded(
    padding: &'static dyn RsaEncoding,
    signer: &str,
    header: impl AsRef<[u8]>,
    payload: impl AsRef<[u8]>,
) -> String {
    let input = format!("{}.{}", base64url(header), base64url(payload));
    let key = signing_key(signer);
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(
        padding,
        &SystemRandom::new(),
        input.as_bytes(),
        &mut signature,
    )
    .unwrap();
    format!("{input}.{}", base64url(signature))
}

pub(crate) fn sign(claims: &Value) -> String {
    sign_with(&header(), claims)
}

pub(crate) fn sign_with(header: &Value, claims: &Value) -> String {
    sign_raw("signing-key", header.to_string(), claims.to_string())
}

/// `key-1` belongs to `signing-key`, `key-2` to `other-key`.
pub(crate) fn key_document() -> Value {
    serde_json::from_str(include_str!("../data/keys.json")).unwrap()
}

pub(crate) fn keys() -> KeySet {
    key_set(&key_document())
}

pub(crate) fn key_set(document: &Value) -> KeySet {
    KeySet::from_json(document.to_string().as_bytes()).unwrap()
}

/// The key set with members of `key-1` replaced; `null` removes one.
pub(crate) fn key_document_with(changes: &[(&str, Value)]) -> Value {
    let mut document = key_document();
    document["keys"][0] = with(&document["keys"][0], changes);
    document
}

pub(crate) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(NOW))
}

pub(crate) fn validator() -> Validator {
    validator_in(Cloud::public())
}

pub(crate) fn validator_in(cloud: Cloud) -> Validator {
    Validator::new(
        cloud,
        TenantPolicy::single(tenant(TENANT)),
        AcceptedAudiences::for_client(ClientId::parse(API).unwrap()),
    )
    .with_clock(clock())
}

pub(crate) fn verify(claims: &Value) -> Result<VerifiedToken, Rejection> {
    validator().verify(&sign(claims), &keys())
}

/// The reason of a refusal.
#[track_caller]
pub(crate) fn reason(result: Result<VerifiedToken, Rejection>) -> Reason {
    match result {
        Ok(token) => panic!("accepted: {token:?}"),
        Err(rejection) => rejection.reason(),
    }
}

/// The reason why these claims are refused.
#[track_caller]
pub(crate) fn refused(claims: &Value) -> Reason {
    reason(verify(claims))
}

/// Absent, then wrong types, then wrong values of one claim: each refused for its reason.
#[track_caller]
pub(crate) fn text_claim_is_checked(base: &Value, name: &str, missing: Reason, wrong: Reason) {
    assert_eq!(
        refused(&with(base, &[(name, Value::Null)])),
        missing,
        "{name} missing"
    );
    for value in [
        json!(1),
        json!(true),
        json!([]),
        json!([base[name]]),
        json!({}),
    ] {
        let refusal = refused(&with(base, &[(name, value.clone())]));
        assert_eq!(refusal, Reason::WrongType, "{name} = {value}");
    }
    let mut null = base.clone();
    null[name] = Value::Null;
    assert_eq!(refused(&null), Reason::WrongType, "{name} = null");
    for value in ["", " ", "x", "\u{0}"] {
        assert_eq!(
            refused(&with(base, &[(name, json!(value))])),
            wrong,
            "{name} = {value:?}"
        );
    }
}

/// No run of twelve characters of the token's parts may appear.
#[track_caller]
pub(crate) fn holds_nothing_of(token: &str, printed: &str) {
    let parts: Vec<char> = token.chars().collect();
    for window in parts.windows(12) {
        let window: String = window.iter().collect();
        assert!(!printed.contains(&window), "{window} in {printed}");
    }
}
