//! The key sets (RFC 7517), as Entra publishes them: no `alg`, and in v2 an `issuer` and a
//! `cloud_instance_name` with each key.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, State},
    response::Response,
};
use serde_json::{Value, json};

use super::{Authority, cached_json, error_response};
use crate::call::Call;
use crate::directory::PERSONAL;
use crate::state::Shared;
use crate::tokens::issuer_v2;

/// What Entra's keys say about their cloud; validators compare it with the metadata.
pub(crate) const CLOUD_INSTANCE: &str = "microsoftonline.com";

#[derive(Clone, Copy)]
enum Version {
    V1,
    V2,
}

pub(super) async fn v1(
    State(shared): State<Arc<Shared>>,
    Path(tenant): Path<String>,
    Extension(call): Extension<Arc<Call>>,
) -> Response {
    answer(&shared, &tenant, &call, Version::V1)
}

pub(super) async fn v2(
    State(shared): State<Arc<Shared>>,
    Path(tenant): Path<String>,
    Extension(call): Extension<Arc<Call>>,
) -> Response {
    answer(&shared, &tenant, &call, Version::V2)
}

fn answer(shared: &Shared, segment: &str, call: &Call, version: Version) -> Response {
    let directory = shared.directory();
    let issuer = match Authority::find(&directory, segment) {
        Ok(Authority::Tenant(tenant)) => issuer_v2(&shared.base_url, &tenant.id),
        Ok(Authority::Any("consumers")) => issuer_v2(&shared.base_url, PERSONAL),
        Ok(Authority::Any(_)) => issuer_v2(&shared.base_url, "{tenantid}"),
        Err(error) => return error_response(&error, call, shared),
    };
    let keys = shared.published_keys().into_iter().map(|key| {
        let mut jwk = json!({
            "kty": "RSA", "use": "sig", "kid": key.kid, "x5t": key.kid,
            "n": key.n, "e": key.e, "x5c": [key.x5c],
        });
        if let (Version::V2, Value::Object(jwk)) = (version, &mut jwk) {
            jwk.insert("cloud_instance_name".into(), CLOUD_INSTANCE.into());
            jwk.insert("issuer".into(), issuer.as_str().into());
        }
        jwk
    });
    cached_json(&json!({ "keys": keys.collect::<Vec<_>>() }))
}
