//! The device code grant (RFC 8628, section 3.4), under its full and its short name.

use axum::response::Response;

use super::{
    Request,
    issue::{self, Extras},
};
use crate::call::Call;
use crate::errors::{AadError, table};
use crate::scopes::Asked;

pub(super) fn answer(request: &Request<'_>) -> Result<Response, AadError> {
    let code = code(request.call)?;
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
pub(super) fn code(call: &Call) -> Result<&str, AadError> {
    let code = call.form.get("device_code").or(call.form.get("code"));
    code.ok_or_else(|| AadError::new(table::MISSING_PARAMETER).arg("device_code"))
}
