//! Graph: service principals, delegated permission grants and app role assignments.

use std::sync::Arc;

use axum::{
    Extension,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::reply::{GraphError, answer, collection, now, service_principal};
use crate::call::Call;
use crate::directory::{
    AgentPart, App, ConsentGrant, GRAPH, GrantKind, Tenant, first_party, id::derived_guid,
};
use crate::state::Shared;

const READ: [&str; 3] = [
    "Application.Read.All",
    "Directory.Read.All",
    "DelegatedPermissionGrant.ReadWrite.All",
];
const WRITE_GRANTS: [&str; 1] = ["DelegatedPermissionGrant.ReadWrite.All"];
const WRITE_ROLES: [&str; 1] = ["AppRoleAssignment.ReadWrite.All"];

pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, GraphError> {
    serde_json::from_slice(body).map_err(|error| GraphError::bad(error.to_string()))
}

/// The id of an app role or a scope, always the same.
fn permission_id(app: &App, name: &str) -> String {
    derived_guid(&["permission", app.client_id(), name])
}

fn described(tenant: &Tenant, app: &App) -> Value {
    let permissions = |names: &[String]| {
        let all = names.iter();
        all.map(|name| json!({ "id": permission_id(app, name), "value": name }))
            .collect::<Vec<_>>()
    };
    json!({
        "id": app.object_id(&tenant.id),
        "appId": app.client_id(),
        "displayName": app.name(),
        "servicePrincipalNames": app.identifier_uris(),
        "appRoles": permissions(app.roles()),
        "oauth2PermissionScopes": permissions(app.scopes()),
    })
}

/// `servicePrincipals`, all or by `$filter=appId eq '...'`.
pub(in crate::http) async fn service_principals(
    State(shared): State<Arc<Shared>>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
) -> Response {
    answer(&shared, &call, &headers, |caller| {
        caller.require(&READ)?;
        let wanted = match call.query.get("$filter") {
            None => None,
            Some(filter) => {
                let id = filter
                    .strip_prefix("appId eq '")
                    .and_then(|f| f.strip_suffix('\''));
                Some(id.ok_or_else(|| GraphError::bad("Unsupported query filter."))?)
            }
        };
        let all = caller.tenant.apps().chain(first_party::all());
        let found = all.filter(|a| wanted.is_none_or(|id| a.client_id().eq_ignore_ascii_case(id)));
        let value: Vec<_> = found.map(|app| described(caller.tenant, app)).collect();
        Ok(collection(&shared, "servicePrincipals", value))
    })
}

pub(in crate::http) async fn one_service_principal(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
) -> Response {
    answer(&shared, &call, &headers, |caller| {
        caller.require(&READ)?;
        let app = service_principal(caller.tenant, &id)?;
        Ok((StatusCode::OK, described(caller.tenant, app)))
    })
}

/// A grant as Graph shows it, or nothing for role assignments.
fn grant_shown(tenant: &Tenant, grant: &ConsentGrant) -> Option<Value> {
    let GrantKind::Delegated {
        client,
        user,
        scopes,
    } = &grant.kind
    else {
        return None;
    };
    let (client, resource) = (tenant.find_app(client)?, tenant.resource(&grant.resource)?);
    let principal = user.as_deref();
    let parts = [
        client.client_id(),
        resource.client_id(),
        principal.unwrap_or(""),
    ];
    Some(json!({
        "id": derived_guid(&parts),
        "clientId": client.object_id(&tenant.id),
        "consentType": if principal.is_some() { "Principal" } else { "AllPrincipals" },
        "principalId": principal,
        "resourceId": resource.object_id(&tenant.id),
        "scope": scopes.join(" "),
    }))
}

/// Permissions of Graph that no agent gets (Entra doc "Microsoft Graph permissions blocked for
/// agents").
fn check_block_list<'n>(
    client: &App,
    resource: &App,
    names: impl IntoIterator<Item = &'n str>,
) -> Result<(), GraphError> {
    let blocked = |name: &str| {
        let families = [
            "Application.ReadWrite.",
            "RoleManagement.",
            "Directory.AccessAsUser.",
        ];
        let whole = ["Directory.ReadWrite.All", "User.ReadWrite.All"];
        families.iter().any(|family| name.starts_with(family)) || whole.contains(&name)
    };
    let agent = client.agent != AgentPart::None && resource.client_id() == GRAPH;
    match names.into_iter().find(|name| agent && blocked(name)) {
        Some(name) => Err(GraphError::bad(format!(
            "The permission {name} is not allowed for agents."
        ))),
        None => Ok(()),
    }
}

