//! The journal over HTTP.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use serde_json::json;

use super::reply::{answer, bad, refuse};
use crate::journal::JournalEntry;
use crate::state::Shared;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    /// Part of the path.
    path: Option<String>,
    method: Option<String>,
    client_id: Option<String>,
    grant_type: Option<String>,
    status: Option<u16>,
    error_code: Option<u32>,
    /// Answers once this many match.
    wait: Option<usize>,
    timeout_ms: Option<u64>,
}

/// How long to wait unless told.
const TIMEOUT_MS: u64 = 5_000;

impl Filter {
    fn matches(&self, entry: &JournalEntry) -> bool {
        let same = |wanted: &Option<String>, is: Option<&str>| {
            let Some(wanted) = wanted else { return true };
            is.is_some_and(|is| is.eq_ignore_ascii_case(wanted))
        };
        self.path.as_ref().is_none_or(|p| entry.path().contains(p))
            && same(&self.method, Some(entry.method()))
            && same(&self.client_id, entry.client_id())
            && same(&self.grant_type, entry.grant_type())
            && self.status.is_none_or(|s| s == entry.status())
            && self
                .error_code
                .is_none_or(|c| Some(c) == entry.error_code())
    }
}

pub(super) async fn show(
    State(shared): State<Arc<Shared>>,
    filter: Result<Query<Filter>, QueryRejection>,
) -> Response {
    let Query(filter) = match filter {
        Ok(filter) => filter,
        Err(error) => return bad(error.body_text()),
    };
    let count = filter.wait.unwrap_or(0);
    let timeout = Duration::from_millis(filter.timeout_ms.unwrap_or(TIMEOUT_MS));
    let found = shared
        .journal
        .wait_for(count, timeout, |e| filter.matches(e))
        .await;
    match found {
        Ok(entries) => answer(&json!({ "count": entries.len(), "entries": entries })),
        Err(error) => refuse(StatusCode::REQUEST_TIMEOUT, error.to_string()),
    }
}

pub(super) async fn counters(State(shared): State<Arc<Shared>>) -> Response {
    let mut counters: [BTreeMap<String, u64>; 5] = Default::default();
    let [path, client, grant, status, error] = &mut counters;
    let entries = shared.journal.entries();
    for entry in &entries {
        for (counter, key) in [
            (&mut *path, Some(entry.path().to_owned())),
            (client, entry.client_id().map(str::to_ascii_lowercase)),
            (grant, entry.grant_type().map(str::to_owned)),
            (status, Some(entry.status().to_string())),
            (error, entry.error_code().map(|c| c.to_string())),
        ] {
            if let Some(key) = key {
                *counter.entry(key).or_default() += 1;
            }
        }
    }
    answer(&json!({
        "requests": entries.len(), "path": path, "client_id": client, "grant_type": grant,
        "status": status, "error_code": error,
    }))
}

pub(super) async fn clear(State(shared): State<Arc<Shared>>) -> Response {
    shared.journal.clear();
    answer(&json!({ "count": 0, "entries": [] }))
}
