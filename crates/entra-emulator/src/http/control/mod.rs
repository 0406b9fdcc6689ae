//! Steering over HTTP: `/__emulator/...`, JSON in and out, for tests in any language.
//!
//! None of these requests is in the journal, and no fault strikes them.

mod environment;
mod faults;
mod forge;
mod guard;
mod journal;
mod operations;
mod reply;
mod sign_ins;

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    middleware,
    response::Response,
    routing::{any, delete, get, post},
};
use serde_json::json;

use reply::{answer, refuse};

use crate::state::Shared;

const BODY_LIMIT: usize = 4 * 1024 * 1024;

pub(super) fn router(shared: &Arc<Shared>, paths: Vec<&'static str>) -> Router<Arc<Shared>> {
    Router::new()
        .route("/__emulator", get(move |state| index(state, paths.clone())))
        .route(
            "/__emulator/clock",
            get(operations::clock).post(operations::change_clock),
        )
        .route(
            "/__emulator/journal",
            get(journal::show).delete(journal::clear),
        )
        .route("/__emulator/journal/counters", get(journal::counters))
        .route(
            "/__emulator/faults",
            get(faults::list).post(faults::add).delete(faults::clear),
        )
        .route("/__emulator/faults/{id}", delete(faults::remove))
        .route(
            "/__emulator/keys",
            get(operations::keys).post(operations::change_keys),
        )
        .route("/__emulator/forge", post(forge::forge))
        .route(
            "/__emulator/consent",
            post(operations::grant_consent).delete(operations::revoke_consent),
        )
        .route(
            "/__emulator/managed-identity",
            get(operations::identity).post(operations::change_identity),
        )
        .route(
            "/__emulator/directory",
            get(operations::directory).post(operations::replace_directory),
        )
        .route("/__emulator/reset", post(operations::reset))
        .route(
            "/__emulator/policies",
            post(operations::set_policy).delete(operations::remove_policy),
        )
        .route(
            "/__emulator/assignment",
            post(operations::change_assignment),
        )
        .route("/__emulator/environment", get(environment::show))
        .route(
            "/__emulator/users",
            post(operations::change_user).delete(sign_ins::delete_user),
        )
        .route(
            "/__emulator/device-codes",
            post(sign_ins::decide_device_code),
        )
        .route("/__emulator/sessions", delete(sign_ins::revoke_sessions))
        .route("/__emulator/{*rest}", any(unknown))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn_with_state(
            Arc::clone(shared),
            guard::guard,
        ))
}

async fn unknown() -> Response {
    refuse(
        StatusCode::NOT_FOUND,
        "there is no such operation; GET /__emulator lists them",
    )
}

async fn index(State(shared): State<Arc<Shared>>, paths: Vec<&'static str>) -> Response {
    let grants: Vec<_> = super::token::grant_names().collect();
    answer(&json!({
        "emulator": env!("CARGO_PKG_VERSION"),
        "base_url": shared.base_url,
        "endpoints": paths,
        "grants": grants,
        "operations": OPERATIONS
            .iter()
            .map(|(operation, what)| json!({ "operation": operation, "what": what }))
            .collect::<Vec<_>>(),
    }))
}

/// Every operation, for those who look at `/__emulator`.
const OPERATIONS: [(&str, &str); 28] = [
    ("GET /__emulator/clock", "the emulator's time"),
    (
        "POST /__emulator/clock",
        "one of advance, rewind, set, freeze_at (seconds), freeze, resume, reset (true)",
    ),
    (
        "GET /__emulator/journal",
        "requests; filters path, method, client_id, grant_type, status, error_code; wait and timeout_ms",
    ),
    (
        "GET /__emulator/journal/counters",
        "requests by path, client, grant, status and error",
    ),
    ("DELETE /__emulator/journal", "forget all requests"),
    ("GET /__emulator/faults", "faults that are not spent"),
    ("POST /__emulator/faults", "order a fault"),
    ("DELETE /__emulator/faults", "take all faults back"),
    ("DELETE /__emulator/faults/{id}", "take one fault back"),
    (
        "GET /__emulator/keys",
        "the published keys, and which one signs",
    ),
    (
        "POST /__emulator/keys",
        "action: rotate, publish-next, drop-old or swap-under-same-kid",
    ),
    ("POST /__emulator/forge", "a token of any shape"),
    (
        "POST /__emulator/consent",
        "add consent or a role assignment",
    ),
    ("DELETE /__emulator/consent", "take consent back"),
    ("POST /__emulator/users", "enable or disable an account"),
    (
        "DELETE /__emulator/users",
        "delete an account: tenant, user",
    ),
    (
        "POST /__emulator/device-codes",
        "approve a device code (user_code, tenant, user) or decline it (user_code alone)",
    ),
    (
        "DELETE /__emulator/sessions",
        "end the sessions of a user: tenant, user, because (revoked or password-changed)",
    ),
    (
        "GET /__emulator/managed-identity",
        "where the metadata endpoints are, their secret and state",
    ),
    (
        "POST /__emulator/managed-identity",
        "state: ready, not-ready, updating, throttled, failing or unavailable",
    ),
    ("GET /__emulator/directory", "a snapshot of the directory"),
    (
        "POST /__emulator/directory",
        "another directory, of a snapshot's shape",
    ),
    (
        "POST /__emulator/reset",
        "everything as it was at the start",
    ),
    (
        "POST /__emulator/policies",
        "add or replace a Conditional Access policy: tenant, policy (id, requirement, resources, users, enabled)",
    ),
    (
        "DELETE /__emulator/policies",
        "remove a Conditional Access policy: tenant, id",
    ),
    (
        "POST /__emulator/assignment",
        "whether an app demands assignment: tenant, app, assignment (required or optional)",
    ),
    (
        "GET /__emulator/environment",
        "what points a client library at it: for, tenant, client, ca_file",
    ),
    ("GET /__emulator", "this list"),
];
