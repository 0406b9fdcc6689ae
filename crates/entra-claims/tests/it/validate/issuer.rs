use entra_claims::{Reason, TenantPolicy, Validator};
use foundry_scopes::{ClientId, Cloud};
use serde_json::{Value, json};

use crate::support::{
    API, OTHER_TENANT, TENANT, clock, keys, reason, refused, sign, tenant, text_claim_is_checked,
    user, user_v1, v1_issuer, v2_issuer, verify, with,
};

#[test]
fn both_versions_of_a_tenants_tokens_are_accepted() {
    assert!(verify(&user()).is_ok());
    assert!(verify(&user_v1()).is_ok());
}

#[test]
fn issuer_tenant_and_version_are_required_texts() {
    text_claim_is_checked(&user(), "iss", Reason::MissingClaim, Reason::WrongIssuer);
    text_claim_is_checked(&user(), "tid", Reason::MissingClaim, Reason::TenantMismatch);
    text_claim_is_checked(&user(), "ver", Reason::MissingClaim, Reason::WrongVersion);
}

#[test]
fn the_issuer_is_compared_byte_for_byte() {
    for issuer in [
        format!("{}/", v2_issuer(TENANT)),
        format!("{}?x", v2_issuer(TENANT)),
        format!(" {}", v2_issuer(TENANT)),
        v2_issuer(&TENANT.to_uppercase()),
        v2_issuer("{tenantid}"),
        v2_issuer("common"),
        format!("https://login.microsoftonline.com.evil.example/{TENANT}/v2.0"),
        format!("http://login.microsoftonline.com/{TENANT}/v2.0"),
        format!("HTTPS://login.microsoftonline.com/{TENANT}/v2.0"),
        format!("https://login.microsoftonline.us/{TENANT}/v2.0"),
        format!("https://login.windows-ppe.net/{TENANT}/v2.0"),
        format!("https://evil.example/?{}", v2_issuer(TENANT)),
        format!("https://login.microsoftonline.com/{TENANT}"),
        format!("https://login.microsoftonline.com/{TENANT}/{TENANT}/v2.0"),
    ] {
        let claims = with(&user(), &[("iss", json!(issuer))]);
        assert_eq!(refused(&claims), Reason::WrongIssuer, "{issuer}");
    }
    for issuer in [
        format!("https://sts.windows.net/{TENANT}"),
        format!("https://sts.chinacloudapi.cn/{TENANT}/"),
        format!("https://sts.windows.net/{}/", TENANT.to_uppercase()),
    ] {
        let claims = with(&user_v1(), &[("iss", json!(issuer))]);
        assert_eq!(refused(&claims), Reason::WrongIssuer, "{issuer}");
    }
}

#[test]
fn the_version_goes_with_the_issuer() {
    let claims = with(&user(), &[("ver", json!("1.0"))]);
    assert_eq!(refused(&claims), Reason::WrongVersion);
    let claims = with(&user_v1(), &[("ver", json!("2.0"))]);
    assert_eq!(refused(&claims), Reason::WrongVersion);
    for ver in ["3.0", "2", "2.0 ", "1.1"] {
        let claims = with(&user(), &[("ver", json!(ver))]);
        assert_eq!(refused(&claims), Reason::WrongVersion, "{ver}");
    }
}

#[test]
fn the_tenant_is_the_issuers() {
    for base in [user(), user_v1()] {
        for tid in [
            OTHER_TENANT.to_owned(),
            TENANT.to_uppercase(),
            TENANT.replace('-', ""),
            format!("{{{TENANT}}}"),
            "https://login.microsoftonline.com/common/".to_owned(),
        ] {
            let claims = with(&base, &[("tid", json!(tid))]);
            assert_eq!(refused(&claims), Reason::TenantMismatch, "{tid}");
        }
    }
}

#[test]
fn another_tenants_token_is_refused_even_with_a_good_signature() {
    for (issuer, base) in [
        (v2_issuer(OTHER_TENANT), user()),
        (v1_issuer(OTHER_TENANT), user_v1()),
    ] {
        let claims = with(
            &base,
            &[("iss", json!(issuer)), ("tid", json!(OTHER_TENANT))],
        );
        assert_eq!(refused(&claims), Reason::TenantNotAllowed);
    }
}

