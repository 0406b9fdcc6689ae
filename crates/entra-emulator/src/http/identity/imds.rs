//! The instance metadata service of a virtual machine.

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde_json::json;

use super::{Issued, LIFETIME, MACHINE_GROUP, MACHINE_SUBSCRIPTION, Refusal, issue, machine_id};
use crate::call::Call;
use crate::directory::Reading;
use crate::http::response::{set, uncached_json};
use crate::state::Shared;

/// The first version with tokens; later ones answer alike.
const FIRST_VERSION: &str = "2018-02-01";

pub(in crate::http) async fn token(
    State(shared): State<Arc<Shared>>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
) -> Response {
    if let Some((status, error, text)) = shared.identity.state().failure() {
        let mut response = refuse(status, error, text);
        if status == 429 {
            set(response.headers_mut(), "retry-after", "1");
        }
        return response;
    }
    // A browser or a proxy that was tricked into asking cannot set this header.
    let optional = !headers.contains_key("metadata")
        && shared
            .directory()
            .tenants()
            .any(|t| t.follows(Reading::MetadataHeaderOptional));
    if !optional && !is_metadata(&headers) {
        return refuse(
            400,
            "invalid_request",
            "Required metadata header not specified",
        );
    }
    if headers.contains_key("x-forwarded-for") {
        return refuse(
            400,
            "invalid_request",
            "Forwarded requests are not answered",
        );
    }
    if !call.query.get("api-version").is_some_and(is_version) {
        return refuse(
            400,
            "invalid_request",
            "Required query variable 'api-version' is missing or not supported",
        );
    }
    answered(issue(&shared, &call))
}

/// The answer of a metadata service.
pub(super) fn answered(issued: Result<Issued, Refusal>) -> Response {
    match issued {
        Ok(issued) => uncached_json(
            StatusCode::OK,
            &json!({
                "access_token": issued.access_token,
                "client_id": issued.client_id,
                "expires_in": LIFETIME.to_string(),
                "expires_on": issued.expires_at.to_string(),
                "ext_expires_in": LIFETIME.to_string(),
                "not_before": issued.not_before.to_string(),
                "resource": issued.resource,
                "token_type": "Bearer",
            }),
        ),
        Err(Refusal::Identity(text) | Refusal::Request(text)) => {
            refuse(400, "invalid_request", text)
        }
        Err(Refusal::Resource(text)) => refuse(400, "invalid_resource", &text),
    }
}

/// `/metadata/instance/compute`: where the machine is, as a virtual machine in Azure says it.
pub(in crate::http) async fn compute(headers: HeaderMap) -> Response {
    if !is_metadata(&headers) {
        let text = "Bad request. Required metadata header not specified";
        return uncached_json(StatusCode::BAD_REQUEST, &json!({ "error": text }));
    }
    uncached_json(
        StatusCode::OK,
        &json!({
            "azEnvironment": "AzurePublicCloud",
            "location": "westeurope",
            "name": "entra-emulator",
            "osType": "Linux",
            "provider": "Microsoft.Compute",
            "resourceGroupName": MACHINE_GROUP,
            "resourceId": machine_id("entra-emulator"),
            "subscriptionId": MACHINE_SUBSCRIPTION,
            "vmId": "c0de0000-7e57-4000-8000-000000000001",
        }),
    )
}

/// `Metadata: true`.
pub(super) fn is_metadata(headers: &HeaderMap) -> bool {
    let metadata = headers.get("metadata").and_then(|v| v.to_str().ok());
    metadata.is_some_and(|m| m.eq_ignore_ascii_case("true"))
}

/// A date in the form of Azure's API versions, not older than the first.
fn is_version(version: &str) -> bool {
    let form = version.len() == 10
        && version.bytes().enumerate().all(|(i, b)| match i {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        });
    form && version >= FIRST_VERSION
}

pub(super) fn refuse(status: u16, error: &str, text: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    uncached_json(
        status,
        &json!({ "error": error, "error_description": text }),
    )
}
