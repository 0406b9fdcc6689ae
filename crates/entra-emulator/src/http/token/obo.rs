//! The on-behalf-of grant (Entra doc "On-Behalf-Of flow").

use axum::response::Response;

use super::issue::{self, Extras};
use super::request::Request;
use crate::call::Call;
use crate::directory::{AgentPart, App, Directory, User};
use crate::errors::{AadError, long_timestamp, table};
use crate::scopes::{Asked, Endpoint};
use crate::session::Session;
use crate::tokens::jwt::Parsed;

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
    let (user, session) = verify(request, assertion)?;
    let extras = Extras::new(&asked, scope, session);
    issue::for_user(request, user, &asked, &extras)
}

/// The user in an assertion that this client may use: form, key and signature, issuer,
/// time, audience, kind, account.
fn verify<'a>(request: &Request<'a>, assertion: &str) -> Result<(&'a User, Session), AadError> {
    let token = Parsed::read(assertion).ok_or_else(|| AadError::new(table::ASSERTION_MALFORMED))?;
    check_signature(request, &token)?;
    let oid = check_issuer(request, &token)?;
    check_time(request, &token)?;
    check_audience(request, &token)?;
    check_kind(request, &token)?;
    let oid = oid.ok_or_else(|| AadError::new(table::ASSERTION_MALFORMED))?;
    Ok((issue::user(request, &oid)?, Session::of_token(&token)))
}

/// The home tenant of the user that an assertion names, for requests to an alias. Nothing
/// is verified here: it says only where the request is answered.
pub(super) fn home(directory: &Directory, call: &Call) -> Option<String> {
    let token = Parsed::read(call.form.get("assertion")?)?;
    let tenant = directory.find(token.text("tid")?)?;
    let user = tenant.find_user(token.text("oid")?);
    let home = user.and_then(|u| u.home.as_ref()).map(|h| h.tenant.clone());
    Some(home.unwrap_or_else(|| tenant.id.clone()))
}

fn check_signature(request: &Request<'_>, token: &Parsed<'_>) -> Result<(), AadError> {
    let refuse = |reason| Err(AadError::new(table::ASSERTION_SIGNATURE).arg(reason));
    let keys = request.shared.published_keys();
    let Some(key) = keys.iter().find(|k| token.kid() == Some(&k.kid)) else {
        return refuse("The key was not found.");
    };
    // Graph's tokens are signed over the hash of their nonce: to another they look wrong.
    if token.header.contains_key("nonce") || !token.is_signed_by(key) {
        return refuse("The provided signature value did not match the expected signature value.");
    }
    Ok(())
}

/// The user's object id in this tenant: the assertion is of this tenant, in either version,
/// or the request went to an alias and this is the home tenant of its guest.
fn check_issuer(request: &Request<'_>, token: &Parsed<'_>) -> Result<Option<String>, AadError> {
    let base = &request.shared.base_url;
    let tid = token.text("tid").unwrap_or_default();
    let directory = request.shared.directory();
    let issuing = directory.find(tid).filter(|t| t.id == tid);
    let oid = token.text("oid");
    let ours = |iss: &str| issuing.is_some_and(|t| t.issued(base, iss));
    if token.text("iss").is_some_and(ours) {
        if tid == request.tenant.id {
            return Ok(oid.map(str::to_owned));
        }
        let user = directory.find(tid).and_then(|t| t.find_user(oid?));
        let home = user.and_then(|u| u.home.as_ref());
        if let Some(home) = home.filter(|h| request.by_alias && h.tenant == request.tenant.id) {
            return Ok(Some(home.oid.clone()));
        }
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
    // What a caller sends to an agent identity is made out to its blueprint.
    if let AgentPart::Identity { blueprint } = &client.agent {
        let known = request.tenant.find_app(blueprint);
        let uris = known.map(App::identifier_uris).unwrap_or_default();
        if aud == blueprint || uris.iter().any(|u| u == aud) {
            return Ok(());
        }
    } else if aud == client.client_id() || client.identifier_uris().iter().any(|u| u == aud) {
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
