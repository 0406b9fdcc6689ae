//! What a test does to users and their sign-ins while an emulator runs.

use crate::access::find_client;
use crate::device::Asked as DeviceRequest;
use crate::directory::{DirectoryError, Tenant, User};
use crate::errors::AadError;
use crate::grants::Approval;
use crate::scopes::Asked;
use crate::session::{ClaimsRequest, Session};
use crate::state::Shared;

/// Why a device code could not be decided.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceCodeError {
    /// The user code is unknown, over, or decided already.
    #[error("no sign-in waits for the user code `{user_code}`")]
    NotWaiting {
        /// The user code given.
        user_code: String,
    },
    /// The tenant has no such user.
    #[error("tenant `{tenant}` has no user `{user}`")]
    UnknownUser {
        /// The tenant given.
        tenant: String,
        /// The user given.
        user: String,
    },
    /// The user may not have what the device asked for.
    #[error("blocked by AADSTS{code}")]
    Refused {
        /// The number of Entra's error.
        code: u32,
    },
}

/// The approval that a device's request gets from a user who signs in for it, answering
/// what policies ask on the way.
pub(crate) fn approve(
    tenant: &Tenant,
    user: &User,
    request: &DeviceRequest,
    now: i64,
) -> Result<Approval, AadError> {
    let client = find_client(tenant, &request.client_id)?;
    let asked = Asked::parse(&request.scope)?.resolve(tenant)?;
    let claims = ClaimsRequest::parse(request.claims.as_deref())?;
    crate::access::check_assignment(tenant, client, asked.resource, user)?;
    asked.consented(tenant, client, user)?;
    let id = asked.resource.client_id();
    let session = Session::interactive(tenant, user, id, &claims, now);
    crate::access::check_policies(tenant, user, asked.resource, &session, &claims, now)?;
    Ok(Approval {
        tenant: tenant.id.clone(),
        client: client.client_id().to_owned(),
        user: user.object_id().to_owned(),
        scope: request.scope.clone(),
        session,
    })
}

impl Shared {
    /// Approves a waiting device code for a user of a tenant.
    pub(crate) fn approve_device_code(
        &self,
        user_code: &str,
        tenant: &str,
        user: &str,
    ) -> Result<(), DeviceCodeError> {
        let now = self.clock.now();
        let request = self.devices.waiting(user_code, now);
        let request = request.ok_or_else(|| not_waiting(user_code))?;
        let directory = self.directory();
        let found = directory
            .find(tenant)
            .and_then(|t| Some((t, t.find_user_by_hint(user)?)));
        let Some((tenant, user)) = found.filter(|(_, u)| !u.is_disabled()) else {
            return Err(DeviceCodeError::UnknownUser {
                tenant: tenant.to_owned(),
                user: user.to_owned(),
            });
        };
        let approval = approve(tenant, user, &request, now)
            .map_err(|error| DeviceCodeError::Refused { code: error.code() })?;
        match self.devices.answer(user_code, Some(approval), now) {
            true => Ok(()),
            false => Err(not_waiting(user_code)),
        }
    }

    pub(crate) fn decline_device_code(&self, user_code: &str) -> Result<(), DeviceCodeError> {
        match self.devices.answer(user_code, None, self.clock.now()) {
            true => Ok(()),
            false => Err(not_waiting(user_code)),
        }
    }

    /// Revokes the sessions of a user that began before now.
    pub(crate) fn revoke_sessions(
        &self,
        tenant: &str,
        object_id: &str,
    ) -> Result<(), DirectoryError> {
        let now = self.clock.now();
        self.change_user(tenant, object_id, |user| {
            user.revoke_sessions_before(now.saturating_add(1))
        })
    }
}

impl Shared {
    /// A user changes the password.
    pub(crate) fn change_password(
        &self,
        tenant: &str,
        object_id: &str,
    ) -> Result<(), DirectoryError> {
        let now = self.clock.now();
        self.change_user(tenant, object_id, |user| {
            user.password_changed_at(now.saturating_add(1))
        })
    }
}

fn not_waiting(user_code: &str) -> DeviceCodeError {
    DeviceCodeError::NotWaiting {
        user_code: user_code.to_owned(),
    }
}
