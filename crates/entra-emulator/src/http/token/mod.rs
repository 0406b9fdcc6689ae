//! The token endpoint.

mod agent_user;
mod assertion;
pub(super) mod client;
mod client_credentials;
mod code;
mod issue;
mod obo;
mod password;
mod refresh;
mod request;

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, State},
    response::Response,
};

use super::authority::Authority;
use super::cors::readable;
use super::response::error_response;
use crate::access;
use crate::call::Call;
use crate::directory::{AgentPart, Directory, Reading, Tenant};
use crate::errors::{AadError, table};
use crate::grants::has_form;
use crate::state::Shared;
pub(super) use request::grant_names;
use request::{GrantType, Request, TOKEN_EXCHANGE, need};

pub(super) async fn token(
    State(shared): State<Arc<Shared>>,
    Path(segment): Path<String>,
    Extension(call): Extension<Arc<Call>>,
) -> Response {
    let directory = shared.directory();
    let answer = answer(&shared, &directory, &segment, &call).await;
    let response = answer.unwrap_or_else(|error| error_response(&error, &call, &shared));
    readable(&call, response)
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
async fn answer(
    shared: &Shared,
    directory: &Directory,
    segment: &str,
    call: &Call,
) -> Result<Response, AadError> {
    let grant = GrantType::parse(need(call, "grant_type")?)?;
    let tenant = tenant(shared, directory, segment, call, grant)?;
    if grant == GrantType::TokenExchange {
        return Err(token_exchange(tenant, call));
    }
    // Proof of possession is not built, and a bearer token is not what was asked for.
    let bearer = |t: &str| t.eq_ignore_ascii_case("bearer");
    if !call.form.get("token_type").is_none_or(bearer) {
        return Err(AadError::new(table::BAD_PARAMETER).arg("token_type"));
    }
    let late = tenant.follows(Reading::CredentialBeforeCode);
    if !late {
        check_form(call, grant)?;
    }
    let (client, credential) = client::authenticate(shared, segment, tenant, call, grant).await?;
    if late {
        check_form(call, grant)?;
    }
    let request = Request {
        shared,
        call,
        tenant,
        client,
        credential,
        by_alias: matches!(Authority::find(directory, segment), Ok(Authority::Any(_))),
        grant,
    };
    match grant {
        GrantType::Code => code::answer(&request),
        GrantType::Refresh => refresh::answer(&request),
        GrantType::ClientCredentials => client_credentials::answer(&request),
        GrantType::OnBehalfOf => obo::answer(&request),
        GrantType::DeviceCode => code::answer_device(&request),
        GrantType::Password => password::answer(&request),
        GrantType::AgentUser => agent_user::answer(&request),
        GrantType::TokenExchange => Err(token_exchange(tenant, call)),
    }
}

/// A code or refresh token must have the form of one (AADSTS9002313).
fn check_form(call: &Call, grant: GrantType) -> Result<(), AadError> {
    let name = match grant {
        GrantType::Code => "code",
        GrantType::Refresh => "refresh_token",
        _ => return Ok(()),
    };
    match call.form.get(name).is_none_or(has_form) {
        true => Ok(()),
        false => Err(AadError::new(table::GRANT_MALFORMED)),
    }
}

fn token_exchange(tenant: &Tenant, call: &Call) -> AadError {
    let client = client::id(call).and_then(|id| access::find_client(tenant, id));
    match client {
        Ok(client) if client.agent != AgentPart::None => AadError::new(table::AGENT_APP_ONLY)
            .arg(client.client_id())
            .arg(call.form.get("scope").unwrap_or_default()),
        _ => AadError::new(table::UNSUPPORTED_GRANT).arg(TOKEN_EXCHANGE),
    }
}

/// The tenant of the path. For an alias it follows from what the request presents: the
/// code, the refresh token, the approval, the user; a client as itself needs a tenant.
fn tenant<'a>(
    shared: &Shared,
    directory: &'a Directory,
    segment: &str,
    call: &Call,
    grant: GrantType,
) -> Result<&'a Tenant, AadError> {
    let alias = match Authority::find(directory, segment)? {
        Authority::Tenant(tenant) => return Ok(tenant),
        Authority::Any(alias) => alias,
    };
    let (name, issued) = match grant {
        GrantType::Code => {
            let grant = call.form.get("code").and_then(|c| shared.codes.peek(c));
            ("code", grant.map(|g| g.approval.tenant.clone()))
        }
        GrantType::Refresh => {
            let token = call.form.get("refresh_token");
            let approval = token.and_then(|t| shared.refresh_tokens.peek(t));
            ("refresh_token", approval.map(|a| a.tenant))
        }
        GrantType::DeviceCode => {
            let tenant = shared.devices.tenant(code::device_code(call)?, call.now)?;
            ("device_code", Some(tenant))
        }
        // Entra picks the home tenant of the user: for a guest not the one that the
        // assertion is of.
        GrantType::OnBehalfOf if alias != "consumers" => ("assertion", obo::home(directory, call)),
        GrantType::Password if alias == "organizations" => {
            ("username", password::home(directory, call))
        }
        GrantType::Password | GrantType::OnBehalfOf => {
            return Err(AadError::new(table::GRANT_NEEDS_TENANT));
        }
        GrantType::ClientCredentials | GrantType::AgentUser | GrantType::TokenExchange => {
            return Err(AadError::new(table::TENANT_NOT_NAMED));
        }
    };
    issued.and_then(|id| directory.find(&id)).ok_or_else(|| {
        let malformed = matches!(name, "code" | "refresh_token")
            && call.form.get(name).is_some_and(|text| !has_form(text));
        match malformed {
            true => AadError::new(table::GRANT_MALFORMED),
            false => AadError::new(table::GRANT_INVALID).arg(name),
        }
    })
}
