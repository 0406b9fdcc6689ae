//! The token endpoint.

pub(super) mod client;
mod client_credentials;
mod code;
mod device;
mod issue;
mod obo;
mod refresh;

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, State},
    response::Response,
};

use super::{Authority, error_response};
use crate::call::Call;
use crate::directory::{App, Directory, Tenant};
use crate::errors::{AadError, table};
use crate::state::Shared;
use crate::tokens::Credential;

/// A token request whose client is known and authenticated.
pub(super) struct Request<'a> {
    pub(super) shared: &'a Shared,
    pub(super) call: &'a Call,
    pub(super) tenant: &'a Tenant,
    pub(super) client: &'a App,
    pub(super) credential: Credential,
}

impl<'a> Request<'a> {
    /// A parameter that must be there.
    pub(super) fn need(&self, name: &str) -> Result<&'a str, AadError> {
        need(self.call, name)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grant {
    Code,
    Refresh,
    ClientCredentials,
    OnBehalfOf,
    Device,
}

impl Grant {
    fn parse(name: &str) -> Result<Self, AadError> {
        match name {
            "authorization_code" => Ok(Self::Code),
            "refresh_token" => Ok(Self::Refresh),
            "client_credentials" => Ok(Self::ClientCredentials),
            "urn:ietf:params:oauth:grant-type:jwt-bearer" => Ok(Self::OnBehalfOf),
            // MSAL for JavaScript uses the short name, which came before RFC 8628.
            "urn:ietf:params:oauth:grant-type:device_code" | "device_code" => Ok(Self::Device),
            other => Err(AadError::new(table::UNSUPPORTED_GRANT).arg(other)),
        }
    }
}

pub(super) async fn token(
    State(shared): State<Arc<Shared>>,
    Path(segment): Path<String>,
    Extension(call): Extension<Arc<Call>>,
) -> Response {
    let directory = shared.directory();
    answer(&shared, &directory, &segment, &call)
        .unwrap_or_else(|error| error_response(&error, &call, &shared))
}

pub(super) async fn not_post(
    State(shared): State<Arc<Shared>>,
    Extension(call): Extension<Arc<Call>>,
) -> Response {
    let error = AadError::new(table::POST_ONLY).arg(&call.method);
    error_response(&error, &call, &shared)
}

/// The order of the checks is what a client sees when two things are wrong: grant type,
/// tenant, client, credential, and then what the grant needs.
fn answer(
    shared: &Shared,
    directory: &Directory,
    segment: &str,
    call: &Call,
) -> Result<Response, AadError> {
    let grant = Grant::parse(need(call, "grant_type")?)?;
    let tenant = tenant(shared, directory, segment, call, grant)?;
    let (client, credential) = client::authenticate(tenant, call, grant)?;
    let request = Request {
        shared,
        call,
        tenant,
        client,
        credential,
    };
    match grant {
        Grant::Code => code::answer(&request),
        Grant::Refresh => refresh::answer(&request),
        Grant::ClientCredentials => client_credentials::answer(&request),
        Grant::OnBehalfOf => obo::answer(&request),
        Grant::Device => device::answer(&request),
    }
}

/// The tenant of the path. For `common` and `organizations` it is the one in which the
/// code or the refresh token was issued; the other grants need a tenant.
fn tenant<'a>(
    shared: &Shared,
    directory: &'a Directory,
    segment: &str,
    call: &Call,
    grant: Grant,
) -> Result<&'a Tenant, AadError> {
    if let Authority::Tenant(tenant) = Authority::find(directory, segment)? {
        return Ok(tenant);
    }
    let (name, issued) = match grant {
        Grant::Code => {
            let grant = call.form.get("code").and_then(|c| shared.codes.peek(c));
            ("code", grant.map(|g| g.approval.tenant.clone()))
        }
        Grant::Refresh => {
            let token = call.form.get("refresh_token");
            let approval = token.and_then(|t| shared.refresh_tokens.peek(t));
            ("refresh_token", approval.map(|a| a.tenant))
        }
        Grant::Device => {
            let tenant = shared.devices.tenant(device::code(call)?, call.now)?;
            ("device_code", Some(tenant))
        }
        Grant::ClientCredentials | Grant::OnBehalfOf => {
            return Err(AadError::new(table::GRANT_NEEDS_TENANT));
        }
    };
    issued
        .and_then(|id| directory.find(&id))
        .ok_or_else(|| AadError::new(table::GRANT_INVALID).arg(name))
}

fn need<'a>(call: &'a Call, name: &str) -> Result<&'a str, AadError> {
    call.form
        .get(name)
        .ok_or_else(|| AadError::new(table::MISSING_PARAMETER).arg(name))
}
