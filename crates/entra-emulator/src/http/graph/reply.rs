//! Callers, permissions and answers of Graph.

use axum::{
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::call::Call;
use crate::directory::{App, Directory, Tenant, first_party};
use crate::errors::timestamp;
use crate::http::bearer::{self, BearerError, GraphCaller};
use crate::http::response::{set, uncached_json};
use crate::state::Shared;

/// Why a request is refused: status, code and message of Graph's error body.
pub(super) struct GraphError {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl GraphError {
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: "Request_BadRequest",
            message: message.into(),
        }
    }

    pub(super) fn denied() -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            code: "Authorization_RequestDenied",
            message: "Insufficient privileges to complete the operation.".to_owned(),
        }
    }

    pub(super) fn conflict(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::CONFLICT,
            code: "Request_MultipleObjectsWithSameKeyValue",
            message: message.into(),
        }
    }

    pub(super) fn missing(id: &str) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            code: "Request_ResourceNotFound",
            message: format!(
                "Resource '{id}' does not exist or one of its queried reference-property objects \
                 are not present."
            ),
        }
    }

    pub(super) fn too_large() -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: "Directory_ResultSizeLimitExceeded",
            message: "The size of the result exceeds the limit of 11000.".to_owned(),
        }
    }

    pub(super) fn not_delegated() -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: "BadRequest",
            message: "/me request is only valid with delegated authentication flow.".to_owned(),
        }
    }

    fn token(error: BearerError) -> Self {
        let message = match error {
            BearerError::Missing => "Access token is empty.",
            BearerError::Malformed => "CompactToken parsing failed with error code: 80049217",
            BearerError::Signature => "Access token validation failure. Invalid signature.",
            BearerError::Audience => "Access token validation failure. Invalid audience.",
            BearerError::Expired => "Lifetime validation failed, the token is expired.",
            BearerError::Account => "The account or the application of the token is disabled.",
        };
        Self {
            status: StatusCode::UNAUTHORIZED,
            code: "InvalidAuthenticationToken",
            message: message.to_owned(),
        }
    }

    fn response(&self, call: &Call) -> Response {
        let date = timestamp(call.now).replace(' ', "T").replace('Z', "");
        let body = json!({ "error": {
            "code": self.code,
            "message": self.message,
            "innerError": {
                "date": date,
                "request-id": call.trace_id,
                "client-request-id": call.correlation_id,
            },
        } });
        let mut response = uncached_json(self.status, &body);
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = "Bearer realm=\"\", error=\"invalid_token\"";
            set(response.headers_mut(), "www-authenticate", challenge);
        }
        response
    }
}

/// Runs an operation for a verified caller and gives its answer or Graph's error.
pub(super) fn answer(
    shared: &Shared,
    call: &Call,
    headers: &HeaderMap,
    operation: impl FnOnce(&GraphCaller<'_>) -> Result<(StatusCode, Value), GraphError>,
) -> Response {
    let directory = shared.directory();
    let caller = bearer::token(headers)
        .and_then(|token| GraphCaller::read(shared, &directory, token, call.now));
    let done = match &caller {
        Ok(caller) => operation(caller),
        Err(error) => Err(GraphError::token(*error)),
    };
    let mut response = match done {
        Ok((status, body)) => uncached_json(status, &body),
        Err(error) => error.response(call),
    };
    set(response.headers_mut(), "request-id", &call.trace_id);
    response
}

impl GraphCaller<'_> {
    /// One of the permissions is enough (`Authorization_RequestDenied`).
    pub(super) fn require(&self, permissions: &[&str]) -> Result<(), GraphError> {
        let has = |p: &&str| self.permissions.iter().any(|own| own == p);
        match permissions.iter().any(has) {
            true => Ok(()),
            false => Err(GraphError::denied()),
        }
    }
}

/// The app of a service principal, by object id; Microsoft's own have one too.
pub(super) fn service_principal<'a>(tenant: &'a Tenant, id: &str) -> Result<&'a App, GraphError> {
    let mut all = tenant.apps().chain(first_party::all());
    all.find(|app| app.object_id(&tenant.id).eq_ignore_ascii_case(id))
        .ok_or_else(|| GraphError::missing(id))
}

/// A list, as Graph answers one.
pub(super) fn collection(shared: &Shared, of: &str, value: impl Serialize) -> (StatusCode, Value) {
    let body = json!({ "@odata.context": context(shared, of), "value": value });
    (StatusCode::OK, body)
}

pub(super) fn context(shared: &Shared, of: &str) -> String {
    format!("{}/graph/v1.0/$metadata#{of}", shared.base_url)
}

/// Changes a tenant, if the directory is sound afterwards.
pub(super) fn changed(
    shared: &Shared,
    tenant: &Tenant,
    change: impl FnOnce(&mut Tenant),
) -> Result<(), GraphError> {
    shared
        .change(|directory| {
            if let Some(found) = directory.find_mut(&tenant.id) {
                change(found);
            }
            directory.check()
        })
        .map_err(|error| GraphError::bad(error.to_string()))
}

/// The tenant as it is after a change.
pub(super) fn now<'a>(directory: &'a Directory, tenant: &Tenant) -> Option<&'a Tenant> {
    directory.find(&tenant.id)
}
