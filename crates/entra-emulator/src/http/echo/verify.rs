//! What an API checks before it believes a token (Entra doc "Access tokens": validate
//! tokens).

use serde_json::Value;

use crate::directory::{App, Directory};
use crate::state::Shared;
use crate::tokens::jwt::Parsed;

/// The token, if the API `client_id` has to take it now; otherwise the reason.
pub(super) fn token<'a>(
    shared: &Shared,
    directory: &Directory,
    client_id: &str,
    text: &'a str,
    now: i64,
) -> Result<Parsed<'a>, &'static str> {
    let token = Parsed::read(text).ok_or("The token is not a signed JWT.")?;
    check_signature(shared, &token)?;
    let api = check_issuer(shared, directory, client_id, &token)?;
    check_audience(api, &token)?;
    check_time(&token, now)?;
    check_kind(&token)?;
    Ok(token)
}

fn check_signature(shared: &Shared, token: &Parsed<'_>) -> Result<(), &'static str> {
    let keys = shared.published_keys();
    let key = keys.iter().find(|k| token.kid() == Some(&k.kid));
    let key = key.ok_or("The token's key is not among the published ones.")?;
    match token.is_signed_by(key) {
        true => Ok(()),
        false => Err("The token's signature is wrong."),
    }
}

/// The API as the issuing tenant has it: one of this emulator's, under either version.
fn check_issuer<'a>(
    shared: &Shared,
    directory: &'a Directory,
    client_id: &str,
    token: &Parsed<'_>,
) -> Result<&'a App, &'static str> {
    let base = &shared.base_url;
    let issuer = token.text("iss").unwrap_or_default();
    let mut tenants = directory.tenants();
    let tenant = tenants.find(|t| t.issued(base, issuer));
    let tenant = tenant.ok_or("The token's issuer is not one of this emulator's tenants.")?;
    if token.text("tid") != Some(tenant.id()) {
        return Err("The token's tid and issuer name different tenants.");
    }
    let api = tenant.find_app(client_id);
    api.ok_or("The token's tenant does not have this API.")
}

/// The API's client id or one of its identifier URIs, compared literally.
fn check_audience(api: &App, token: &Parsed<'_>) -> Result<(), &'static str> {
    let aud = token.text("aud").unwrap_or_default();
    match aud == api.client_id() || api.identifier_uris().iter().any(|u| u == aud) {
        true => Ok(()),
        false => Err("The token is for another audience."),
    }
}

fn check_time(token: &Parsed<'_>, now: i64) -> Result<(), &'static str> {
    if token.number("exp").is_none_or(|exp| exp <= now) {
        return Err("The token has expired.");
    }
    // One that is no number says nothing about when the token begins.
    let begins = token.claims.get("nbf").map(|_| token.number("nbf"));
    match begins {
        Some(nbf) if nbf.is_none_or(|nbf| nbf > now) => Err("The token is not valid yet."),
        _ => Ok(()),
    }
}

/// An ID token names no client; a token without scopes and roles allows nothing.
fn check_kind(token: &Parsed<'_>) -> Result<(), &'static str> {
    if client(token).is_none() {
        return Err("The token is an ID token, not an access token.");
    }
    match is_of_a_user(token) || roles(token).next().is_some() {
        true => Ok(()),
        false => Err("The token has neither scopes nor roles."),
    }
}

/// The app that acts: `azp` in v2 tokens, `appid` in v1 tokens.
pub(super) fn client<'a>(token: &'a Parsed<'_>) -> Option<&'a str> {
    token.text("azp").or(token.text("appid"))
}

/// Only what a user delegated has scopes.
pub(super) fn is_of_a_user(token: &Parsed<'_>) -> bool {
    token.text("scp").is_some_and(|scp| !scp.trim().is_empty())
}

pub(super) fn roles<'a>(token: &'a Parsed<'_>) -> impl Iterator<Item = &'a str> {
    let all = token.claims.get("roles").and_then(Value::as_array);
    all.into_iter().flatten().filter_map(Value::as_str)
}
