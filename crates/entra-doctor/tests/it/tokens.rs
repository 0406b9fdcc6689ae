//! What the claims of a token lead to.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entra_claims::{KindGuess, PrincipalKind};
use entra_doctor::{InputError, Report, Severity, TokenReport};
use serde_json::{Value, json};

const NOW: i64 = 1_800_000_000;
const TENANT: &str = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";
const ME: &str = "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb";

fn user() -> Value {
    json!({
        "aud": "11112222-bbbb-3333-cccc-4444dddd5555",
        "iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0"),
        "tid": TENANT,
        "oid": ME,
        "sub": "pairwise",
        "azp": "22223333-cccc-4444-dddd-5555eeee6666",
        "scp": "access_as_user Files.Read",
        "iat": NOW - 60,
        "nbf": NOW - 60,
        "exp": NOW + 3_540,
        "ver": "2.0",
    })
}

fn app() -> Value {
    let mut claims = user();
    let object = claims.as_object_mut().unwrap();
    object.remove("scp");
    object.insert("sub".to_owned(), json!(ME));
    object.insert("roles".to_owned(), json!(["Files.Read.All"]));
    claims
}

/// `claims` with these members set, or removed where null.
fn with(mut claims: Value, changes: Value) -> Value {
    let object = claims.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            object.remove(name);
        } else {
            object.insert(name.clone(), value.clone());
        }
    }
    claims
}

fn signed_by(header: &Value, claims: &Value) -> TokenReport {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signature = URL_SAFE_NO_PAD.encode([7; 256]);
    let token = format!("{}.{}.{signature}", encode(header), encode(claims));
    TokenReport::read(&token, NOW).unwrap()
}

fn report(claims: &Value) -> TokenReport {
    signed_by(&json!({ "alg": "RS256", "typ": "JWT" }), claims)
}

fn codes(report: &TokenReport) -> Vec<&'static str> {
    report
        .findings()
        .iter()
        .map(|finding| finding.code().as_str())
        .collect()
}

#[test]
fn good_tokens_have_no_findings() {
    for claims in [user(), app()] {
        let report = report(&claims);
        assert!(codes(&report).is_empty(), "{:?}", report.findings());
        assert!(report.is_fine());
    }
}

#[test]
fn each_finding_has_its_claims() {
    for (claims, code, severity) in [
        (
            with(user(), json!({ "exp": NOW })),
            "expired",
            Severity::Problem,
        ),
        (
            with(user(), json!({ "exp": null })),
            "no_expiry",
            Severity::Problem,
        ),
        (
            with(user(), json!({ "nbf": NOW + 1 })),
            "not_yet_valid",
            Severity::Problem,
        ),
        (
            with(user(), json!({ "iss": null })),
            "no_issuer",
            Severity::Problem,
        ),
        (
            with(user(), json!({ "iss": "https://evil.example/" })),
            "issuer_unknown",
            Severity::Remark,
        ),
        (
            with(
                user(),
                json!({ "tid": "9188040d-6c67-4c5b-b112-36a304b66dad" }),
            ),
            "tenant_mismatch",
            Severity::Problem,
        ),
        (
            with(user(), json!({ "at_hash": "x" })),
            "id_token",
            Severity::Problem,
        ),
        (
            with(user(), json!({ "azp": null, "scp": null })),
            "id_token",
            Severity::Problem,
        ),
        (
            with(app(), json!({ "roles": null })),
            "app_without_role",
            Severity::Remark,
        ),
        (
            with(user(), json!({ "idtyp": "app" })),
            "unclear",
            Severity::Remark,
        ),
        (
            with(user(), json!({ "scp": null })),
            "unclear",
            Severity::Remark,
        ),
        (
            with(user(), json!({ "_claim_names": { "groups": "src1" } })),
            "groups_overage",
            Severity::Remark,
        ),
        (
            with(user(), json!({ "hasgroups": true })),
            "groups_overage",
            Severity::Remark,
        ),
    ] {
        let report = report(&claims);
        assert_eq!(codes(&report), [code], "{claims}");
        let finding = &report.findings()[0];
        assert_eq!(finding.severity(), severity, "{code}");
        assert!(!finding.message().is_empty());
        assert_eq!(report.is_fine(), severity == Severity::Remark);
    }
    // The last second before either bound.
    let edge = with(user(), json!({ "exp": NOW + 1, "nbf": NOW }));
    assert!(codes(&report(&edge)).is_empty());
}

