//! Control operations on sign-ins: device codes and sessions.

use std::sync::Arc;

use axum::{body::Bytes, extract::State, response::Response};
use serde::Deserialize;
use serde_json::json;

use super::reply::{answer, bad, read};
use crate::state::Shared;

/// Approved by a user of a tenant, or declined.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeviceCodeDecision {
    user_code: String,
    tenant: Option<String>,
    user: Option<String>,
}

pub(super) async fn decide_device_code(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let decision: DeviceCodeDecision = match read(&body) {
        Ok(decision) => decision,
        Err(refusal) => return refusal,
    };
    let code = &decision.user_code;
    let done = match (&decision.tenant, &decision.user) {
        (Some(tenant), Some(user)) => shared.approve_device_code(code, tenant, user),
        (None, None) => shared.decline_device_code(code),
        _ => return bad("`tenant` and `user` together approve; without both it is declined"),
    };
    match done {
        Ok(()) => answer(&json!({ "approved": decision.user.is_some() })),
        Err(error) => bad(error),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RevokedSessions {
    tenant: String,
    /// The object id.
    user: String,
    #[serde(default)]
    because: Because,
}

/// The event that ends sessions: an administrator or the user revokes them all, or the user
/// changes the password.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Because {
    #[default]
    Revoked,
    PasswordChanged,
}

pub(super) async fn revoke_sessions(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    match read::<RevokedSessions>(&body) {
        Err(refusal) => refusal,
        Ok(revoked) => {
            let (tenant, user) = (&revoked.tenant, &revoked.user);
            let done = match revoked.because {
                Because::Revoked => shared.revoke_sessions(tenant, user),
                Because::PasswordChanged => shared.change_password(tenant, user),
            };
            match done {
                Ok(()) => answer(&json!({ "revoked": true })),
                Err(error) => bad(error),
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeletedUser {
    tenant: String,
    /// The object id.
    user: String,
}

pub(super) async fn delete_user(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    match read::<DeletedUser>(&body) {
        Err(refusal) => refusal,
        Ok(deleted) => match shared.delete_user(&deleted.tenant, &deleted.user) {
            Ok(()) => answer(&json!({ "deleted": true })),
            Err(error) => bad(error),
        },
    }
}
