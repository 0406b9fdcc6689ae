//! The signing keys over HTTP.

use std::sync::Arc;

use axum::{body::Bytes, extract::State, response::Response};
use serde::Deserialize;
use serde_json::json;

use super::{answer, read};
use crate::keys::KeyRing;
use crate::state::Shared;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    action: Action,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Action {
    Rotate,
    PublishNext,
    DropOld,
    SwapUnderSameKid,
}

pub(super) async fn show(State(shared): State<Arc<Shared>>) -> Response {
    let published: Vec<_> = shared.published_keys().iter().map(|k| &k.kid).collect();
    answer(&json!({ "published": published, "signing": shared.live_key().kid }))
}

pub(super) async fn change(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let change = match read::<Change>(&body).map(|c| c.action) {
        Err(refusal) => return refusal,
        Ok(Action::Rotate) => KeyRing::rotate,
        Ok(Action::PublishNext) => KeyRing::publish_next,
        Ok(Action::DropOld) => KeyRing::drop_old,
        Ok(Action::SwapUnderSameKid) => KeyRing::swap_material,
    };
    shared.change_keys(change);
    show(State(shared)).await
}
