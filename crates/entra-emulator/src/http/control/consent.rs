//! Consent and role assignments over HTTP.

use std::sync::Arc;

use axum::{body::Bytes, extract::State, response::Response};
use serde::Deserialize;
use serde_json::json;

use super::{answer, bad, read};
use crate::Grant;
use crate::directory::DeclaredGrant;
use crate::state::Shared;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    tenant: String,
    resource: String,
    client: Option<String>,
    user: Option<String>,
    group: Option<String>,
    scopes: Option<Vec<String>>,
    roles: Option<Vec<String>>,
}

pub(super) async fn grant(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let given: Given = match read(&body) {
        Ok(given) => given,
        Err(refusal) => return refusal,
    };
    let declared = DeclaredGrant {
        resource: given.resource,
        client: given.client,
        user: given.user,
        group: given.group,
        scopes: given.scopes,
        roles: given.roles,
    };
    let grant = match Grant::try_from(declared) {
        Ok(grant) => grant,
        Err(reason) => return bad(reason),
    };
    match shared.grant_consent(&given.tenant, grant) {
        Ok(()) => answer(&json!({ "granted": true })),
        Err(error) => bad(error),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revoked {
    tenant: String,
    client: String,
    resource: String,
}

pub(super) async fn revoke(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    match read::<Revoked>(&body) {
        Err(refusal) => refusal,
        Ok(r) => match shared.revoke_consent(&r.tenant, &r.client, &r.resource) {
            Ok(()) => answer(&json!({ "revoked": true })),
            Err(error) => bad(error),
        },
    }
}
