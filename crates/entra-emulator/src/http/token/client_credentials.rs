//! The client credentials grant (Entra doc "OAuth 2.0 client credentials flow").

use axum::{http::StatusCode, response::Response};
use serde_json::json;

use super::{super::uncached_json, Request, issue};
use crate::errors::{AadError, table};
use crate::scopes::Asked;
use crate::tokens::APP_LIFETIME;

/// An app-only token with the roles that the app has; without any, a token without roles.
pub(super) fn answer(request: &Request<'_>) -> Result<Response, AadError> {
    let scope = request.need("scope")?;
    let asked = Asked::parse(scope)?;
    if !asked.is_only_default() {
        return Err(AadError::new(table::SCOPE_NOT_DEFAULT).arg(scope));
    }
    let asked = asked.resolve(request.tenant)?;
    asked.check_resource_parameter(&request.call.form)?;
    let token = issue::access_token(request, &asked);
    let roles = request.tenant.roles_of_app(request.client, asked.resource);
    let header = token.header(request.shared.live_key());
    let access = issue::sign(request, &header, &token.for_app(&roles))?;
    Ok(uncached_json(
        StatusCode::OK,
        &json!({
            "token_type": "Bearer",
            "expires_in": APP_LIFETIME,
            "ext_expires_in": APP_LIFETIME,
            "access_token": access,
        }),
    ))
}
