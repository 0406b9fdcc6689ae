//! Client authentication (RFC 6749, section 2.3; Entra's error codes).

use super::Grant;
use crate::call::Call;
use crate::directory::{App, Tenant, id::canonical_guid};
use crate::errors::{AadError, table};
use crate::tokens::Credential;

const ZERO: &str = "00000000-0000-0000-0000-000000000000";

/// Finds the client and checks its credential.
pub(super) fn authenticate<'a>(
    tenant: &'a Tenant,
    call: &Call,
    grant: Grant,
) -> Result<(&'a App, Credential), AadError> {
    let basic = call.basic.as_ref();
    let id = call
        .form
        .get("client_id")
        .or(basic.map(|b| b.client_id.as_str()))
        .ok_or_else(|| AadError::new(table::MISSING_PARAMETER).arg("client_id"))?;
    let client = find(tenant, id)?;
    let secret = call
        .form
        .get("client_secret")
        .or(basic.map(|b| b.secret.as_str()).filter(|s| !s.is_empty()));
    let assertion = call.form.get("client_assertion");
    if client.is_public() {
        return match (secret, assertion, grant) {
            (None, None, Grant::Code | Grant::Refresh | Grant::Device) => {
                Ok((client, Credential::None))
            }
            (None, None, Grant::ClientCredentials) => {
                Err(AadError::new(table::CREDENTIAL_MISSING_APP))
            }
            (None, None, Grant::OnBehalfOf) => Err(AadError::new(table::CREDENTIAL_MISSING)),
            _ => Err(AadError::new(table::CLIENT_IS_PUBLIC)),
        };
    }
    match (secret, assertion, grant) {
        // No app of this directory has a certificate, so no assertion can be right.
        (_, Some(_), _) => Err(AadError::new(table::CERTIFICATE_UNKNOWN)),
        (Some(secret), None, _) => check_secret(client, secret, call.now),
        (None, None, Grant::ClientCredentials) => Err(AadError::new(table::CREDENTIAL_MISSING_APP)),
        (None, None, _) => Err(AadError::new(table::CREDENTIAL_MISSING)),
    }
}

/// The app with this client id; Entra tells an id that cannot be one from one that is
/// not there.
pub(crate) fn find<'a>(tenant: &'a Tenant, id: &str) -> Result<&'a App, AadError> {
    if canonical_guid(id).is_none() || id == ZERO {
        return Err(AadError::new(table::CLIENT_MALFORMED).arg(id));
    }
    tenant.find_app(id).ok_or_else(|| {
        AadError::new(table::CLIENT_UNKNOWN)
            .arg(id)
            .arg(&tenant.name)
    })
}

fn check_secret<'a>(
    client: &'a App,
    secret: &str,
    now: i64,
) -> Result<(&'a App, Credential), AadError> {
    let refuse = |row| Err(AadError::new(row).arg(client.client_id()));
    match client.secrets().iter().find(|s| s.value == secret) {
        None => refuse(table::SECRET_WRONG),
        Some(found) if found.expires_at.is_some_and(|at| now >= at) => {
            refuse(table::SECRET_EXPIRED)
        }
        Some(_) => Ok((client, Credential::Secret)),
    }
}