#[test]
fn an_allow_list_accepts_its_tenants_and_no_other() {
    let policy = TenantPolicy::allow_list([tenant(OTHER_TENANT), tenant(TENANT)]).unwrap();
    let audiences = entra_claims::AcceptedAudiences::for_client(ClientId::parse(API).unwrap());
    let validator = Validator::new(Cloud::public(), policy, audiences).with_clock(clock());
    let third = "9188040d-6c67-4c5b-b112-36a304b66dad";
    for (tid, expected) in [
        (TENANT, None),
        (OTHER_TENANT, None),
        (third, Some(Reason::TenantNotAllowed)),
    ] {
        let claims = with(
            &user(),
            &[("iss", json!(v2_issuer(tid))), ("tid", json!(tid))],
        );
        let result = validator.verify(&sign(&claims), &keys());
        assert_eq!(result.err().map(|r| r.reason()), expected, "{tid}");
    }
    assert_eq!(validator.tenants().listed().unwrap().len(), 2);
}

#[test]
fn the_v2_issuer_of_a_cloud_keeps_other_clouds_out() {
    let gov = crate::support::validator_in(Cloud::us_government());
    assert_eq!(
        reason(gov.verify(&sign(&user()), &keys())),
        Reason::WrongIssuer
    );
}

#[test]
fn a_tenant_under_the_long_claim_name_is_no_tid() {
    let long = "http://schemas.microsoft.com/identity/claims/tenantid";
    let claims = with(&user(), &[("tid", Value::Null), (long, json!(TENANT))]);
    assert_eq!(refused(&claims), Reason::MissingClaim);
}

fn explained(validator: &Validator, iss: &str, tid: &str) -> String {
    let claims = with(&user(), &[("iss", json!(iss)), ("tid", json!(tid))]);
    let refused = validator.verify(&sign(&claims), &keys());
    refused.unwrap_err().explain()
}

#[test]
fn another_issuer_is_explained_with_the_tenant_and_the_cloud() {
    let public = crate::support::validator();
    let local = Cloud::loopback("http://localhost:8080").unwrap();
    let local = crate::support::validator_in(local);
    for (validator, iss, says) in [
        (
            &public,
            format!("https://login.microsoftonline.us/{TENANT}/v2.0"),
            "pass that cloud to Validator::new",
        ),
        (
            &public,
            format!("https://sts.chinacloudapi.cn/{TENANT}/"),
            "pass that cloud to Validator::new",
        ),
        (
            &public,
            format!("http://localhost:8080/{TENANT}/v2.0"),
            "in development, and only there, pass Cloud::loopback",
        ),
        (
            &local,
            format!("http://127.0.0.1:9/{TENANT}/v2.0"),
            "at another address",
        ),
        (
            &local,
            v2_issuer(TENANT),
            "pass that cloud to Validator::new",
        ),
        (
            &public,
            format!("http://localhost.evil.example/{TENANT}/v2.0"),
            "byte for byte",
        ),
        (&public, "https://evil.example/".to_owned(), "byte for byte"),
    ] {
        let line = explained(validator, &iss, TENANT);
        assert!(line.starts_with("wrong_issuer"), "{line}");
        assert!(line.contains(says), "{iss}: {line}");
        assert!(!line.contains("{tenantid}"), "{line}");
    }
    let line = explained(&public, "x", TENANT);
    let needed = format!("needed {} or {}", v1_issuer(TENANT), v2_issuer(TENANT));
    assert!(line.contains(&needed), "{line}");
}

#[test]
fn the_configured_tenants_are_named_up_to_a_few() {
    let third = "9188040d-6c67-4c5b-b112-36a304b66dad";
    let line = explained(&crate::support::validator(), &v2_issuer(third), third);
    assert!(line.starts_with("tenant_not_allowed"), "{line}");
    assert!(line.contains(&format!("needed tenant {TENANT};")), "{line}");
    let many = (1..=5).map(foundry_scopes::TenantId::from_u128);
    let policy = TenantPolicy::allow_list(many).unwrap();
    let audiences = entra_claims::AcceptedAudiences::for_client(ClientId::parse(API).unwrap());
    let validator = Validator::new(Cloud::public(), policy, audiences).with_clock(clock());
    let line = explained(&validator, &v2_issuer(third), third);
    assert!(
        line.contains("0003 or one of 2 more") && !line.contains("0004"),
        "{line}"
    );
}

