//! External ID: hosts of its own, one issuer on them, and no token of another service.

use entra_claims::{KeySet, Policy, Reason, Rejection, Validator, VerifiedToken};
use foundry_scopes::Cloud;
use serde_json::{Value, json};

use crate::support::{
    API, OTHER_TENANT, TENANT, clock, key_document_with, key_set, keys, reason, sign, user,
    v1_issuer, v2_issuer, validator, validator_in, with,
};

fn cloud() -> Cloud {
    Cloud::external_id("https://contoso.ciamlogin.com", ["login.contoso.com"]).unwrap()
}

/// What tokens of this host and tenant are issued by.
fn issuer(host: &str, tenant: &str) -> String {
    format!("https://{host}/{tenant}/v2.0")
}

/// The issuer that is seen in tokens.
fn usual() -> String {
    issuer(&format!("{TENANT}.ciamlogin.com"), TENANT)
}

fn issued_by(iss: &str) -> Value {
    with(&user(), &[("iss", json!(iss))])
}

fn check(claims: &Value, keys: &KeySet) -> Result<VerifiedToken, Rejection> {
    validator_in(cloud()).verify(&sign(claims), keys)
}

const TEMPLATE: &str = "https://{tenantid}.ciamlogin.com/{tenantid}/v2.0";

/// Its keys, of which nobody knows where they are from.
fn bare() -> KeySet {
    key_set(&key_document_with(&[("issuer", json!(TEMPLATE))]))
}

/// The same beside its metadata.
fn published() -> KeySet {
    bare().with_issuer(&usual())
}

#[test]
fn the_issuer_that_the_metadata_names_is_accepted() {
    let verified = check(&issued_by(&usual()), &published()).unwrap();
    assert_eq!(verified.principal().tenant().to_string(), TENANT);
    for host in [
        &format!("{TENANT}.ciamlogin.com"),
        "contoso.ciamlogin.com",
        "login.contoso.com",
    ] {
        for end in ["", "/"] {
            let iss = issuer(host, TENANT) + end;
            let named = bare().with_issuer(&iss);
            assert!(check(&issued_by(&iss), &named).is_ok(), "{iss}");
            // Without metadata any issuer on the pinned hosts is one.
            assert!(check(&issued_by(&iss), &bare()).is_ok(), "{iss}");
            if iss != usual() {
                let refusal = check(&issued_by(&iss), &published()).unwrap_err();
                assert_eq!(refusal.reason(), Reason::WrongIssuer, "{iss}");
                assert!(refusal.explain().contains("metadata"));
            }
        }
    }
}

#[test]
fn no_other_issuer_is_accepted_with_the_same_tenant() {
    for iss in [
        v2_issuer(TENANT),
        v1_issuer(TENANT),
        issuer("fabrikam.ciamlogin.com", TENANT),
        issuer(&format!("{OTHER_TENANT}.ciamlogin.com"), TENANT),
        issuer(&format!("{TENANT}.ciamlogin.com"), OTHER_TENANT),
        issuer("contoso.ciamlogin.com.evil.example", TENANT),
        issuer("evil.example", TENANT),
        format!("http://{TENANT}.ciamlogin.com/{TENANT}/v2.0"),
        usual().to_uppercase(),
        usual() + "//",
        issuer("contoso.ciamlogin.com", "contoso.onmicrosoft.com"),
    ] {
        for keys in [bare(), published()] {
            let refusal = reason(check(&issued_by(&iss), &keys));
            assert_eq!(refusal, Reason::WrongIssuer, "{iss}");
        }
    }
}

/// Somebody else's External ID, whose keys may be the very same.
#[test]
fn another_tenant_of_external_id_is_refused() {
    let theirs = issuer(&format!("{OTHER_TENANT}.ciamlogin.com"), OTHER_TENANT);
    let claims = with(&issued_by(&theirs), &[("tid", json!(OTHER_TENANT))]);
    assert_eq!(reason(check(&claims, &bare())), Reason::TenantNotAllowed);
    assert_eq!(reason(check(&claims, &published())), Reason::WrongIssuer);
    let mixed = with(&issued_by(&usual()), &[("tid", json!(OTHER_TENANT))]);
    assert_eq!(reason(check(&mixed, &published())), Reason::TenantMismatch);
}

#[test]
fn there_are_no_v1_tokens() {
    let claims = with(
        &issued_by(&usual()),
        &[("ver", json!("1.0")), ("appid", user()["azp"].clone())],
    );
    let refusal = check(&claims, &published()).unwrap_err();
    assert_eq!(refusal.reason(), Reason::WrongVersion);
    assert!(
        !refusal.explain().contains("needed ver 1.0"),
        "{}",
        refusal.explain()
    );
}

#[test]
fn a_key_of_another_service_or_tenant_signs_nothing() {
    for (own, expected) in [
        (usual(), true),
        (TEMPLATE.to_owned(), true),
        (issuer("contoso.ciamlogin.com", "{tenantid}"), true),
        (v2_issuer("{tenantid}"), false),
        (v2_issuer(TENANT), false),
        (
            issuer(&format!("{OTHER_TENANT}.ciamlogin.com"), OTHER_TENANT),
            false,
        ),
        (issuer("fabrikam.ciamlogin.com", "{tenantid}"), false),
    ] {
        let document = key_document_with(&[("issuer", json!(own))]);
        let keys = key_set(&document).with_issuer(&usual());
        match check(&issued_by(&usual()), &keys) {
            Ok(_) => assert!(expected, "{own}"),
            Err(refusal) => {
                assert!(!expected, "{own}");
                assert_eq!(refusal.reason(), Reason::KeyIssuerMismatch);
            }
        }
    }
}

#[test]
fn a_token_of_external_id_is_told_to_a_service_that_expects_another() {
    let refusal = validator()
        .verify(&sign(&issued_by(&usual())), &keys())
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::WrongIssuer);
    assert!(refusal.remedy().unwrap().contains("Cloud::external_id"));
    let refusal = check(&issued_by(&v2_issuer(TENANT)), &published()).unwrap_err();
    assert!(refusal.remedy().unwrap().contains("another cloud"));
}

#[test]
fn it_stands_in_a_policy_file() {
    let file = |cloud: Value| {
        json!({
            "cloud": cloud, "tenants": {"mode": "single", "tenant": TENANT}, "audiences": [API],
            "token_kinds": ["delegated"],
        })
        .to_string()
    };
    let external = json!({"external_id": {
        "authority": "https://contoso.ciamlogin.com", "hosts": ["login.contoso.com"],
    }});
    let policy = Policy::from_json(&file(external)).unwrap();
    assert_eq!(policy.validator().cloud(), &cloud());
    let policy = policy.with_validator(|validator: Validator| validator.with_clock(clock()));
    assert!(
        policy
            .check(&sign(&issued_by(&usual())), &published())
            .is_ok()
    );
    for (wrong, says) in [
        (
            json!({"external_id": {"hosts": []}}),
            "cloud.external_id.authority: is missing",
        ),
        (
            json!({"external_id": {"authority": "https://contoso.ciamlogin.com", "host": "x"}}),
            "cloud.external_id.host: unknown field; did you mean `hosts`?",
        ),
        (
            json!({"external_id": {"authority": "http://contoso.ciamlogin.com"}}),
            "https is needed",
        ),
        (
            json!({"external_id": {"authority": "https://login.microsoftonline.com"}}),
            "not of External ID",
        ),
    ] {
        let error = Policy::from_json(&file(wrong)).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}
