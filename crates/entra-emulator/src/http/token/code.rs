//! Redemption of an authorization code (RFC 6749, section 4.1.3; RFC 7636) and of a device
//! code.

use aws_lc_rs::digest;
use axum::response::Response;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};

use super::issue::{self, Extras};
use super::request::Request;
use crate::call::Call;
use crate::errors::{AadError, table};
use crate::grants::{Challenge, CodeGrant, Platform};
use crate::scopes::{Asked, Endpoint};

pub(super) fn answer(request: &Request<'_>) -> Result<Response, AadError> {
    let code = request.need("code")?;
    let redirect_uri = request.need("redirect_uri")?;
    let verifier = request.call.form.get("code_verifier");
    let scope = request
        .call
        .form
        .get("scope")
        .map(Asked::parse)
        .transpose()?;
    let codes = &request.shared.codes;
    let grant = codes.redeem(code, request.call.now, |grant| {
        check_binding(request, grant, redirect_uri)?;
        check_origin(request, grant.platform)?;
        check_verifier(grant, verifier)
    })?;
    let approved = Asked::parse(&grant.approval.scope)?.resolve(request.tenant)?;
    // The scope of the redemption names the resource wanted; consent decides.
    let asked = match scope {
        Some(scope) => scope.resolve(request.tenant)?,
        None => Asked::parse(&grant.approval.scope)?.resolve(request.tenant)?,
    };
    asked.check_resource_parameter(&request.call.form)?;
    asked.check_names(request.client, Endpoint::Token)?;
    let user = issue::user(request, &grant.approval.user)?;
    let extras = Extras {
        nonce: grant.nonce.as_deref(),
        platform: grant.platform,
        spa_code: spa_code(request, &grant),
        ..Extras::new(
            &approved,
            &grant.approval.scope,
            grant.approval.session.clone(),
        )
    };
    issue::for_user(request, user, &asked, &extras)
}

/// `spa_code`: a second code, which the page that a web application answers with redeems on
/// the platform "single-page application" of the same registration.
fn spa_code(request: &Request<'_>, grant: &CodeGrant) -> Option<String> {
    let wanted = request.call.form.get("return_spa_code") == Some("1");
    let web = grant.platform == Platform::Other;
    let page = !request.client.spa.redirect_uris.is_empty();
    (wanted && web && page).then(|| {
        request.shared.codes.issue(CodeGrant {
            approval: grant.approval.clone(),
            redirect_uri: None,
            nonce: grant.nonce.clone(),
            challenge: None,
            platform: Platform::Spa,
            issued_at: request.call.now,
        })
    })
}

/// A single-page app's code or refresh token is redeemed by its page, any other by no page.
pub(super) fn check_origin(request: &Request<'_>, platform: Platform) -> Result<(), AadError> {
    match (platform, &request.call.origin) {
        (Platform::Spa, None) => Err(AadError::new(table::SPA_NEEDS_CROSS_ORIGIN)),
        (Platform::Other, Some(origin)) => Err(not_a_page(origin)),
        (Platform::Spa, Some(_)) | (Platform::Other, None) => Ok(()),
    }
}

pub(super) fn not_a_page(origin: &str) -> AadError {
    AadError::new(table::CROSS_ORIGIN_NOT_SPA).arg(origin)
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
    let known = match &grant.redirect_uri {
        Some(uri) => uri == redirect_uri,
        None => {
            let mut all = request.client.spa.redirect_uris.iter();
            all.any(|uri| uri == redirect_uri)
        }
    };
    match known {
        true => Ok(()),
        false => Err(AadError::new(table::REPLY_MISMATCH)
            .arg(redirect_uri)
            .arg(grant.redirect_uri.as_deref().unwrap_or_default())),
    }
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
    let hash = || digest::digest(&digest::SHA256, verifier.as_bytes());
    let matches = match challenge {
        Challenge::S256(challenge) => BASE64_URL_SAFE_NO_PAD.encode(hash()) == *challenge,
        Challenge::Plain(challenge) => verifier == challenge,
    };
    match matches {
        true => Ok(()),
        false => Err(AadError::new(table::PKCE_WRONG)),
    }
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
    let extras = Extras::new(&asked, &approval.scope, approval.session.clone());
    issue::for_user(request, user, &asked, &extras)
}

/// MSAL Python sends the code under both names.
pub(super) fn device_code(call: &Call) -> Result<&str, AadError> {
    let code = call.form.get("device_code").or(call.form.get("code"));
    code.ok_or_else(|| AadError::new(table::MISSING_PARAMETER).arg("device_code"))
}