#[test]
fn the_header_has_findings_of_its_own() {
    for (header, code) in [
        (json!({ "alg": "none" }), "unsigned"),
        (json!({ "alg": "NONE" }), "unsigned"),
        (json!({ "alg": "HS256" }), "algorithm"),
        (json!({ "typ": "JWT" }), "algorithm"),
        (json!({ "alg": "RS256", "nonce": "x" }), "graph_token"),
    ] {
        assert_eq!(codes(&signed_by(&header, &user())), [code], "{header}");
    }
}

#[test]
fn a_token_that_was_cut_off_is_still_told() {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = json!({ "alg": "RS256" });
    let cut = format!("{}.{}.c2lnx", encode(&header), encode(&user()));
    let report = TokenReport::read(&cut, NOW).unwrap();
    assert_eq!(codes(&report), ["signature_form"]);
    assert_eq!(report.kind(), KindGuess::Access(PrincipalKind::User));
}

#[test]
fn problems_come_first() {
    let claims = with(
        app(),
        json!({ "roles": null, "exp": NOW - 7_200, "hasgroups": true }),
    );
    let report = report(&claims);
    assert_eq!(
        codes(&report),
        ["expired", "app_without_role", "groups_overage"]
    );
    assert!(report.findings()[0].message().contains("2 hours ago"));
}

#[test]
fn the_kind_of_caller_is_guessed_from_the_claims() {
    let agent_actor = json!({ "xms_act_fct": "9 3 11" });
    for (claims, kind) in [
        (user(), "user"),
        (with(user(), json!({ "idtyp": "user" })), "user"),
        (app(), "app"),
        (with(app(), json!({ "idtyp": "app" })), "app"),
        (
            with(app(), json!({ "idtyp": "app", "sub": "other" })),
            "app",
        ),
        (with(app(), agent_actor.clone()), "agent"),
        (
            with(app(), json!({ "idtyp": "app", "xms_sub_fct": "1 11" })),
            "agent",
        ),
        (with(user(), agent_actor), "agent-for-user"),
        (
            with(
                user(),
                json!({ "xms_par_app_azp": "33334444-dddd-5555-eeee-6666ffff7777" }),
            ),
            "agent-for-user",
        ),
        (
            with(user(), json!({ "xms_sub_fct": "2 13" })),
            "agent-user-account",
        ),
        (with(user(), json!({ "xms_sub_fct": "1 11" })), "unclear"),
        (with(app(), json!({ "xms_sub_fct": "2 13" })), "unclear"),
        (with(user(), json!({ "c_hash": "x" })), "id-token"),
        (with(user(), json!({ "idtyp": "App" })), "unclear"),
    ] {
        let json: Value = serde_json::from_str(&report(&claims).to_json()).unwrap();
        assert_eq!(json["caller"], kind, "{claims}");
    }
}

#[test]
fn the_audience_is_named_where_it_is_known() {
    let told = |aud: &str| report(&with(user(), json!({ "aud": aud }))).to_json();
    assert!(told("https://management.azure.com/").contains("for Azure Resource Manager"));
    assert!(told("00000003-0000-0000-c000-000000000000").contains("for Microsoft Graph"));
    let shared = told("18a66f5f-dbdf-4c17-9dd7-1634712a9cbe");
    assert!(
        shared.contains("Microsoft Foundry, Azure Machine Learning"),
        "{shared}"
    );
    assert!(told("11112222-bbbb-3333-cccc-4444dddd5555").contains("this client id"));
    assert!(told("api://contoso").contains("App ID URI"));
    assert!(told("contoso").contains("neither"));
}

