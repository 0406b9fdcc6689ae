//! The metadata endpoints' state over HTTP.

use std::sync::Arc;

use axum::{body::Bytes, extract::State, response::Response};
use serde::Deserialize;
use serde_json::json;

use super::{answer, read};
use crate::IdentityState;
use crate::state::Shared;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    state: IdentityState,
}

pub(super) async fn show(State(shared): State<Arc<Shared>>) -> Response {
    answer(&json!({
        "state": shared.identity.state(),
        "imds": shared.metadata_base(),
        "identity_endpoint": format!("{}/msi/token", shared.metadata_base()),
        "identity_header": shared.identity.header,
    }))
}

pub(super) async fn change(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    match read::<Change>(&body) {
        Err(refusal) => return refusal,
        Ok(change) => shared.identity.set(change.state),
    }
    show(State(shared)).await
}
