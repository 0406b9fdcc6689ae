//! The directory over HTTP: snapshot, replacement, reset to the seed.

use std::sync::Arc;

use axum::{body::Bytes, extract::State, response::Response};
use serde_json::json;

use super::{answer, bad, read};
use crate::Directory;
use crate::state::Shared;

pub(super) async fn show(State(shared): State<Arc<Shared>>) -> Response {
    answer(&shared.directory().to_json())
}

pub(super) async fn replace(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let directory: Directory = match read(&body) {
        Ok(directory) => directory,
        Err(refusal) => return refusal,
    };
    match shared.replace_directory(directory) {
        Ok(()) => show(State(shared)).await,
        Err(error) => bad(error),
    }
}

pub(super) async fn reset(State(shared): State<Arc<Shared>>) -> Response {
    shared.reset();
    answer(&json!({ "reset": true }))
}