pub(in crate::http) async fn permission_grants(
    State(shared): State<Arc<Shared>>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
) -> Response {
    answer(&shared, &call, &headers, |caller| {
        caller.require(&READ)?;
        let grants = caller.tenant.grants.iter();
        let value: Vec<_> = grants
            .filter_map(|g| grant_shown(caller.tenant, g))
            .collect();
        Ok(collection(&shared, "oauth2PermissionGrants", value))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewGrant {
    client_id: String,
    consent_type: ConsentType,
    principal_id: Option<String>,
    resource_id: String,
    scope: String,
}

#[derive(Clone, Copy, Deserialize)]
enum ConsentType {
    AllPrincipals,
    Principal,
}

pub(in crate::http) async fn add_permission_grant(
    State(shared): State<Arc<Shared>>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(&shared, &call, &headers, |caller| {
        caller.require(&WRITE_GRANTS)?;
        let wanted: NewGrant = read(&body)?;
        let tenant = caller.tenant;
        let app = |id: &str| service_principal(tenant, id);
        let (client, resource) = (app(&wanted.client_id)?, app(&wanted.resource_id)?);
        let scopes = wanted.scope.split_ascii_whitespace();
        check_block_list(client, resource, scopes.clone())?;
        let grant = ConsentGrant::delegated(client.client_id(), resource.client_id(), scopes);
        let grant = match (wanted.consent_type, &wanted.principal_id) {
            (ConsentType::AllPrincipals, None) => grant,
            (ConsentType::Principal, Some(user)) => grant.only_for(user),
            (ConsentType::AllPrincipals, Some(_)) | (ConsentType::Principal, None) => {
                let text = "principalId is for the consentType Principal, and needed there.";
                return Err(GraphError::bad(text));
            }
        };
        let shown = grant_shown(tenant, &grant).ok_or_else(|| GraphError::bad("No grant."))?;
        shared
            .grant_consent(&tenant.id, grant)
            .map_err(|error| GraphError::bad(error.to_string()))?;
        Ok((StatusCode::CREATED, shown))
    })
}

pub(in crate::http) async fn remove_permission_grant(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
) -> Response {
    answer(&shared, &call, &headers, |caller| {
        caller.require(&WRITE_GRANTS)?;
        let tenant = caller.tenant;
        let is_it = |grant: &ConsentGrant| {
            grant_shown(tenant, grant).is_some_and(|shown| shown.get("id") == Some(&json!(id)))
        };
        if !tenant.grants.iter().any(is_it) {
            return Err(GraphError::missing(&id));
        }
        let _ = shared.change(|directory| -> Result<(), std::convert::Infallible> {
            if let Some(found) = directory.find_mut(&tenant.id) {
                found.grants.retain(|grant| !is_it(grant));
            }
            Ok(())
        });
        Ok((StatusCode::NO_CONTENT, Value::Null))
    })
}

/// The role assignments of a client, as Graph shows them.
fn assignments_shown(tenant: &Tenant, client: &App) -> Vec<Value> {
    let mut all = Vec::new();
    for grant in &tenant.grants {
        let GrantKind::AppRoles { client: id, roles } = &grant.kind else {
            continue;
        };
        let Some(resource) = tenant.resource(&grant.resource) else {
            continue;
        };
        if id == client.client_id() {
            all.extend(roles.iter().map(|role| {
                json!({
                    "appRoleId": permission_id(resource, role),
                    "principalDisplayName": client.name(),
                    "principalId": client.object_id(&tenant.id),
                    "principalType": "ServicePrincipal",
                    "resourceDisplayName": resource.name(),
                    "resourceId": resource.object_id(&tenant.id),
                })
            }));
        }
    }
    all
}

pub(in crate::http) async fn role_assignments(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
) -> Response {
    answer(&shared, &call, &headers, |caller| {
        caller.require(&READ)?;
        let client = service_principal(caller.tenant, &id)?;
        let value = assignments_shown(caller.tenant, client);
        Ok(collection(&shared, "appRoleAssignments", value))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewAssignment {
    principal_id: String,
    resource_id: String,
    app_role_id: String,
}

pub(in crate::http) async fn add_role_assignment(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(&shared, &call, &headers, |caller| {
        caller.require(&WRITE_ROLES)?;
        let wanted: NewAssignment = read(&body)?;
        let tenant = caller.tenant;
        if !wanted.principal_id.eq_ignore_ascii_case(&id) {
            return Err(GraphError::bad(
                "principalId is not the service principal of the path.",
            ));
        }
        let app = |id: &str| service_principal(tenant, id);
        let (client, resource) = (app(&id)?, app(&wanted.resource_id)?);
        let mut roles = resource.roles().iter();
        let role = roles.find(|role| permission_id(resource, role) == wanted.app_role_id);
        let role = role.ok_or_else(|| {
            GraphError::bad("Permission being assigned was not found on application.")
        })?;
        check_block_list(client, resource, [role.as_str()])?;
        let grant = ConsentGrant::app_roles(client.client_id(), resource.client_id(), [role]);
        shared
            .grant_consent(&tenant.id, grant)
            .map_err(|error| GraphError::bad(error.to_string()))?;
        let directory = shared.directory();
        let assigned = now(&directory, tenant).map(|t| assignments_shown(t, client));
        let assigned = assigned.and_then(|all| all.last().cloned());
        Ok((StatusCode::CREATED, assigned.unwrap_or_default()))
    })
}
