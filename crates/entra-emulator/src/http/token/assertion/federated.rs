//! Federated identity credentials (Entra doc "Workload identity federation"), and the
//! exchange tokens of blueprints, which are a kind of them (Entra Agent ID).

use aws_lc_rs::rsa::PublicKeyComponents;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::Value;

use super::{Assertion, fetch, shown};
use crate::directory::{EXCHANGE, EXCHANGE_URI, FederatedCredential};
use crate::errors::{AadError, table};
use crate::tokens::{exchange_subject, jwt::Parsed};
use crate::x509::JwsAlgorithm;

/// Issuer, subject and audience must match one credential, then the token must hold.
pub(in crate::http::token) async fn check(
    assertion: &Assertion<'_>,
    token: &Parsed<'_>,
    algorithm: JwsAlgorithm,
) -> Result<(), AadError> {
    let claim = |name: &str| token.text(name).unwrap_or_default();
    let client = assertion.client;
    if client.federated.is_empty() {
        return Err(AadError::new(table::FEDERATED_NONE)
            .arg(client.client_id())
            .arg(client.name()));
    }
    let all = client.federated.iter();
    let (base, tenant) = (&assertion.shared.base_url, assertion.tenant);
    let of_issuer: Vec<_> = all
        .filter(|f| f.issuer_at(base, tenant) == claim("iss"))
        .collect();
    if of_issuer.is_empty() {
        return Err(AadError::new(table::FEDERATED_ISSUER).arg(claim("iss")));
    }
    let own = is_own(assertion, claim("iss"));
    if own && !is_app_only(token) {
        return Err(AadError::new(table::FEDERATED_USER));
    }
    let of_subject: Vec<_> = of_issuer
        .into_iter()
        .filter(|f| f.subject_in(tenant) == claim("sub"))
        .collect();
    if of_subject.is_empty() {
        return Err(AadError::new(table::FEDERATED_SUBJECT).arg(claim("sub")));
    }
    let audience = |f: &FederatedCredential| {
        token.is_for(|aud| {
            // The emulator's own tokens name the resource by its id.
            let exchange = own && aud == EXCHANGE && f.audience == EXCHANGE_URI;
            f.audience.eq_ignore_ascii_case(aud) || exchange
        })
    };
    let Some(credential) = of_subject.into_iter().find(|f| audience(f)) else {
        let row = match own {
            true => table::FEDERATED_RESOURCE,
            false => table::FEDERATED_AUDIENCE,
        };
        return Err(AadError::new(row).arg(shown(token.claims.get("aud"))));
    };
    match (&credential.key_set, own) {
        (Some(keys), _) => check_signature(token, algorithm, keys)?,
        (None, true) => check_own_signature(assertion, token)?,
        (None, false) => {
            let keys = fetch::key_set(claim("iss"))
                .await
                .ok_or_else(|| AadError::new(table::FEDERATED_UNREACHABLE))?;
            check_signature(token, algorithm, &keys)?;
        }
    }
    assertion.check_time(token)
}

/// The exchange token with which an agent identity proves itself: of its own tenant, got by
/// its blueprint, for it.
pub(in crate::http::token) fn check_exchange(
    assertion: &Assertion<'_>,
    token: &Parsed<'_>,
    blueprint: &str,
) -> Result<(), AadError> {
    let claim = |name: &str| token.text(name).unwrap_or_default();
    let tenant = &assertion.tenant.id;
    if claim("iss") != assertion.tenant.issuer_v2(&assertion.shared.base_url) {
        return Err(AadError::new(table::FEDERATED_ISSUER).arg(claim("iss")));
    }
    check_own_signature(assertion, token)?;
    assertion.check_time(token)?;
    if claim("aud") != EXCHANGE {
        return Err(AadError::new(table::FEDERATED_RESOURCE));
    }
    if claim("azp") != blueprint
        || claim("sub") != exchange_subject(tenant, blueprint, assertion.client.client_id())
    {
        return Err(AadError::new(table::FEDERATED_SUBJECT).arg(claim("sub")));
    }
    Ok(())
}

/// Whether a tenant of this emulator issued it.
fn is_own(assertion: &Assertion<'_>, issuer: &str) -> bool {
    let base = &assertion.shared.base_url;
    let directory = assertion.shared.directory();
    directory.tenants.iter().any(|t| t.issued(base, issuer))
}

fn is_app_only(token: &Parsed<'_>) -> bool {
    token.text("scp").is_none_or(str::is_empty)
}

fn check_own_signature(assertion: &Assertion<'_>, token: &Parsed<'_>) -> Result<(), AadError> {
    let keys = assertion.shared.published_keys();
    let Some(key) = keys.iter().find(|k| token.kid() == Some(&k.kid)) else {
        return Err(bad_signature("The key was not found."));
    };
    match token.is_signed_by(key) {
        true => Ok(()),
        false => Err(bad_signature(
            "The provided signature value did not match the expected signature value.",
        )),
    }
}

fn check_signature(
    token: &Parsed<'_>,
    algorithm: JwsAlgorithm,
    key_set: &Value,
) -> Result<(), AadError> {
    let keys = key_set.get("keys").and_then(Value::as_array);
    let named = |key: &&Value| {
        let kid = key.get("kid").and_then(Value::as_str);
        kid == token.kid() || token.kid().is_none()
    };
    let mut named = keys.into_iter().flatten().filter(named).peekable();
    if named.peek().is_none() {
        return Err(bad_signature("The key was not found."));
    }
    let mut unusable = true;
    let (message, signature) = token.signed();
    for key in named {
        let number = |name: &str| {
            let text = key.get(name).and_then(Value::as_str)?;
            BASE64_URL_SAFE_NO_PAD
                .decode(text.trim_end_matches('='))
                .ok()
        };
        let (Some(n), Some(e)) = (number("n"), number("e")) else {
            continue;
        };
        unusable = false;
        let key = PublicKeyComponents { n, e };
        if key
            .verify(algorithm.parameters(), message, signature)
            .is_ok()
        {
            return Ok(());
        }
    }
    match unusable {
        true => Err(AadError::new(table::JWT_KEY).called("invalid_client")),
        false => Err(bad_signature(
            "The provided signature value did not match the expected signature value.",
        )),
    }
}

fn bad_signature(reason: &str) -> AadError {
    AadError::new(table::ASSERTION_SIGNATURE)
        .arg(reason)
        .called("invalid_client")
}
