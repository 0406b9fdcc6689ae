//! The client credentials grant (Entra doc "OAuth 2.0 client credentials flow").

use axum::{http::StatusCode, response::Response};

use super::{issue, request::Request};
use crate::access;
use crate::directory::{AgentPart, App, EXCHANGE, GRAPH};
use crate::errors::{AadError, table};
use crate::http::response::uncached_members;
use crate::scopes::Asked;
use crate::tokens::{APP_LIFETIME, exchange_subject};

/// An app-only token with the roles that the app has; without any, a token without roles.
pub(super) fn answer(request: &Request<'_>) -> Result<Response, AadError> {
    let form = &request.call.form;
    if form.get("scope").is_none() && form.get("resource").is_some() {
        return Err(AadError::new(table::RESOURCE_PARAMETER));
    }
    let scope = request.need("scope")?;
    let asked = Asked::parse(scope)?;
    if !asked.is_only_default() {
        return Err(AadError::new(table::SCOPE_NOT_DEFAULT).arg(scope));
    }
    let asked = asked.resolve(request.tenant)?;
    asked.check_resource_parameter(form)?;
    let (client, resource) = (request.client, asked.resource);
    let exchange = resource.client_id() == EXCHANGE;
    // A blueprint asks Graph for itself, to make its identities, and no other API.
    let allowed = exchange || resource.client_id() == GRAPH;
    if client.agent == AgentPart::Blueprint && !allowed {
        return Err(AadError::new(table::AGENT_APP_ONLY)
            .arg(client.client_id())
            .arg(resource.client_id()));
    }
    let roles = request.tenant.roles_of_app(client, resource);
    access::check_app_assignment(client, resource, &roles)?;
    access::check_declared(client, &asked)?;
    let lifetime = resource.token_lifetime.unwrap_or(APP_LIFETIME);
    let token = issue::access_token(request, &asked, lifetime);
    let mut claims = token.for_app(&roles);
    // An empty path is not an absent one: it is refused.
    if let Some(path) = form.all("fmi_path").next() {
        let agent = agent(request, path)?;
        if !exchange {
            return Err(AadError::new(table::BAD_PARAMETER).arg("fmi_path"));
        }
        let subject = exchange_subject(&request.tenant.id, client.client_id(), agent.client_id());
        claims.insert("sub".into(), subject.into());
    }
    let header = token.header(request.shared.live_key());
    let access = issue::sign(request, &header, &claims)?;
    Ok(uncached_members(
        StatusCode::OK,
        &[
            ("token_type", "Bearer".into()),
            ("expires_in", lifetime.into()),
            ("ext_expires_in", lifetime.into()),
            ("access_token", access.into()),
        ],
    ))
}

/// The agent identity of this blueprint that `fmi_path` names by its client id.
fn agent<'a>(request: &Request<'a>, path: &str) -> Result<&'a App, AadError> {
    if path.is_empty() {
        return Err(AadError::new(table::BAD_PARAMETER).arg("fmi_path"));
    }
    let agent = access::find_client(request.tenant, path)?;
    let blueprint = request.client.client_id();
    match &agent.agent {
        AgentPart::Identity { blueprint: of } if of == blueprint => Ok(agent),
        _ => Err(AadError::new(table::AGENT_GRANT).arg(blueprint)),
    }
}
