//! Questions to the token endpoint.

use crate::live::probe::{Verdict, seen, verdict};
use crate::live::tenant::{Answer, LiveError, Tenant};

/// A text with the form of a token and no meaning.
const ODD: &str = "not a code";

fn acrs(context: &str) -> String {
    let wanted = serde_json::json!({ "essential": true, "value": context });
    serde_json::json!({ "access_token": { "acrs": wanted } }).to_string()
}

/// A refresh of the public client, with changes.
async fn refresh(tenant: &Tenant<'_>, more: &[(&str, &str)]) -> Result<Answer, LiveError> {
    let token = tenant.tokens.json["refresh_token"].as_str();
    let mut form = vec![
        ("grant_type", "refresh_token"),
        ("client_id", tenant.settings.client.as_str()),
        ("refresh_token", token.unwrap_or_default()),
    ];
    form.extend_from_slice(more);
    tenant.token(&form).await
}

/// A refresh of the API for itself.
async fn refresh_own(tenant: &Tenant<'_>, scope: &str) -> Result<Answer, LiveError> {
    let token = tenant.own.json["refresh_token"].as_str();
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", tenant.settings.api.as_str()),
        ("client_secret", tenant.settings.api_secret.as_str()),
        ("refresh_token", token.unwrap_or_default()),
        ("scope", scope),
    ];
    tenant.token(&form).await
}

async fn on_behalf_of(tenant: &Tenant<'_>, more: &[(&str, &str)]) -> Result<Answer, LiveError> {
    let assertion = tenant.tokens.json["access_token"].as_str();
    let mut form = vec![
        ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
        ("client_id", tenant.settings.api.as_str()),
        ("client_secret", tenant.settings.api_secret.as_str()),
        ("requested_token_use", "on_behalf_of"),
        ("assertion", assertion.unwrap_or_default()),
        ("scope", tenant.settings.downstream.as_str()),
    ];
    form.extend_from_slice(more);
    tenant.token(&form).await
}

pub(in crate::live) async fn scopes(tenant: &Tenant<'_>) -> Verdict {
    let claims = tenant.tokens.claims("access_token").unwrap_or_default();
    let scopes: Vec<_> = claims["scp"]
        .as_str()
        .unwrap_or_default()
        .split(' ')
        .collect();
    let has = |name: &String| scopes.contains(&name.as_str());
    let count = format!("{} scopes", scopes.len());
    match (has(&tenant.settings.read), has(&tenant.settings.write)) {
        (true, true) => Verdict::Reading("all-consented", count),
        (true, false) => Verdict::Reading("as-requested", count),
        _ => Verdict::Unexpected(count),
    }
}

pub(in crate::live) async fn sid(tenant: &Tenant<'_>) -> Verdict {
    let claims = tenant.tokens.claims("access_token").unwrap_or_default();
    if claims["ver"] != "2.0" {
        return Verdict::NotAvailable("the API takes v1 tokens");
    }
    match claims.get("sid") {
        Some(_) => Verdict::Reading("present", "sid".to_owned()),
        None => Verdict::Reading("absent", String::new()),
    }
}

pub(in crate::live) async fn guest_name(tenant: &Tenant<'_>) -> Verdict {
    if !tenant.settings.guest {
        return Verdict::NotAvailable("the person who signed in is no guest");
    }
    let claims = tenant.tokens.claims("access_token").unwrap_or_default();
    match claims["preferred_username"].as_str() {
        Some(name) if name.contains("#EXT#") => Verdict::Reading("local", "#EXT#".to_owned()),
        Some(_) => Verdict::Reading("home", String::new()),
        None => Verdict::NotAvailable("the token has no preferred_username"),
    }
}

pub(in crate::live) async fn graph_nonce(tenant: &Tenant<'_>) -> Verdict {
    let scope = [("scope", "https://graph.microsoft.com/User.Read")];
    let answer = refresh(tenant, &scope).await;
    verdict(answer, |answer| {
        let header = answer.header("access_token")?;
        Some(match header.get("nonce") {
            Some(_) => "present",
            None => "absent",
        })
    })
}

pub(in crate::live) async fn obo_challenge(tenant: &Tenant<'_>) -> Verdict {
    let context = tenant.settings.declared_context.as_deref();
    let claims = acrs(context.unwrap_or("c98"));
    let answer = on_behalf_of(tenant, &[("claims", &claims)]).await;
    verdict(answer, |answer| match answer.error().as_deref() {
        Some("interaction_required") => Some("interaction-required"),
        Some("invalid_grant") => Some("invalid-grant"),
        None if answer.status == 200 => Some("granted"),
        _ => None,
    })
}

