//! Consent and role assignments over HTTP.

use std::sync::Arc;

use axum::{body::Bytes, extract::State, response::Response};
use serde::Deserialize;
use serde_json::json;

use super::{answer, bad, read};
use crate::Grant;
use crate::state::Shared;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    tenant: String,
    resource: String,
    client: Option<String>,
    user: Option<String>,
    scopes: Option<Vec<String>>,
    roles: Option<Vec<String>>,
}

impl Given {
    fn grant(self) -> Result<(String, Grant), &'static str> {
        let resource = &self.resource;
        let grant = match (self.client, self.user, self.scopes, self.roles) {
            (Some(client), None, Some(scopes), None) => Grant::delegated(client, resource, scopes),
            (Some(client), Some(user), Some(scopes), None) => {
                Grant::delegated(client, resource, scopes).only_for(user)
            }
            (Some(client), None, None, Some(roles)) => Grant::app_roles(client, resource, roles),
            (None, Some(user), None, Some(roles)) => Grant::user_roles(user, resource, roles),
            _ => {
                return Err(
                    "consent is `client` and `scopes`, with `user` for one user only; an assignment is `roles` with either `client` or `user`",
                );
            }
        };
        Ok((self.tenant, grant))
    }
}

pub(super) async fn grant(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let given: Given = match read(&body) {
        Ok(given) => given,
        Err(refusal) => return refusal,
    };
    match given.grant().map(|(t, g)| shared.grant_consent(&t, g)) {
        Ok(Ok(())) => answer(&json!({ "granted": true })),
        Ok(Err(error)) => bad(error),
        Err(reason) => bad(reason),
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
