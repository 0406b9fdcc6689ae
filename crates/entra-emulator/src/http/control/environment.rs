//! Environments of client libraries over HTTP.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::Response,
};
use serde::Deserialize;
use serde_json::json;

use super::reply::{answer, bad};
use crate::environment::{EnvironmentFor, EnvironmentFormat, SdkFamily};
use crate::state::Shared;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    r#for: String,
    tenant: Option<String>,
    client: Option<String>,
    ca_file: Option<String>,
    format: Option<String>,
}

pub(super) async fn show(
    State(shared): State<Arc<Shared>>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Response {
    let Query(wanted) = match wanted {
        Ok(wanted) => wanted,
        Err(error) => return bad(error.body_text()),
    };
    let Some(family) = SdkFamily::named(&wanted.r#for) else {
        let names: Vec<_> = SdkFamily::ALL.iter().map(|f| f.name()).collect();
        return bad(format_args!("`for` is one of {}", names.join(", ")));
    };
    let format = wanted.format.as_deref().unwrap_or("dotenv");
    let Some(format) = EnvironmentFormat::named(format) else {
        return bad("`format` is one of dotenv, sh, powershell");
    };
    let mut request = EnvironmentFor::new(family);
    if let Some(tenant) = wanted.tenant {
        request = request.tenant(tenant);
    }
    if let Some(client) = wanted.client {
        request = request.client(client);
    }
    if let Some(file) = wanted.ca_file {
        request = request.ca_file(file);
    }
    match shared.environment(&request) {
        Ok(environment) => answer(&json!({
            "for": family.name(),
            "variables": environment.variables().collect::<BTreeMap<_, _>>(),
            "notes": environment.notes().collect::<Vec<_>>(),
            "file": environment.text(format),
        })),
        Err(error) => bad(error),
    }
}
