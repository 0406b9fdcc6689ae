//! Steering over HTTP: `/__emulator/...`, JSON in and out, for tests in any language.
//!
//! None of these requests is in the journal, and no fault strikes them.

mod environment;
mod faults;
mod forge;
mod guard;
mod journal;
mod openapi;
mod operations;
mod reply;
mod sign_ins;
mod table;

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    middleware,
    response::Response,
    routing::{MethodRouter, any, delete, get, post},
};
use serde_json::json;

use reply::{answer, refuse};
use table::OPERATIONS;

use crate::state::Shared;

const BODY_LIMIT: usize = 4 * 1024 * 1024;

pub(super) fn router(shared: &Arc<Shared>, paths: Vec<&'static str>) -> Router<Arc<Shared>> {
    operations(paths)
        .router
        .route("/__emulator/{*rest}", any(unknown))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn_with_state(
            Arc::clone(shared),
            guard::guard,
        ))
}

fn operations(paths: Vec<&'static str>) -> Operations {
    Operations::default()
        .on(
            "GET /__emulator",
            get(move |state| index(state, paths.clone())),
        )
        .on("GET /__emulator/openapi.json", get(openapi::show))
        .on(
            "GET /__emulator/schema.json",
            get(openapi::directory_schema),
        )
        .on("GET /__emulator/clock", get(operations::clock))
        .on("POST /__emulator/clock", post(operations::change_clock))
        .on("GET /__emulator/journal", get(journal::show))
        .on("DELETE /__emulator/journal", delete(journal::clear))
        .on("GET /__emulator/journal/counters", get(journal::counters))
        .on("GET /__emulator/faults", get(faults::list))
        .on("POST /__emulator/faults", post(faults::add))
        .on("DELETE /__emulator/faults", delete(faults::clear))
        .on("DELETE /__emulator/faults/{id}", delete(faults::remove))
        .on("GET /__emulator/keys", get(operations::keys))
        .on("POST /__emulator/keys", post(operations::change_keys))
        .on("POST /__emulator/forge", post(forge::forge))
        .on("POST /__emulator/consent", post(operations::grant_consent))
        .on(
            "DELETE /__emulator/consent",
            delete(operations::revoke_consent),
        )
        .on(
            "GET /__emulator/managed-identity",
            get(operations::identity),
        )
        .on(
            "POST /__emulator/managed-identity",
            post(operations::change_identity),
        )
        .on("GET /__emulator/directory", get(operations::directory))
        .on(
            "POST /__emulator/directory",
            post(operations::replace_directory),
        )
        .on("POST /__emulator/reset", post(operations::reset))
        .on("POST /__emulator/policies", post(operations::set_policy))
        .on(
            "DELETE /__emulator/policies",
            delete(operations::remove_policy),
        )
        .on(
            "POST /__emulator/assignment",
            post(operations::change_assignment),
        )
        .on("GET /__emulator/environment", get(environment::show))
        .on("POST /__emulator/users", post(operations::change_user))
        .on("DELETE /__emulator/users", delete(sign_ins::delete_user))
        .on(
            "POST /__emulator/device-codes",
            post(sign_ins::decide_device_code),
        )
        .on(
            "DELETE /__emulator/sessions",
            delete(sign_ins::revoke_sessions),
        )
}

/// A router that remembers its operations, so that each can be asked for its row.
#[derive(Default)]
struct Operations {
    router: Router<Arc<Shared>>,
    #[cfg(test)]
    names: Vec<&'static str>,
}

impl Operations {
    fn on(mut self, name: &'static str, handler: MethodRouter<Arc<Shared>>) -> Self {
        let path = name.split_once(' ').map_or(name, |(_, path)| path);
        #[cfg(test)]
        self.names.push(name);
        self.router = self.router.route(path, handler);
        self
    }
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
            .map(|operation| json!({ "operation": operation.name, "what": operation.what }))
            .collect::<Vec<_>>(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_operation_that_is_served_has_a_row_and_each_row_is_served() {
        let mut served = operations(Vec::new()).names;
        let mut listed: Vec<_> = OPERATIONS.iter().map(|o| o.name).collect();
        served.sort_unstable();
        listed.sort_unstable();
        assert_eq!(served, listed);
        for body in OPERATIONS.iter().filter_map(|o| o.body) {
            assert!(
                serde_json::from_str::<serde_json::Value>(body).is_ok(),
                "{body}"
            );
        }
    }
}
