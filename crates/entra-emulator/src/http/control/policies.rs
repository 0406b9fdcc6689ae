//! Conditional Access and assignment over HTTP.

use std::sync::Arc;

use axum::{body::Bytes, extract::State, response::Response};
use serde::Deserialize;
use serde_json::json;

use super::{answer, bad, read};
use crate::Policy;
use crate::directory::Assignment;
use crate::state::Shared;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    tenant: String,
    policy: Policy,
}

pub(super) async fn set(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    match read::<Set>(&body) {
        Err(refusal) => refusal,
        Ok(set) => match shared.set_policy(&set.tenant, set.policy) {
            Ok(()) => answer(&json!({ "set": true })),
            Err(error) => bad(error),
        },
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Removed {
    tenant: String,
    id: String,
}

pub(super) async fn remove(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    match read::<Removed>(&body) {
        Err(refusal) => refusal,
        Ok(removed) => match shared.remove_policy(&removed.tenant, &removed.id) {
            Ok(()) => answer(&json!({ "removed": true })),
            Err(error) => bad(error),
        },
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    tenant: String,
    /// The client id.
    app: String,
    assignment: Assignment,
}

pub(super) async fn assignment(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    match read::<Change>(&body) {
        Err(refusal) => refusal,
        Ok(c) => match shared.set_assignment(&c.tenant, &c.app, c.assignment) {
            Ok(()) => answer(&json!({ "assignment": c.assignment })),
            Err(error) => bad(error),
        },
    }
}