#[test]
fn the_issuer_is_placed() {
    let told = |iss: &str| report(&with(user(), json!({ "iss": iss }))).to_json();
    assert!(
        told(&format!("https://login.microsoftonline.us/{TENANT}/v2.0"))
            .contains("a v2 issuer of AzureUsGovernment")
    );
    assert!(
        told(&format!("https://sts.chinacloudapi.cn/{TENANT}/"))
            .contains("a v1 issuer of AzureChina")
    );
    assert!(
        told(&format!("https://sts.windows.net/{TENANT}/")).contains("public or the US Government")
    );
    assert!(told(&format!("http://localhost:8080/{TENANT}/v2.0")).contains("a local Entra ID"));
}

#[test]
fn what_is_no_token_is_an_error_without_the_text() {
    assert_eq!(TokenReport::read("", NOW).unwrap_err(), InputError::Nothing);
    assert!(TokenReport::read("Bearer", NOW).is_err());
    let error = TokenReport::read("hunter2.hunter2.hunter2", NOW).unwrap_err();
    assert!(matches!(error, InputError::NotAToken { .. }));
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}

#[test]
fn a_short_signature_is_a_token_that_was_cut_off() {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    for (alg, length, severity) in [
        ("RS256", 0, Some(Severity::Problem)),
        ("RS256", 255, Some(Severity::Problem)),
        ("RS256", 256, None),
        ("RS256", 383, Some(Severity::Remark)),
        ("RS256", 384, None),
        ("RS256", 512, None),
        ("HS256", 32, None),
    ] {
        let head = encode(&json!({ "alg": alg }));
        let signature = URL_SAFE_NO_PAD.encode(vec![7; length]);
        let token = format!("{head}.{}.{signature}", encode(&user()));
        let report = TokenReport::read(&token, NOW).unwrap();
        let finding = report
            .findings()
            .iter()
            .find(|finding| finding.code() == entra_doctor::Code::SignatureLength);
        let found = finding.map(entra_doctor::Finding::severity);
        assert_eq!(found, severity, "{alg} {length}");
        let says = format!("has {length} bytes: the token was cut off");
        assert!(finding.is_none_or(|finding| finding.message().contains(&says)));
    }
}

#[test]
fn what_was_pasted_instead_of_a_token_is_told() {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signature = URL_SAFE_NO_PAD.encode([7; 256]);
    let whole = format!(
        "{}.{}.{signature}",
        encode(&json!({ "alg": "RS256" })),
        encode(&user())
    );
    let (start, end) = whole.split_at(60);
    let (body, tail) = whole.split_at(whole.len() - 20);
    for (text, says) in [
        ("sk-0123456789".to_owned(), "may be an API key"),
        (format!("{whole}\n{whole}"), "blanks or line breaks"),
        (format!("{whole} {whole}"), "blanks or line breaks"),
        ("0.AXsAx.AgABx".to_owned(), "refresh tokens look like this"),
        ("1.AXsAxAgABx".to_owned(), "refresh tokens look like this"),
    ] {
        let error = TokenReport::read(&text, NOW).unwrap_err();
        assert_eq!(error.code(), "not_a_token");
        assert!(error.to_string().contains(says), "{says}: {error}");
    }
    // What holds one token is read.
    for text in [
        body.rsplit_once('.').unwrap().0.to_owned(),
        format!("{{\"access_token\":\"{whole}\"}}"),
        format!("{{'token_type': 'Bearer', 'access_token': '{whole}'}}"),
        format!("{start}\n{end}"),
        format!("{body}\r\n  {tail}"),
        format!("authorization: Bearer Bearer {whole}"),
        user().to_string(),
        format!("{{\"alg\":\"RS256\"}}.{}.[Signature]", user()),
    ] {
        let report = TokenReport::read(&text, NOW).unwrap();
        assert!(
            report.to_json().contains(user()["aud"].as_str().unwrap()),
            "{text}"
        );
    }
}

#[test]
fn the_audience_of_an_id_token_is_the_client() {
    let told = report(&with(user(), json!({ "c_hash": "x" }))).to_json();
    assert!(told.contains("the client application that"), "{told}");
    assert!(!told.contains("for the API with this client id"), "{told}");
}