fn of(tid: &str, base: &Value, issuer: String) -> Value {
    with(base, &[("iss", json!(issuer)), ("tid", json!(tid))])
}

fn open(policy: TenantPolicy) -> Validator {
    let audiences = entra_claims::AcceptedAudiences::for_client(ClientId::parse(API).unwrap());
    Validator::new(Cloud::public(), policy, audiences).with_clock(clock())
}

#[test]
fn open_policies_differ_in_personal_accounts_alone() {
    let personal = "9188040d-6c67-4c5b-b112-36a304b66dad";
    let (work, any) = (
        open(TenantPolicy::any_work_or_school_tenant()),
        open(TenantPolicy::any_tenant_including_personal_accounts()),
    );
    let outcome = |validator: &Validator, claims: &Value| {
        let result = validator.verify(&sign(claims), &keys());
        result.err().map(|refusal| refusal.reason())
    };
    for tid in [TENANT, OTHER_TENANT] {
        for claims in [
            of(tid, &user(), v2_issuer(tid)),
            of(tid, &user_v1(), v1_issuer(tid)),
        ] {
            assert_eq!(outcome(&work, &claims), None, "{tid}");
            assert_eq!(outcome(&any, &claims), None, "{tid}");
        }
    }
    let claims = of(personal, &user(), v2_issuer(personal));
    assert_eq!(outcome(&work, &claims), Some(Reason::TenantNotAllowed));
    assert_eq!(outcome(&any, &claims), None);
    // Personal accounts have v2 tokens only.
    let claims = of(personal, &user_v1(), v1_issuer(personal));
    assert_eq!(outcome(&any, &claims), Some(Reason::WrongVersion));
    // Any tenant is not any claim of a tenant.
    let mixed = of(OTHER_TENANT, &user(), v2_issuer(TENANT));
    assert_eq!(outcome(&any, &mixed), Some(Reason::TenantMismatch));
    let elsewhere = of(
        TENANT,
        &user(),
        format!("https://evil.example/{TENANT}/v2.0"),
    );
    assert_eq!(outcome(&any, &elsewhere), Some(Reason::WrongIssuer));
}

#[test]
fn tokens_of_b2c_are_refused_by_name() {
    let host = format!("https://fabrikamb2c.b2clogin.com/{TENANT}/v2.0/");
    let flow = format!("https://login.fabrikam.example/tfp/{TENANT}/b2c_1_susi/v2.0/");
    for claims in [
        with(&user(), &[("iss", json!(host))]),
        with(&user(), &[("iss", json!(host)), ("tid", Value::Null)]),
        with(&user(), &[("iss", json!(flow))]),
        with(
            &user(),
            &[
                (
                    "iss",
                    json!(format!("https://login.fabrikam.example/{TENANT}/v2.0/")),
                ),
                ("tfp", json!("B2C_1_susi")),
            ],
        ),
    ] {
        assert_eq!(refused(&claims), Reason::AzureAdB2c, "{claims}");
    }
    // A claim alone makes no B2C token of one that Entra ID issued.
    assert!(verify(&with(&user(), &[("tfp", json!("b2c_1_susi"))])).is_ok());
    let other = with(
        &user(),
        &[("iss", json!("https://b2clogin.com.evil.example/"))],
    );
    assert_eq!(refused(&other), Reason::WrongIssuer);
}

#[test]
fn a_version_can_be_left_out() {
    use entra_claims::TokenVersion::{V1, V2};
    for (version, good, other) in [(V1, user_v1(), user()), (V2, user(), user_v1())] {
        let only = crate::support::validator()
            .with_versions([version])
            .unwrap();
        assert!(only.verify(&sign(&good), &keys()).is_ok());
        let refusal = reason(only.verify(&sign(&other), &keys()));
        assert_eq!(refusal, Reason::VersionNotAccepted);
    }
    assert!(crate::support::validator().with_versions([]).is_err());
}
