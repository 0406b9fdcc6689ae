//! Control operations on clock, keys, managed identities, directory, users, consent and
//! policies.

use std::sync::Arc;
use std::time::Duration;

use axum::{body::Bytes, extract::State, response::Response};
use serde::Deserialize;
use serde_json::json;

use super::reply::{answer, bad, read};
use crate::directory::{AccessPolicy, Assignment, ConsentGrant, DeclaredGrant, Directory, User};
use crate::identity::IdentityState;
use crate::keys::KeyRing;
use crate::state::Shared;

/// One of them, in seconds or `true`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum ClockChange {
    Advance(u64),
    Rewind(u64),
    Set(i64),
    FreezeAt(i64),
    Freeze(bool),
    Resume(bool),
    Reset(bool),
}

pub(super) async fn clock(State(shared): State<Arc<Shared>>) -> Response {
    let clock = &shared.clock;
    answer(&json!({ "now": clock.now(), "frozen": clock.is_frozen() }))
}

pub(super) async fn change_clock(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let clock = &shared.clock;
    match read(&body) {
        Err(refusal) => return refusal,
        Ok(ClockChange::Advance(seconds)) => clock.advance(Duration::from_secs(seconds)),
        Ok(ClockChange::Rewind(seconds)) => clock.rewind(Duration::from_secs(seconds)),
        Ok(ClockChange::Set(at)) => clock.set(at),
        Ok(ClockChange::FreezeAt(at)) => clock.freeze_at(at),
        Ok(ClockChange::Freeze(true)) => clock.freeze(),
        Ok(ClockChange::Resume(true)) => clock.resume(),
        Ok(ClockChange::Reset(true)) => clock.reset(),
        Ok(ClockChange::Freeze(false) | ClockChange::Resume(false) | ClockChange::Reset(false)) => {
            return bad("`freeze`, `resume` and `reset` take true");
        }
    }
    self::clock(State(shared)).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyChange {
    action: KeyAction,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum KeyAction {
    Rotate,
    PublishNext,
    DropOld,
    SwapUnderSameKid,
}

pub(super) async fn keys(State(shared): State<Arc<Shared>>) -> Response {
    let published: Vec<_> = shared.published_keys().iter().map(|k| &k.kid).collect();
    answer(&json!({ "published": published, "signing": shared.live_key().kid }))
}

pub(super) async fn change_keys(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let change = match read::<KeyChange>(&body).map(|c| c.action) {
        Err(refusal) => return refusal,
        Ok(KeyAction::Rotate) => KeyRing::rotate,
        Ok(KeyAction::PublishNext) => KeyRing::publish_next,
        Ok(KeyAction::DropOld) => KeyRing::drop_old,
        Ok(KeyAction::SwapUnderSameKid) => KeyRing::swap_material,
    };
    shared.change_keys(change);
    keys(State(shared)).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IdentityChange {
    state: IdentityState,
}

pub(super) async fn identity(State(shared): State<Arc<Shared>>) -> Response {
    answer(&json!({
        "state": shared.identity.state(),
        "imds": shared.metadata_base(),
        "identity_endpoint": format!("{}/msi/token", shared.metadata_base()),
        "identity_header": shared.identity.header,
    }))
}

pub(super) async fn change_identity(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    match read::<IdentityChange>(&body) {
        Err(refusal) => return refusal,
        Ok(change) => shared.identity.set(change.state),
    }
    identity(State(shared)).await
}

pub(super) async fn directory(State(shared): State<Arc<Shared>>) -> Response {
    answer(&shared.directory().to_json())
}

pub(super) async fn replace_directory(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let directory: Directory = match read(&body) {
        Ok(directory) => directory,
        Err(refusal) => return refusal,
    };
    match shared.replace_directory(directory) {
        Ok(()) => self::directory(State(shared)).await,
        Err(error) => bad(error),
    }
}

pub(super) async fn reset(State(shared): State<Arc<Shared>>) -> Response {
    shared.reset();
    answer(&json!({ "reset": true }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UserChange {
    tenant: String,
    /// The object id.
    user: String,
    disabled: bool,
}

pub(super) async fn change_user(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let change: UserChange = match read(&body) {
        Ok(change) => change,
        Err(refusal) => return refusal,
    };
    let to = match change.disabled {
        true => User::disabled,
        false => User::enabled,
    };
    match shared.change_user(&change.tenant, &change.user, to) {
        Ok(()) => answer(&json!({ "disabled": change.disabled })),
        Err(error) => bad(error),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenConsent {
    tenant: String,
    resource: String,
    client: Option<String>,
    user: Option<String>,
    group: Option<String>,
    scopes: Option<Vec<String>>,
    roles: Option<Vec<String>>,
}

pub(super) async fn grant_consent(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let given: GivenConsent = match read(&body) {
        Ok(given) => given,
        Err(refusal) => return refusal,
    };
    let declared = DeclaredGrant {
        resource: given.resource,
        client: given.client,
        user: given.user,
        group: given.group,
        scopes: given.scopes,
        roles: given.roles,
    };
    let grant = match ConsentGrant::try_from(declared) {
        Ok(grant) => grant,
        Err(reason) => return bad(reason),
    };
    match shared.grant_consent(&given.tenant, grant) {
        Ok(()) => answer(&json!({ "granted": true })),
        Err(error) => bad(error),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RevokedConsent {
    tenant: String,
    client: String,
    resource: String,
}

pub(super) async fn revoke_consent(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    match read::<RevokedConsent>(&body) {
        Err(refusal) => refusal,
        Ok(r) => match shared.revoke_consent(&r.tenant, &r.client, &r.resource) {
            Ok(()) => answer(&json!({ "revoked": true })),
            Err(error) => bad(error),
        },
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicySet {
    tenant: String,
    policy: AccessPolicy,
}

pub(super) async fn set_policy(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    match read::<PolicySet>(&body) {
        Err(refusal) => refusal,
        Ok(set) => match shared.set_policy(&set.tenant, set.policy) {
            Ok(()) => answer(&json!({ "set": true })),
            Err(error) => bad(error),
        },
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RemovedPolicy {
    tenant: String,
    id: String,
}

pub(super) async fn remove_policy(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    match read::<RemovedPolicy>(&body) {
        Err(refusal) => refusal,
        Ok(removed) => match shared.remove_policy(&removed.tenant, &removed.id) {
            Ok(()) => answer(&json!({ "removed": true })),
            Err(error) => bad(error),
        },
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AssignmentChange {
    tenant: String,
    /// The client id.
    app: String,
    assignment: Assignment,
}

pub(super) async fn change_assignment(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    match read::<AssignmentChange>(&body) {
        Err(refusal) => refusal,
        Ok(c) => match shared.set_assignment(&c.tenant, &c.app, c.assignment) {
            Ok(()) => answer(&json!({ "assignment": c.assignment })),
            Err(error) => bad(error),
        },
    }
}
