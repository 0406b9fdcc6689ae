//! The refresh token grant (RFC 6749, section 6).

use axum::response::Response;

use super::issue::{self, Extras};
use super::request::Request;
use crate::errors::{AadError, long_timestamp, table};
use crate::scopes::{Asked, Endpoint};

/// New tokens, a new refresh token among them, for the scopes approved or for others of
/// any resource that there is consent for: Entra's refresh tokens are not bound to one.
pub(super) fn answer(request: &Request<'_>) -> Result<Response, AadError> {
    let token = request.need("refresh_token")?;
    let (approval, issued_at) = request.shared.refresh_tokens.use_for(
        token,
        &request.tenant.id,
        request.client.client_id(),
        request.call.now,
    )?;
    let approved = Asked::parse(&approval.scope)?.resolve(request.tenant)?;
    let scope = request.call.form.get("scope").unwrap_or(&approval.scope);
    let asked = Asked::parse(scope)?.resolve(request.tenant)?;
    asked.check_resource_parameter(&request.call.form)?;
    asked.check_names(request.client, Endpoint::Token)?;
    let user = issue::user(request, &approval.user)?;
    if let Some(from) = user.sessions_valid_from.filter(|from| issued_at < *from) {
        return Err(AadError::new(table::SESSION_REVOKED)
            .arg(long_timestamp(issued_at))
            .arg(long_timestamp(from)));
    }
    let extras = Extras {
        protocol: &approved,
        nonce: None,
        approved_scope: &approval.scope,
        session: approval.session.clone(),
    };
    issue::for_user(request, user, &asked, &extras)
}
