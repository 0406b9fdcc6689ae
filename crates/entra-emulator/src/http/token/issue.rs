//! The answer to a granted request for a user.

use axum::{http::StatusCode, response::Response};
use serde_json::Value;

use super::request::{GrantType, Request};
use crate::access;
use crate::directory::{App, Owner, Reading, User};
use crate::errors::{AadError, table};
use crate::grants::{Approval, Platform, Refresh};
use crate::http::response::uncached_members;
use crate::scopes::Resolved;
use crate::session::{ClaimsRequest, Session};
use crate::tokens::{
    access::{AccessToken, IdToken, Subject},
    client_info,
    jwt::{self, Object},
    random_lifetime,
};

/// Tokens that live longer than this say when to refresh them, in seconds.
const LONG: i64 = 2 * 3600;

/// Which protocol scopes count, and for what a refresh token would be good.
pub(super) struct Extras<'a> {
    pub(super) protocol: &'a Resolved<'a>,
    pub(super) nonce: Option<&'a str>,
    /// A second code, for the page of the same registration.
    pub(super) spa_code: Option<String>,
    /// What the refresh token stands for: the scope as the user approved it.
    pub(super) approved_scope: &'a str,
    pub(super) session: Session,
    /// The platform of the sign-in, and when it was, which a refresh token carries on.
    pub(super) platform: Platform,
    pub(super) signed_in_at: Option<i64>,
}

impl<'a> Extras<'a> {
    /// A sign-in at the token endpoint itself.
    pub(super) fn new(protocol: &'a Resolved<'a>, scope: &'a str, session: Session) -> Self {
        Self {
            protocol,
            nonce: None,
            spa_code: None,
            approved_scope: scope,
            session,
            platform: Platform::Other,
            signed_in_at: None,
        }
    }
}

/// Issues what was asked for and nothing else.
pub(super) fn for_user(
    request: &Request<'_>,
    user: &User,
    asked: &Resolved<'_>,
    extras: &Extras<'_>,
) -> Result<Response, AadError> {
    let (tenant, client) = (request.tenant, request.client);
    let claims = ClaimsRequest::parse(request.call.form.get("claims"))?;
    let mut session = extras.session.clone();
    session.capable |= claims.capable;
    access::check_assignment(tenant, client, asked.resource, user)?;
    access::check_declared(client, asked)?;
    let scopes = asked.consented(tenant, client, user)?;
    let now = request.call.now;
    access::check_policies(tenant, user, asked.resource, &session, &claims, now)
        .map_err(|error| as_the_grant_says(request, error))?;
    for context in access::granted_contexts(tenant, &claims) {
        if !session.contexts.contains(&context) {
            session.contexts.push(context);
        }
    }
    let lifetime = user_lifetime(asked.resource, &session);
    let token = access_token(request, asked, lifetime);
    let roles = tenant.roles_of_user(user, asked.resource);
    let home = request.shared.home(user);
    let subject = Subject {
        user,
        home: home.as_ref(),
        session: &session,
    };
    let key = request.shared.live_key();
    let access = sign(
        request,
        &token.header(key),
        &token.for_user(&subject, &scopes, &roles),
    )?;

    let mut body: Vec<(&str, Value)> = Vec::new();
    let mut set = |name: &'static str, value: Value| body.push((name, value));
    set("token_type", "Bearer".into());
    set("scope", asked.answer(&scopes).into());
    set("expires_in", lifetime.into());
    set("ext_expires_in", lifetime.into());
    if lifetime > LONG {
        set("refresh_in", (lifetime / 2).into());
    }
    set("access_token", access.into());
    if extras.protocol.has_oidc("offline_access") {
        let approval = Approval {
            tenant: tenant.id.clone(),
            client: client.client_id().to_owned(),
            user: user.object_id().to_owned(),
            scope: extras.approved_scope.to_owned(),
            session: session.clone(),
        };
        let token = request.shared.refresh_tokens.issue(Refresh {
            approval,
            issued_at: extras.signed_in_at.unwrap_or(now),
            platform: extras.platform,
        });
        set("refresh_token", token.into());
    }
    if extras.protocol.has_oidc("openid") {
        let token = IdToken {
            base_url: &request.shared.base_url,
            tenant,
            client,
            user,
            home: home.clone(),
            session: &session,
            nonce: extras.nonce,
            code_hash: None,
            scopes: extras.protocol.oidc().collect(),
            now,
        };
        set(
            "id_token",
            sign(request, &IdToken::header(key), &token.claims())?.into(),
        );
    }
    if let Some(code) = &extras.spa_code {
        set("spa_code", code.as_str().into());
    }
    if request.call.form.get("client_info") == Some("1") {
        set("client_info", client_info(tenant, user).into());
    }
    Ok(uncached_members(StatusCode::OK, &body))
}

/// A policy's error name: code, refresh token and password say `invalid_grant`; on-behalf-of
/// says `interaction_required`, unless the tenant reads it otherwise.
fn as_the_grant_says(request: &Request<'_>, error: AadError) -> AadError {
    let obo = request.grant == GrantType::OnBehalfOf
        && !request.tenant.follows(Reading::ChallengeIsInvalidGrant);
    match error.error() == "interaction_required" && !obo {
        true => error.called("invalid_grant"),
        false => error,
    }
}

/// Seconds: pinned, or at random; long only for Microsoft's own resources and clients that
/// understand that a token can be revoked (Continuous Access Evaluation).
fn user_lifetime(resource: &App, session: &Session) -> i64 {
    let (from, to) = match session.capable && resource.owner == Owner::Microsoft {
        true => (20 * 3600, 28 * 3600),
        false => (3600, 5399),
    };
    resource
        .token_lifetime
        .unwrap_or_else(|| random_lifetime(from, to))
}

pub(super) fn access_token<'a>(
    request: &Request<'a>,
    asked: &Resolved<'a>,
    lifetime: i64,
) -> AccessToken<'a> {
    AccessToken {
        base_url: &request.shared.base_url,
        tenant: request.tenant,
        client: request.client,
        credential: request.credential,
        resource: asked.resource,
        resource_name: asked.resource_name,
        version: asked.resource.access_token_version(),
        now: request.call.now,
        lifetime: Some(lifetime),
    }
}

pub(super) fn sign(
    request: &Request<'_>,
    header: &Object,
    claims: &Object,
) -> Result<String, AadError> {
    jwt::sign(request.shared.live_key(), header, claims)
        .ok_or_else(|| AadError::new(table::TRANSIENT))
}

/// The user, if it is still there and enabled.
pub(super) fn user<'a>(request: &Request<'a>, oid: &str) -> Result<&'a User, AadError> {
    let user = request.tenant.find_user(oid).ok_or_else(|| {
        AadError::new(table::USER_UNKNOWN)
            .arg("{EmailHidden}")
            .arg(&request.tenant.id)
    })?;
    if user.is_disabled() {
        return Err(AadError::new(table::USER_DISABLED));
    }
    Ok(user)
}
