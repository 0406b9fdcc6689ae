//! Faults over HTTP.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde_json::{Value, json};

use super::reply::{answer, bad, read, refuse};
use crate::fault::{Fault, FaultId};
use crate::state::Shared;

pub(super) async fn list(State(shared): State<Arc<Shared>>) -> Response {
    let pending = shared.faults.pending();
    let faults: Vec<Value> = pending
        .iter()
        .map(|p| json!({ "id": p.id().number(), "hits": p.hits(), "fault": p.fault() }))
        .collect();
    answer(&json!({ "faults": faults }))
}

pub(super) async fn add(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let fault: Fault = match read(&body) {
        Ok(fault) => fault,
        Err(refusal) => return refusal,
    };
    match fault.check() {
        Ok(()) => answer(&json!({ "id": shared.faults.add(fault).number() })),
        Err(error) => bad(error),
    }
}

pub(super) async fn clear(State(shared): State<Arc<Shared>>) -> Response {
    shared.faults.clear();
    answer(&json!({ "faults": [] }))
}

pub(super) async fn remove(State(shared): State<Arc<Shared>>, Path(id): Path<u64>) -> Response {
    match shared.faults.remove(FaultId::new(id)) {
        true => answer(&json!({ "removed": id })),
        false => refuse(
            StatusCode::NOT_FOUND,
            "there is no such fault, or it is spent",
        ),
    }
}
