//! An agent's user account (Entra Agent ID, grant `user_fic`): the agent identity presents
//! its own exchange token and names the user.

use axum::response::Response;

use super::issue::{self, Extras};
use super::request::Request;
use crate::directory::{AgentPart, EXCHANGE, User, id::canonical_guid};
use crate::errors::{AadError, long_timestamp, table};
use crate::scopes::{Asked, Endpoint};
use crate::session::Session;
use crate::tokens::jwt::Parsed;

pub(super) fn answer(request: &Request<'_>) -> Result<Response, AadError> {
    let client = request.client;
    if !matches!(client.agent, AgentPart::Identity { .. }) {
        return Err(AadError::new(table::AGENT_GRANT).arg(client.client_id()));
    }
    check_exchange_token(request)?;
    let scope = request.need("scope")?;
    let asked = Asked::parse(scope)?.resolve(request.tenant)?;
    asked.check_resource_parameter(&request.call.form)?;
    asked.check_names(client, Endpoint::Token)?;
    let user = named_user(request)?;
    if user.agent_identity.as_deref() != Some(client.client_id()) {
        return Err(AadError::new(table::AGENT_GRANT).arg(client.client_id()));
    }
    let extras = Extras::new(&asked, scope, Session::plain(request.call.now));
    issue::for_user(request, user, &asked, &extras)
}

/// The agent identity's own app-only token for `api://AzureADTokenExchange`.
fn check_exchange_token(request: &Request<'_>) -> Result<(), AadError> {
    let text = request.need("user_federated_identity_credential")?;
    let token = Parsed::read(text).ok_or_else(|| AadError::new(table::ASSERTION_MALFORMED))?;
    let claim = |name: &str| token.text(name).unwrap_or_default();
    let keys = request.shared.published_keys();
    let key = keys.iter().find(|k| token.kid() == Some(&k.kid));
    if !key.is_some_and(|k| token.is_signed_by(k)) {
        return Err(AadError::new(table::ASSERTION_SIGNATURE)
            .arg("The provided signature value did not match the expected signature value."));
    }
    if claim("iss") != request.tenant.issuer_v2(&request.shared.base_url) {
        return Err(AadError::new(table::FEDERATED_ISSUER).arg(claim("iss")));
    }
    let (now, exp) = (request.call.now, token.number("exp").unwrap_or(i64::MIN));
    if now >= exp {
        return Err(AadError::new(table::ASSERTION_TIME)
            .arg(long_timestamp(now))
            .arg(long_timestamp(exp)));
    }
    if claim("aud") != EXCHANGE {
        return Err(AadError::new(table::FEDERATED_AUDIENCE).arg(claim("aud")));
    }
    // The same client in this leg and in the one before.
    if claim("azp") != request.client.client_id() || !claim("scp").is_empty() {
        return Err(AadError::new(table::FEDERATED_SUBJECT).arg(claim("sub")));
    }
    Ok(())
}

/// Exactly one of `username`, a sign-in name, and `user_id`, an object id.
fn named_user<'a>(request: &Request<'a>) -> Result<&'a User, AadError> {
    let form = &request.call.form;
    let user = match (form.get("username"), form.get("user_id")) {
        (Some(_), Some(_)) => return Err(AadError::new(table::BAD_PARAMETER).arg("user_id")),
        (Some(name), None) => request.tenant.find_user_by_hint(name),
        // A name in the place of an id breaks the real service.
        (None, Some(id)) if canonical_guid(id).is_none() => {
            return Err(AadError::new(table::SERVICE_ERROR));
        }
        (None, Some(id)) => request.tenant.find_user(id),
        (None, None) => return Err(AadError::new(table::MISSING_PARAMETER).arg("username")),
    };
    let user = user.ok_or_else(|| {
        AadError::new(table::USER_UNKNOWN)
            .arg("{EmailHidden}")
            .arg(&request.tenant.id)
    })?;
    issue::user(request, user.object_id())
}
