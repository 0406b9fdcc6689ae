//! Redemption of an authorization code (RFC 6749, section 4.1.3; RFC 7636) and of a device
//! code.

use aws_lc_rs::digest;
use axum::response::Response;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};

use super::issue::{self, Extras};
use super::request::Request;
use crate::call::Call;
use crate::errors::{AadError, table};
use crate::grants::CodeGrant;
use crate::scopes::Asked;

pub(super) fn answer(request: &Request<'_>) -> Result<Response, AadError> {
    let code = request.need("code")?;
    let redirect_uri = request.need("redirect_uri")?;
    let verifier = request.call.form.get("code_verifier");
    let narrower = request
        .call
        .form
        .get("scope")
        .map(Asked::parse)
        .transpose()?;
    let grant = request
        .shared
        .codes
        .redeem(code, request.call.now, |grant| {
            check_binding(request, grant, redirect_uri)?;
            check_verifier(grant, verifier)
        })?;
    let approved = Asked::parse(&grant.approval.scope)?.resolve(request.tenant)?;
    let asked = match narrower {
        Some(narrower) => narrower.resolve(request.tenant)?,
        None => Asked::parse(&grant.approval.scope)?.resolve(request.tenant)?,
    };
    asked.check_resource_parameter(&request.call.form)?;
    if !asked.is_within(&approved) {
        let scope = request.call.form.get("scope").unwrap_or_default();
        return Err(AadError::new(table::SCOPE_INVALID).arg(scope));
    }
    let user = issue::user(request, &grant.approval.user)?;
    let extras = Extras {
        protocol: &approved,
        nonce: grant.nonce.as_deref(),
        approved_scope: &grant.approval.scope,
        session: grant.approval.session.clone(),
    };
    issue::for_user(request, user, &asked, &extras)
}

/// A code belongs to the client and the redirect URI it was issued for.
fn check_binding(
    request: &Request<'_>,
    grant: &CodeGrant,
    redirect_uri: &str,
) -> Result<(), AadError> {
    let approval = &grant.approval;
    if approval.client != request.client.client_id() || approval.tenant != request.tenant.id {
        return Err(AadError::new(table::GRANT_INVALID).arg("code"));
    }
    if grant.redirect_uri != redirect_uri {
        return Err(AadError::new(table::REPLY_MISMATCH)
            .arg(redirect_uri)
            .arg(&grant.redirect_uri));
    }
    Ok(())
}

/// The verifier hashes to the challenge; without a challenge there must be none, or a
/// request stripped of it would pass (RFC 9700, section 4.8.2).
fn check_verifier(grant: &CodeGrant, verifier: Option<&str>) -> Result<(), AadError> {
    let Some(challenge) = &grant.challenge else {
        return match verifier {
            None => Ok(()),
            Some(_) => Err(AadError::new(table::PKCE_WRONG)),
        };
    };
    let verifier =
        verifier.ok_or_else(|| AadError::new(table::MISSING_PARAMETER).arg("code_verifier"))?;
    let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
    if BASE64_URL_SAFE_NO_PAD.encode(hash) == *challenge {
        return Ok(());
    }
    Err(AadError::new(table::PKCE_WRONG))
}

/// The device code grant (RFC 8628, section 3.4), under its full and its short name.
pub(super) fn answer_device(request: &Request<'_>) -> Result<Response, AadError> {
    let code = device_code(request.call)?;
    let (tenant, client) = (&request.tenant.id, request.client.client_id());
    let now = request.call.now;
    let approval = request.shared.devices.redeem(code, tenant, client, now)?;
    let asked = Asked::parse(&approval.scope)?.resolve(request.tenant)?;
    asked.check_resource_parameter(&request.call.form)?;
    let user = issue::user(request, &approval.user)?;
    let extras = Extras {
        protocol: &asked,
        nonce: None,
        approved_scope: &approval.scope,
        session: approval.session.clone(),
    };
    issue::for_user(request, user, &asked, &extras)
}

/// MSAL Python sends the code under both names.
pub(super) fn device_code(call: &Call) -> Result<&str, AadError> {
    let code = call.form.get("device_code").or(call.form.get("code"));
    code.ok_or_else(|| AadError::new(table::MISSING_PARAMETER).arg("device_code"))
}
