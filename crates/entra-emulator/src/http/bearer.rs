//! The access token of a request to an API that the emulator plays itself: Microsoft Graph
//! and its userinfo endpoint.

use axum::http::{HeaderMap, header};

use crate::directory::{App, Directory, GRAPH, Tenant, User};
use crate::state::Shared;
use crate::tokens::jwt::Parsed;

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BearerError {
    Missing,
    Malformed,
    Signature,
    Expired,
    Audience,
    Account,
}

/// The one bearer token of a request.
pub(super) fn token(headers: &HeaderMap) -> Result<&str, BearerError> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(first), None) = (all.next(), all.next()) else {
        return Err(BearerError::Missing);
    };
    let pair = first.to_str().ok().and_then(|v| v.split_once(' '));
    pair.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or(BearerError::Missing)
}

/// A caller of Graph, verified.
pub(super) struct GraphCaller<'a> {
    pub(super) tenant: &'a Tenant,
    /// The client that acts.
    pub(super) client: &'a App,
    /// The signed-in user; an application alone has none.
    pub(super) user: Option<&'a User>,
    /// Scopes of a user's token, roles of an application's.
    pub(super) permissions: Vec<String>,
}

impl<'a> GraphCaller<'a> {
    /// Signature, issuer, audience, time, and the account and client as they are now.
    pub(super) fn read(
        shared: &Shared,
        directory: &'a Directory,
        text: &str,
        now: i64,
    ) -> Result<Self, BearerError> {
        let token = Parsed::read(text).ok_or(BearerError::Malformed)?;
        let keys = shared.published_keys();
        let key = keys.iter().find(|k| token.kid() == Some(&k.kid));
        if !key.is_some_and(|k| token.is_signed_by(k)) {
            return Err(BearerError::Signature);
        }
        let (base, issuer) = (&shared.base_url, token.text("iss").unwrap_or_default());
        let mut tenants = directory.tenants();
        let tenant = tenants
            .find(|t| t.issued(base, issuer))
            .ok_or(BearerError::Signature)?;
        let audience = token.text("aud").unwrap_or_default();
        if tenant.resource(audience).map(App::client_id) != Some(GRAPH) {
            return Err(BearerError::Audience);
        }
        let begun = token.number("nbf").is_none_or(|nbf| nbf <= now);
        if !begun || token.number("exp").is_none_or(|exp| exp <= now) {
            return Err(BearerError::Expired);
        }
        let client = token
            .text("appid")
            .or(token.text("azp"))
            .unwrap_or_default();
        let client = tenant.find_app(client).ok_or(BearerError::Account)?;
        let scopes = token.text("scp").unwrap_or_default();
        let user = match scopes.is_empty() {
            true => None,
            false => {
                let user = tenant.find_user(token.text("oid").unwrap_or_default());
                Some(
                    user.filter(|u| !u.is_disabled())
                        .ok_or(BearerError::Account)?,
                )
            }
        };
        let roles = token
            .claims
            .get("roles")
            .and_then(serde_json::Value::as_array);
        let roles = roles.into_iter().flatten().filter_map(|r| r.as_str());
        let permissions = match user {
            Some(_) => scopes.split(' ').map(str::to_owned).collect(),
            None => roles.map(str::to_owned).collect(),
        };
        Ok(Self {
            tenant,
            client,
            user,
            permissions,
        })
    }
}
