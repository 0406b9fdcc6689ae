//! The emulator's time over HTTP.

use std::sync::Arc;
use std::time::Duration;

use axum::{body::Bytes, extract::State, response::Response};
use serde::Deserialize;
use serde_json::json;

use super::{answer, bad, read};
use crate::state::Shared;

/// One of them, in seconds or `true`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum Change {
    Advance(u64),
    Rewind(u64),
    Set(i64),
    FreezeAt(i64),
    Freeze(bool),
    Resume(bool),
    Reset(bool),
}

pub(super) async fn show(State(shared): State<Arc<Shared>>) -> Response {
    let clock = &shared.clock;
    answer(&json!({ "now": clock.now(), "frozen": clock.is_frozen() }))
}

pub(super) async fn change(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let clock = &shared.clock;
    match read(&body) {
        Err(refusal) => return refusal,
        Ok(Change::Advance(seconds)) => clock.advance(Duration::from_secs(seconds)),
        Ok(Change::Rewind(seconds)) => clock.rewind(Duration::from_secs(seconds)),
        Ok(Change::Set(at)) => clock.set(at),
        Ok(Change::FreezeAt(at)) => clock.freeze_at(at),
        Ok(Change::Freeze(true)) => clock.freeze(),
        Ok(Change::Resume(true)) => clock.resume(),
        Ok(Change::Reset(true)) => clock.reset(),
        Ok(Change::Freeze(false) | Change::Resume(false) | Change::Reset(false)) => {
            return bad("`freeze`, `resume` and `reset` take true");
        }
    }
    show(State(shared)).await
}