/// What a refresh with a demanded context gives: a challenge, the context, or neither.
async fn context(tenant: &Tenant<'_>, context: &str) -> Verdict {
    let claims = acrs(context);
    let answer = refresh(tenant, &[("claims", &claims)]).await;
    verdict(answer, |answer| match answer.code() {
        Some(50074 | 50076 | 50079 | 53000..=53004) => Some("challenge"),
        Some(_) => None,
        None => {
            let claims = answer.claims("access_token")?;
            let given = claims["acrs"].as_array().into_iter().flatten();
            Some(match given.filter(|c| *c == context).count() {
                0 => "ignored",
                _ => "granted",
            })
        }
    })
}

pub(in crate::live) async fn undeclared_context(tenant: &Tenant<'_>) -> Verdict {
    context(tenant, "c99").await
}

pub(in crate::live) async fn untargeted_context(tenant: &Tenant<'_>) -> Verdict {
    match &tenant.settings.declared_context {
        Some(declared) => context(tenant, declared).await,
        None => Verdict::NotAvailable("no authentication context is declared"),
    }
}

pub(in crate::live) async fn malformed_code(tenant: &Tenant<'_>) -> Verdict {
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", tenant.settings.api.as_str()),
        ("client_secret", "not the secret"),
        ("redirect_uri", "http://localhost/callback"),
        ("code", ODD),
    ];
    verdict(tenant.token(&form).await, |answer| match answer.code() {
        Some(9_002_313) => Some("before"),
        Some(7_000_215) => Some("after"),
        _ => None,
    })
}

pub(in crate::live) async fn refresh_for_itself(tenant: &Tenant<'_>) -> Verdict {
    let scope = format!("{}/.default", tenant.settings.api_uri);
    let answer = refresh_own(tenant, &scope).await;
    verdict(answer, |answer| match answer.code() {
        Some(90009) => Some("refused"),
        None if answer.status == 200 => Some("answered"),
        _ => None,
    })
}

pub(in crate::live) async fn refresh_for_itself_named(tenant: &Tenant<'_>) -> Verdict {
    let settings = tenant.settings;
    let by_uri = refresh_own(tenant, &settings.scope(&settings.read)).await;
    let by_id = refresh_own(tenant, &format!("{}/{}", settings.api, settings.read)).await;
    let (Ok(by_uri), Ok(by_id)) = (by_uri, by_id) else {
        return Verdict::Unexpected("no answer".to_owned());
    };
    let both = format!("{}; {}", seen(&by_uri), seen(&by_id));
    let reading = match (by_uri.status, by_id.status) {
        (200, 200) => "uri-and-id",
        (200, _) => "uri",
        (_, 200) => "id",
        _ => "neither",
    };
    Verdict::Reading(reading, both)
}

pub(in crate::live) async fn empty_secret(tenant: &Tenant<'_>) -> Verdict {
    let answer = refresh(tenant, &[("client_secret", "")]).await;
    verdict(answer, |answer| match answer.code() {
        Some(700_025) => Some("refused"),
        None if answer.status == 200 => Some("absent"),
        _ => None,
    })
}

pub(in crate::live) async fn resource_mismatch(tenant: &Tenant<'_>) -> Verdict {
    let answer = refresh(tenant, &[("resource", "https://graph.microsoft.com")]).await;
    verdict(answer, |answer| match answer.code() {
        Some(9_010_010) => Some("refused-9010010"),
        Some(901_002) => Some("refused-901002"),
        None if answer.status == 200 => Some("ignored"),
        _ => None,
    })
}

pub(in crate::live) async fn two_credentials(tenant: &Tenant<'_>) -> Verdict {
    let scope = format!("{}/.default", tenant.settings.api_uri);
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", tenant.settings.api.as_str()),
        ("client_secret", tenant.settings.api_secret.as_str()),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", "a.b.c"),
        ("scope", scope.as_str()),
    ];
    let answer = tenant.token(&form).await;
    verdict(answer, |answer| {
        let error = answer.json["error"].as_str();
        match (answer.code() == Some(9_002_324), error) {
            (true, Some("invalid_client")) => Some("invalid-client"),
            (true, Some("invalid_request")) => Some("invalid-request"),
            _ => None,
        }
    })
}
