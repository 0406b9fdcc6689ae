//! The refresh token grant (RFC 6749, section 6).

use axum::response::Response;

use super::code::check_origin;
use super::issue::{self, Extras};
use super::request::Request;
use crate::directory::{Reading, User};
use crate::errors::{AadError, long_timestamp, table};
use crate::grants::{Approval, Platform};
use crate::scopes::{Asked, Endpoint, Resolved, Wanted};

/// New tokens, a new refresh token among them, for the scopes approved or for others of
/// any resource that there is consent for: Entra's refresh tokens are bound to user and
/// client, and to nothing else.
pub(super) fn answer(request: &Request<'_>) -> Result<Response, AadError> {
    let token = request.need("refresh_token")?;
    let (client, now) = (request.client.client_id(), request.call.now);
    let refresh = request.shared.refresh_tokens.use_for(token, client, now)?;
    check_origin(request, refresh.platform)?;
    let approval = &refresh.approval;
    let scope = request.call.form.get("scope");
    let asked = scope.unwrap_or(&approval.scope);
    let asked = Asked::parse(asked)?.resolve(request.tenant)?;
    asked.check_resource_parameter(&request.call.form)?;
    check_not_itself(request, &asked, scope)?;
    asked.check_names(request.client, Endpoint::Token)?;
    let approved = Asked::parse(&approval.scope)?.resolve(request.tenant)?;
    let user = user(request, approval)?;
    // Only the tenant at home ends what a guest was given.
    let home = request.shared.home(user);
    let decides = home.as_ref().unwrap_or(user);
    if let Some(from) = decides
        .grants_valid_from(request.client.is_public() || refresh.platform == Platform::Spa)
        .filter(|from| refresh.issued_at < *from)
    {
        return Err(AadError::new(table::SESSION_REVOKED)
            .arg(long_timestamp(refresh.issued_at))
            .arg(long_timestamp(from)));
    }
    let extras = Extras {
        platform: refresh.platform,
        // A single-page app's refresh tokens end with the first one.
        signed_in_at: (refresh.platform == Platform::Spa).then_some(refresh.issued_at),
        ..Extras::new(&approved, &approval.scope, approval.session.clone())
    };
    issue::for_user(request, user, &asked, &extras)
}

/// A client that is the resource too must name a scope of its own (AADSTS90009).
fn check_not_itself(
    request: &Request<'_>,
    asked: &Resolved<'_>,
    scope: Option<&str>,
) -> Result<(), AadError> {
    let client = request.client;
    let default = matches!(asked.wanted, Wanted::Default)
        && !asked.resource_name.eq_ignore_ascii_case(client.client_id())
        && request.tenant.follows(Reading::SelfDefaultRefused);
    let itself = asked.resource.client_id() == client.client_id();
    match itself && (scope.is_none() || default) {
        true => Err(AadError::new(table::TOKEN_FOR_ITSELF)
            .arg(client.client_id())
            .arg(client.name())),
        false => Ok(()),
    }
}

/// The user in the tenant of the request: the one who signed in, or the guest whose account
/// at home that is, or the account at home of that guest.
fn user<'a>(request: &Request<'a>, approval: &Approval) -> Result<&'a User, AadError> {
    if approval.tenant == request.tenant.id {
        // The account was there when the token was issued.
        return match request.tenant.find_user(&approval.user) {
            Some(_) => issue::user(request, &approval.user),
            None => Err(AadError::new(table::USER_DELETED)
                .arg("{EUII Hidden}")
                .arg(&request.tenant.id)),
        };
    }
    let directory = request.shared.directory();
    let signed_in = directory
        .find(&approval.tenant)
        .and_then(|t| t.find_user(&approval.user));
    let home = signed_in.and_then(|u| u.home.as_ref());
    let (tenant, oid) = match home {
        Some(home) => (home.tenant.as_str(), home.oid.as_str()),
        None => (approval.tenant.as_str(), approval.user.as_str()),
    };
    if tenant == request.tenant.id {
        return issue::user(request, oid);
    }
    let guest = request.tenant.users().find(|user| {
        let home = user.home.as_ref();
        home.is_some_and(|h| h.tenant == tenant && h.oid == oid)
    });
    match guest {
        Some(guest) => issue::user(request, guest.object_id()),
        None => Err(AadError::new(table::USER_ELSEWHERE)
            .arg("{EmailHidden}")
            .arg(format!("{}/{tenant}/", request.shared.base_url))
            .arg(&request.tenant.name)
            .arg(request.client.client_id())
            .arg(request.client.name())),
    }
}
