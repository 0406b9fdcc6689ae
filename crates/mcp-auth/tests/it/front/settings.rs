//! Settings: what is refused, with which words, and that nothing is guessed.

use mcp_auth::{EntraApp, EntraSettings};

const TENANT: &str = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";
const API: &str = "11112222-bbbb-3333-cccc-4444dddd5555";

fn with(more: &[(&str, &str)]) -> Result<EntraApp, mcp_auth::EntraAppError> {
    let base = [("AZURE_TENANT_ID", TENANT), ("AZURE_CLIENT_ID", API)];
    // A later variable replaces one of the base.
    let replaced = |name: &str| more.iter().any(|(other, _)| *other == name);
    let base = base.into_iter().filter(|(name, _)| !replaced(name));
    EntraApp::from_variables(base.chain(more.iter().copied()))
}

fn refusal(more: &[(&str, &str)]) -> String {
    with(more).unwrap_err().to_string()
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let error = EntraApp::from_variables([
        ("AZURE_TENANT_ID", "contoso.onmicrosoft.com"),
        (
            "AZURE_CLIENT_ID",
            "api://11112222-bbbb-3333-cccc-4444dddd5555",
        ),
        ("AZURE_AUTHORITY_HOST", "https://login.evil.example"),
        ("ENTRA_IDENTIFIER_URI", "not a uri"),
        ("ENTRA_HTTPS_PROXY", "socks://user:hunter2@proxy"),
    ])
    .unwrap_err();
    let settings: Vec<_> = error
        .mistakes()
        .map(|one| one.setting().to_owned())
        .collect();
    assert_eq!(
        settings,
        [
            "AZURE_TENANT_ID",
            "AZURE_CLIENT_ID",
            "AZURE_AUTHORITY_HOST",
            "ENTRA_IDENTIFIER_URI",
            "ENTRA_HTTPS_PROXY"
        ]
    );
    let text = format!("{error:?}");
    assert!(text.contains("is a domain"), "{text}");
    assert!(text.contains("without `api://`"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn names_of_many_tenants_are_refused_by_name() {
    for name in ["common", "organizations", "consumers", "COMMON"] {
        let text = refusal(&[("AZURE_TENANT_ID", name)]);
        assert!(
            text.contains(&format!("`{name}` names no single tenant")),
            "{text}"
        );
    }
}

#[test]
fn the_platform_may_own_the_client_id() {
    let own = "22223333-bbbb-3333-cccc-4444dddd5555";
    let app = with(&[("ENTRA_CLIENT_ID", own)]).unwrap();
    assert_eq!(app.client_id().to_string(), own);
    assert_eq!(app.identifier_uri().as_str(), format!("api://{own}"));
    // Deployment templates leave a variable out by making it empty.
    let app = with(&[("ENTRA_CLIENT_ID", " ")]).unwrap();
    assert_eq!(app.client_id().to_string(), API);
}

#[test]
fn authorities_are_known_ones_or_local() {
    for (host, issuer) in [
        (
            "https://login.microsoftonline.us",
            format!("https://login.microsoftonline.us/{TENANT}/v2.0"),
        ),
        (
            "login.partner.microsoftonline.cn/",
            format!("https://login.partner.microsoftonline.cn/{TENANT}/v2.0"),
        ),
        (
            "https://contoso.ciamlogin.com/",
            format!("https://{TENANT}.ciamlogin.com/{TENANT}/v2.0"),
        ),
        (
            "http://127.0.0.1:8080",
            format!("http://127.0.0.1:8080/{TENANT}/v2.0"),
        ),
    ] {
        let app = with(&[("AZURE_AUTHORITY_HOST", host)]).unwrap();
        assert_eq!(app.authority().issuer_v2(), issuer, "{host}");
    }
    for (host, why) in [
        ("https://login.evil.example", "is no authority of Entra ID"),
        ("http://login.microsoftonline.com", "is not https"),
        ("https://login.microsoftonline.com/common", "has a path"),
        (
            "http://localhost.evil.example:8080",
            "is plain http, which is for loopback only",
        ),
    ] {
        let text = refusal(&[("AZURE_AUTHORITY_HOST", host)]);
        assert!(text.contains(why), "{host}: {text}");
    }
}

#[test]
fn a_guard_needs_no_credential_and_calling_on_needs_one() {
    let app = with(&[]).unwrap();
    assert!(app.guard("orders.read").is_ok());
    let text = app.exchange().unwrap_err().to_string();
    for name in [
        "AZURE_CLIENT_CERTIFICATE_PATH",
        "AZURE_FEDERATED_TOKEN_FILE",
        "AZURE_CLIENT_SECRET",
        "managed-identity",
    ] {
        assert!(text.contains(name), "{text}");
    }
}

#[test]
fn of_two_credentials_none_is_guessed() {
    let both = [
        ("AZURE_CLIENT_SECRET", "s3cr3t"),
        ("AZURE_FEDERATED_TOKEN_FILE", "/run/token"),
    ];
    let app = with(&both).unwrap();
    let text = app.exchange().unwrap_err().to_string();
    assert!(
        text.contains("AZURE_FEDERATED_TOKEN_FILE, AZURE_CLIENT_SECRET: only one may be set"),
        "{text}"
    );
    assert!(
        text.contains("ENTRA_CREDENTIAL=federated or ENTRA_CREDENTIAL=secret"),
        "{text}"
    );
    assert!(!text.contains("s3cr3t"), "{text}");

    let chosen = [both[0], both[1], ("ENTRA_CREDENTIAL", "secret")];
    assert!(with(&chosen).unwrap().exchange().is_ok());
    let text = with(&[("ENTRA_CREDENTIAL", "certificate")]).unwrap();
    let text = text.exchange().unwrap_err().to_string();
    assert!(
        text.contains("AZURE_CLIENT_CERTIFICATE_PATH: missing"),
        "{text}"
    );
    let text = with(&[("ENTRA_CREDENTIAL", "password")]).unwrap();
    let text = text.exchange().unwrap_err().to_string();
    assert!(
        text.contains("certificate, federated, managed-identity or secret"),
        "{text}"
    );
}

#[test]
fn a_managed_identity_is_chosen_and_never_detected() {
    // What App Service sets for every app that has any identity.
    let platform = [
        ("IDENTITY_ENDPOINT", "http://127.0.0.1:1/msi/token"),
        ("IDENTITY_HEADER", "h"),
    ];
    assert!(with(&platform).unwrap().exchange().is_err());
    let chosen = [("ENTRA_CREDENTIAL", "managed-identity")];
    assert!(with(&chosen).unwrap().exchange().is_ok());
    let named = [("ENTRA_MANAGED_IDENTITY_CLIENT_ID", API)];
    assert!(with(&named).unwrap().exchange().is_ok());
    let with_secret = [named[0], ("AZURE_CLIENT_SECRET", "s")];
    let text = with(&with_secret)
        .unwrap()
        .exchange()
        .unwrap_err()
        .to_string();
    assert!(text.contains("only one may be set"), "{text}");
}

#[test]
fn a_missing_certificate_is_named_with_its_path() {
    let app = with(&[("AZURE_CLIENT_CERTIFICATE_PATH", "/nowhere/client.pem")]).unwrap();
    let text = app.exchange().unwrap_err().to_string();
    assert!(text.contains("AZURE_CLIENT_CERTIFICATE_PATH"), "{text}");
    assert!(text.contains("/nowhere/client.pem"), "{text}");
}

#[test]
fn secrets_do_not_print() {
    let app = with(&[("AZURE_CLIENT_SECRET", "s3cr3t-value")]).unwrap();
    let shown = format!("{app:?} {:?}", app.exchange());
    assert!(!shown.contains("s3cr3t"), "{shown}");
}

#[test]
fn scopes_are_written_as_text_and_are_one_of_this_app() {
    let app = with(&[("ENTRA_IDENTIFIER_URI", "api://orders")]).unwrap();
    assert!(app.guard("orders.read").is_ok());
    assert!(app.guard("api://orders/orders.read").is_ok());
    for (text, why) in [
        (
            "api://other/orders.read",
            "not under this app's identifier URI api://orders",
        ),
        ("orders.read orders.write", "one scope is needed"),
        (".default", "no token carries"),
        ("", "scope"),
    ] {
        let error = app.guard(text).unwrap_err().to_string();
        assert!(error.contains(why), "{text}: {error}");
    }
}

#[test]
fn a_file_says_the_same_as_the_environment() {
    let read = |text: &str| serde_json::from_str::<EntraSettings>(text);
    let settings = read(&format!(
        r#"{{"tenant": "{TENANT}", "client_id": "{API}", "cloud": "usgov", "credential": {{"federated_token_file": "/run/token"}}}}"#
    ));
    let app = EntraApp::from_settings(settings.unwrap()).unwrap();
    assert!(
        app.authority()
            .issuer_v2()
            .starts_with("https://login.microsoftonline.us/")
    );
    assert!(app.exchange().is_ok());

    let error = EntraApp::from_settings(read(r#"{"tenant": "common"}"#).unwrap()).unwrap_err();
    let settings: Vec<_> = error
        .mistakes()
        .map(|one| one.setting().to_owned())
        .collect();
    assert_eq!(settings, ["entra.tenant", "entra.client_id"]);
    // A secret has no place in a file that is read by many.
    assert!(read(r#"{"secret": "s"}"#).is_err());
    assert!(read(r#"{"credential": {"secret": "s"}}"#).is_err());
}

#[test]
fn a_misspelt_or_empty_variable_is_named_beside_the_one_that_is_missing() {
    for (set, hint) in [
        ("AZURE_TENANTID", "AZURE_TENANTID is set: is it misspelt?"),
        ("ENTRA_TENANT_ID", "ENTRA_TENANT_ID is set: is it misspelt?"),
        (
            "AZURE_TENNANT_ID",
            "AZURE_TENNANT_ID is set: is it misspelt?",
        ),
        ("AZURE_TENANT", "AZURE_TENANT is set: is it misspelt?"),
    ] {
        let error = EntraApp::from_variables([(set, TENANT), ("AZURE_CLIENT_ID", API)]);
        let text = error.unwrap_err().to_string();
        assert!(text.starts_with("AZURE_TENANT_ID: missing"), "{text}");
        assert!(text.ends_with(hint), "{text}");
    }
    let text = refusal(&[("AZURE_TENANT_ID", " ")]);
    assert!(
        text.ends_with("AZURE_TENANT_ID is set, and empty"),
        "{text}"
    );
    // Neither another setting nor a variable of another program is taken for it.
    for other in ["AZURE_AUTHORITY_HOST", "GITHUB_TENANT_ID", "HOME"] {
        let value = "https://login.microsoftonline.com";
        let text = EntraApp::from_variables([(other, value), ("AZURE_CLIENT_ID", API)]);
        let text = text.unwrap_err().to_string();
        assert!(!text.contains("misspelt"), "{text}");
    }
    // No value of a misspelt secret is shown.
    let app = with(&[("AZURE_CLIENT_SECRT", "hunter2")]).unwrap();
    let text = app.exchange().unwrap_err().to_string();
    assert!(text.contains("AZURE_CLIENT_SECRT is set"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn a_scope_in_the_identifier_uri_is_named() {
    let app = with(&[("ENTRA_IDENTIFIER_URI", "api://orders/orders.read")]).unwrap();
    let text = app.guard("orders.read").unwrap_err().to_string();
    assert!(
        text.ends_with("write the Application ID URI alone, api://orders"),
        "{text}"
    );
    assert!(app.guard("orders.write").is_ok());
    let app = with(&[("ENTRA_IDENTIFIER_URI", "api://contoso/orders")]).unwrap();
    assert!(app.guard("orders").is_ok());
}
