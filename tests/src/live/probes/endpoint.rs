//! Questions to endpoints that answer without a sign-in.

use reqwest::Method;

use crate::live::probe::{Verdict, verdict};
use crate::live::tenant::{Answer, Tenant};

const ORIGIN: &str = "http://localhost:3000";

fn allows(answer: &Answer) -> bool {
    let mut names = answer.headers.iter();
    names.any(|name| name == "access-control-allow-origin")
}

pub(in crate::live) async fn key_set_cors(tenant: &Tenant<'_>) -> Verdict {
    let path = "/discovery/v2.0/keys";
    let answer = tenant.send(Method::GET, path, &[("origin", ORIGIN)]).await;
    verdict(answer, |answer| match (answer.status, allows(answer)) {
        (200, true) => Some("readable"),
        (200, false) => Some("not-readable"),
        _ => None,
    })
}

pub(in crate::live) async fn token_preflight(tenant: &Tenant<'_>) -> Verdict {
    let headers = [
        ("origin", ORIGIN),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "x-client-sku"),
    ];
    let path = "/oauth2/v2.0/token";
    let answer = tenant.send(Method::OPTIONS, path, &headers).await;
    verdict(answer, |answer| match allows(answer) {
        true => Some("any-origin"),
        false => Some("no-cors"),
    })
}

pub(in crate::live) async fn origin(tenant: &Tenant<'_>) -> Verdict {
    let scope = format!("{}/.default", tenant.settings.api_uri);
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", tenant.settings.api.as_str()),
        ("client_secret", tenant.settings.api_secret.as_str()),
        ("scope", scope.as_str()),
    ];
    let answer = tenant.token_from(&form, Some(ORIGIN)).await;
    verdict(answer, |answer| match (answer.code(), allows(answer)) {
        (Some(9_002_326), true) => Some("refused-readable"),
        (Some(9_002_326), false) => Some("refused"),
        (None, _) if answer.status == 200 => Some("answered"),
        _ => None,
    })
}

pub(in crate::live) async fn unknown_device_code(tenant: &Tenant<'_>) -> Verdict {
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", tenant.settings.client.as_str()),
        ("device_code", "never-issued"),
    ];
    verdict(tenant.token(&form).await, |answer| match answer.code() {
        Some(70018) => Some("70018"),
        Some(9_002_313) => Some("9002313"),
        Some(70000) => Some("70000"),
        _ => None,
    })
}

pub(in crate::live) async fn device_code_flow(tenant: &Tenant<'_>) -> Verdict {
    let Some(answer) = tenant.device.clone() else {
        return Verdict::NotAvailable("it was not asked for: --device-code");
    };
    verdict(Ok(answer), |answer| match answer.code() {
        Some(53003) => Some("blocked-53003"),
        None if answer.status == 200 => Some("allowed"),
        _ => None,
    })
}
