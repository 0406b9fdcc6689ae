//! Accounts over HTTP.

use std::sync::Arc;

use axum::{body::Bytes, extract::State, response::Response};
use serde::Deserialize;
use serde_json::json;

use super::{answer, bad, read};
use crate::User;
use crate::state::Shared;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    tenant: String,
    /// The object id.
    user: String,
    disabled: bool,
}

pub(super) async fn change(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let change: Change = match read(&body) {
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
