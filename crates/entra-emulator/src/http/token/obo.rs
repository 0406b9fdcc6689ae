//! The on-behalf-of grant (Entra doc "On-Behalf-Of flow").

use axum::response::Response;

use super::{
    Request,
    issue::{self, Extras},
};
use crate::directory::User;
use crate::errors::{AadError, long_timestamp, table};
use crate::scopes::{Asked, Endpoint};
use crate::tokens::{issuer_v1, issuer_v2, jwt::Parsed};

pub(super) fn answer(request: &Request<'_>) -> Result<Response, AadError> {
    let assertion = request.need("assertion")?;
    match request.need("requested_token_use")? {
        "on_behalf_of" => {}
        _ => return Err(AadError::new(table::BAD_PARAMETER).arg("requested_token_use")),
    }
    if request.call.form.get("requested_token_type").is_some() {
        return Err(AadError::new(table::BAD_PARAMETER).arg("requested_token_type"));
    }
    let scope = request.need("scope")?;
    let asked = Asked::parse(scope)?.resolve(request.tenant)?;
    asked.check_resource_parameter(&request.call.form)?;
    asked.check_names(request.client, Endpoint::Token)?;
    let user = verify(request, assertion)?;
    let extras = Extras {
        protocol: &asked,
        nonce: None,
        approved_scope: scope,
    };
    issue::for_user(request, user, &asked, &extras)
}

/// The user in an assertion that this client may use: form, key and signature, issuer,
/// time, audience, kind, account.
fn verify<'a>(request: &Request<'a>, assertion: &str) -> Result<&'a User, AadError> {
    let token = Parsed::read(assertion).ok_or_else(|| AadError::new(table::ASSERTION_MALFORMED))?;
    check_signature(request, &token)?;
    check_issuer(request, &token)?;
    check_time(request, &token)?;
    check_audience(request, &token)?;
    check_kind(request, &token)?;
    let oid = token
        .text("oid")
        .ok_or_else(|| AadError::new(table::ASSERTION_MALFORMED))?;
    issue::user(request, oid)
}

fn check_signature(request: &Request<'_>, token: &Parsed<'_>) -> Result<(), AadError> {
    let refuse = |reason| Err(AadError::new(table::ASSERTION_SIGNATURE).arg(reason));
    let keys = request.shared.published_keys();
    let Some(key) = keys.iter().find(|k| token.kid() == Some(&k.kid)) else {
        return refuse("The key was not found.");
    };
    if !token.is_signed_by(key) {
        return refuse("The provided signature value did not match the expected signature value.");
    }
    Ok(())
}

/// The assertion is of this tenant, in either version.
fn check_issuer(request: &Request<'_>, token: &Parsed<'_>) -> Result<(), AadError> {
    let (base, tenant) = (&request.shared.base_url, &request.tenant.id);
    let known = [issuer_v1(base, tenant), issuer_v2(base, tenant)];
    let ours = |iss: &str| known.iter().any(|k| k == iss);
    if token.text("iss").is_some_and(ours) && token.text("tid") == Some(tenant) {
        return Ok(());
    }
    Err(AadError::new(table::ASSERTION_SIGNATURE)
        .arg("The issuer of the assertion is not the tenant of this request."))
}

fn check_time(request: &Request<'_>, token: &Parsed<'_>) -> Result<(), AadError> {
    let now = request.call.now;
    let exp = token.number("exp").unwrap_or(i64::MIN);
    if now < exp && token.number("nbf").is_none_or(|nbf| nbf <= now) {
        return Ok(());
    }
    Err(AadError::new(table::ASSERTION_TIME)
        .arg(long_timestamp(now))
        .arg(long_timestamp(exp)))
}

/// The token was made for this client: its id, or one of its URIs, compared literally.
fn check_audience(request: &Request<'_>, token: &Parsed<'_>) -> Result<(), AadError> {
    let client = request.client;
    let aud = token.text("aud").unwrap_or_default();
    if aud == client.client_id() || client.identifier_uris().iter().any(|u| u == aud) {
        return Ok(());
    }
    Err(AadError::new(table::ASSERTION_AUDIENCE)
        .arg(aud)
        .arg(client.client_id())
        .arg(client.name()))
}

/// An access token of a user: an ID token names no client, an app-only token no scopes.
fn check_kind(request: &Request<'_>, token: &Parsed<'_>) -> Result<(), AadError> {
    if token.text("azp").or(token.text("appid")).is_none() {
        return Err(AadError::new(table::ASSERTION_IS_ID_TOKEN));
    }
    if token.text("scp").is_none_or(str::is_empty) {
        return Err(AadError::new(table::ASSERTION_APP_ONLY).arg(request.client.client_id()));
    }
    Ok(())
}
