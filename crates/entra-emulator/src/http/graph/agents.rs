//! Graph: objects of Entra Agent ID, and the 403 of writers whose token carries too broad a
//! directory permission.

use std::sync::Arc;

use axum::{
    Extension,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::grants::read;
use super::reply::{GraphError, answer, changed, service_principal};
use crate::call::Call;
use crate::directory::{
    AgentPart, App, AppState, ConsentGrant, EXCHANGE_URI, FederatedCredential, GRAPH, Reading,
    Tenant, User, id::derived_guid,
};
use crate::http::bearer::GraphCaller;
use crate::state::Shared;
use crate::tokens::random_text;

const CREATE: [&str; 2] = [
    "AgentIdentityBlueprint.Create",
    "AgentIdentityBlueprint.ReadWrite.All",
];
const READ: [&str; 2] = [
    "AgentIdentityBlueprint.Read.All",
    "AgentIdentityBlueprint.ReadWrite.All",
];
const CREDENTIALS: [&str; 2] = [
    "AgentIdentityBlueprint.AddRemoveCreds.All",
    "AgentIdentityBlueprint.ReadWrite.All",
];
const UPDATE: [&str; 2] = [
    "AgentIdentityBlueprint.UpdateAuthProperties.All",
    "AgentIdentityBlueprint.ReadWrite.All",
];
const CREATE_PRINCIPAL: [&str; 1] = ["AgentIdentityBlueprintPrincipal.Create"];
const CREATE_AS_MANAGER: &str = "AgentIdentity.CreateAsManager";
const CREATE_ANY: &str = "AgentIdentity.Create.All";
const ENABLE: [&str; 1] = ["AgentIdentity.EnableDisable.All"];
const USERS: [&str; 2] = [
    "AgentIdUser.ReadWrite.IdentityParentedBy",
    "AgentIdUser.ReadWrite.All",
];

/// With one of these in a token, as the Azure CLI's have it, its permissions for agents count
/// for nothing.
const SHADOWING: [&str; 2] = ["Directory.AccessAsUser.All", "Directory.ReadWrite.All"];

const BLUEPRINT_TYPE: &str = "microsoft.graph.agentIdentityBlueprint";
const PRINCIPAL_TYPE: &str = "microsoft.graph.agentIdentityBlueprintPrincipal";
const IDENTITY_TYPE: &str = "microsoft.graph.agentIdentity";

/// The check of every operation here: a tenant that has agents, and a caller who may.
pub(super) fn allowed(caller: &GraphCaller<'_>, permissions: &[&str]) -> Result<(), GraphError> {
    if caller.tenant.follows(Reading::AgentIdUnavailable) {
        return Err(GraphError::bad(format!(
            "Resource not found for the segment '{BLUEPRINT_TYPE}'."
        )));
    }
    if caller.require(&SHADOWING).is_ok() {
        return Err(GraphError::denied());
    }
    caller.require(permissions)
}

fn is_type(name: &str, of: &str) -> bool {
    name.trim_start_matches('#').eq_ignore_ascii_case(of)
}

/// The object id of a registration, which is another than its service principal's.
fn registration_id(app: &App) -> String {
    derived_guid(&["registration", app.client_id()])
}

/// A blueprint by its client id or object id.
pub(super) fn blueprint<'a>(tenant: &'a Tenant, id: &str) -> Result<&'a App, GraphError> {
    let mut apps = tenant.apps();
    let named = |app: &&App| {
        app.client_id().eq_ignore_ascii_case(id) || registration_id(app).eq_ignore_ascii_case(id)
    };
    apps.find(|app| app.agent == AgentPart::Blueprint && named(app))
        .ok_or_else(|| GraphError::missing(id))
}

fn blueprint_shown(app: &App) -> Value {
    json!({
        "@odata.type": format!("#{BLUEPRINT_TYPE}"),
        "id": registration_id(app),
        "appId": app.client_id(),
        "displayName": app.name(),
        "identifierUris": app.identifier_uris(),
    })
}

#[derive(Deserialize)]
struct Named {
    #[serde(rename = "@odata.type")]
    odata_type: Option<String>,
    #[serde(rename = "displayName")]
    name: Option<String>,
    #[serde(rename = "sponsors@odata.bind", default)]
    sponsors: Vec<String>,
    #[serde(rename = "appId")]
    app_id: Option<String>,
    #[serde(rename = "agentIdentityBlueprintId")]
    blueprint: Option<String>,
    #[serde(rename = "userPrincipalName")]
    upn: Option<String>,
    #[serde(rename = "identityParentId")]
    parent: Option<String>,
}

impl Named {
    fn display_name(&self) -> Result<&str, GraphError> {
        let name = self.name.as_deref();
        name.ok_or_else(|| GraphError::bad("Property displayName is required."))
    }

    fn sponsored(&self) -> Result<(), GraphError> {
        match self.sponsors.is_empty() {
            true => Err(GraphError::bad("At least one sponsor is required.")),
            false => Ok(()),
        }
    }
}

/// `applications/microsoft.graph.agentIdentityBlueprint`: the blueprints.
pub(in crate::http) async fn blueprints(
    State(shared): State<Arc<Shared>>,
    Path(kind): Path<String>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
) -> Response {
    answer(&shared, &call, &headers, |caller| {
        if !is_type(&kind, BLUEPRINT_TYPE) {
            return Err(GraphError::missing(&kind));
        }
        allowed(caller, &READ)?;
        let all = caller.tenant.apps();
        let all = all.filter(|app| app.agent == AgentPart::Blueprint);
        let value: Vec<_> = all.map(blueprint_shown).collect();
        Ok((StatusCode::OK, json!({ "value": value })))
    })
}

/// A blueprint, without its service principal.
pub(in crate::http) async fn add_blueprint(
    State(shared): State<Arc<Shared>>,
    Path(kind): Path<String>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(&shared, &call, &headers, |caller| {
        if !is_type(&kind, BLUEPRINT_TYPE) {
            return Err(GraphError::missing(&kind));
        }
        allowed(caller, &CREATE)?;
        let wanted: Named = read(&body)?;
        wanted.sponsored()?;
        let id = uuid::Uuid::new_v4().to_string();
        let mut app = App::new(id, wanted.display_name()?).blueprint();
        app.state = AppState::WithoutPrincipal;
        let shown = blueprint_shown(&app);
        changed(&shared, caller.tenant, |tenant| tenant.apps.push(app))?;
        Ok((StatusCode::CREATED, shown))
    })
}

/// `servicePrincipals/<type>`: a blueprint's principal, or an agent identity.
pub(in crate::http) async fn add_principal(
    State(shared): State<Arc<Shared>>,
    Path(kind): Path<String>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(&shared, &call, &headers, |caller| {
        let wanted: Named = read(&body)?;
        if is_type(&kind, PRINCIPAL_TYPE) {
            return blueprint_principal(&shared, caller, &wanted);
        }
        if is_type(&kind, IDENTITY_TYPE) {
            return agent_identity(&shared, caller, &wanted);
        }
        Err(GraphError::missing(&kind))
    })
}

fn blueprint_principal(
    shared: &Shared,
    caller: &GraphCaller<'_>,
    wanted: &Named,
) -> Result<(StatusCode, Value), GraphError> {
    allowed(caller, &CREATE_PRINCIPAL)?;
    let id = wanted.app_id.as_deref().unwrap_or_default();
    let app = blueprint(caller.tenant, id)?.clone();
    if app.state != AppState::WithoutPrincipal {
        return Err(GraphError::conflict(
            "The service principal name is in use.",
        ));
    }
    let id = app.client_id();
    changed(shared, caller.tenant, |tenant| {
        let found = tenant.apps.iter_mut().find(|a| a.client_id() == id);
        if let Some(found) = found {
            found.state = AppState::Enabled;
        }
        let own = ["AgentIdentity.CreateAsManager", USERS[0]];
        tenant.grants.push(ConsentGrant::app_roles(id, GRAPH, own));
    })?;
    let shown = json!({
        "@odata.type": format!("#{PRINCIPAL_TYPE}"),
        "id": app.object_id(&caller.tenant.id),
        "appId": id,
        "displayName": app.name(),
    });
    Ok((StatusCode::CREATED, shown))
}

fn agent_identity(
    shared: &Shared,
    caller: &GraphCaller<'_>,
    wanted: &Named,
) -> Result<(StatusCode, Value), GraphError> {
    allowed(caller, &[CREATE_AS_MANAGER, CREATE_ANY])?;
    let parent = wanted.blueprint.as_deref().unwrap_or_default();
    let parent = blueprint(caller.tenant, parent)?.client_id();
    // A manager makes identities of its own blueprint.
    if caller.require(&[CREATE_ANY]).is_err() && caller.client.client_id() != parent {
        return Err(GraphError::denied());
    }
    wanted.sponsored()?;
    let id = uuid::Uuid::new_v4().to_string();
    let app = App::new(&id, wanted.display_name()?).agent_identity_of(parent);
    let shown = json!({
        "@odata.type": format!("#{IDENTITY_TYPE}"),
        "id": id,
        "appId": id,
        "displayName": app.name(),
        "servicePrincipalType": "ServiceIdentity",
        "agentIdentityBlueprintId": parent,
    });
    changed(shared, caller.tenant, |tenant| tenant.apps.push(app))?;
    Ok((StatusCode::CREATED, shown))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    account_enabled: bool,
}

/// `servicePrincipals/{id}`: enables or disables an agent identity.
pub(in crate::http) async fn set_enabled(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(&shared, &call, &headers, |caller| {
        allowed(caller, &ENABLE)?;
        let wanted: Account = read(&body)?;
        let app = service_principal(caller.tenant, &id)?;
        if !app.agent.is_agent() {
            return Err(GraphError::denied());
        }
        let state = match wanted.account_enabled {
            true => AppState::Enabled,
            false => AppState::Disabled,
        };
        changed(&shared, caller.tenant, |tenant| {
            let mut apps = tenant.apps.iter_mut();
            if let Some(found) = apps.find(|a| a.client_id() == app.client_id()) {
                found.state = state;
            }
        })?;
        Ok((StatusCode::NO_CONTENT, Value::Null))
    })
}

/// `users`: the user account of an agent identity. No other user is made here.
pub(in crate::http) async fn add_agent_user(
    State(shared): State<Arc<Shared>>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(&shared, &call, &headers, |caller| {
        let wanted: Named = read(&body)?;
        let kind = wanted.odata_type.as_deref().unwrap_or_default();
        if !is_type(kind, "microsoft.graph.agentUser") {
            return Err(GraphError::denied());
        }
        allowed(caller, &USERS)?;
        let parent = wanted.parent.as_deref().unwrap_or_default();
        let parent = service_principal(caller.tenant, parent)?.client_id();
        let upn = wanted.upn.as_deref().unwrap_or_default();
        let mut users = caller.tenant.users();
        if users.any(|u| u.agent_identity.as_deref() == Some(parent)) {
            return Err(GraphError::conflict(
                "The agent identity has a user account already.",
            ));
        }
        let id = uuid::Uuid::new_v4().to_string();
        let user = User::new(&id, upn, wanted.display_name()?).agent_account_of(parent);
        let shown = json!({
            "@odata.type": "#microsoft.graph.agentUser",
            "id": id,
            "userPrincipalName": upn,
            "displayName": user.display_name(),
            "identityParentId": parent,
            "accountEnabled": true,
        });
        changed(&shared, caller.tenant, |tenant| tenant.users.push(user))?;
        Ok((StatusCode::CREATED, shown))
    })
}

/// `applications/{id}/addPassword`: a secret of a blueprint.
pub(in crate::http) async fn add_password(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
) -> Response {
    answer(&shared, &call, &headers, |caller| {
        allowed(caller, &CREDENTIALS)?;
        let app = blueprint(caller.tenant, &id)?;
        let secret = random_text(1);
        changed(&shared, caller.tenant, |tenant| {
            edit(tenant, app, |found| found.secret(&secret));
        })?;
        let shown = json!({ "keyId": uuid::Uuid::new_v4().to_string(), "secretText": secret });
        Ok((StatusCode::OK, shown))
    })
}

#[derive(Deserialize)]
struct NewFederated {
    name: String,
    issuer: String,
    subject: String,
    audiences: Vec<String>,
}

/// `applications/{id}/federatedIdentityCredentials`: whose tokens a blueprint takes as its proof.
pub(in crate::http) async fn add_federated(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(&shared, &call, &headers, |caller| {
        allowed(caller, &CREDENTIALS)?;
        let wanted: NewFederated = read(&body)?;
        let app = blueprint(caller.tenant, &id)?;
        if wanted.audiences != [EXCHANGE_URI] {
            let text = format!("The one audience is {EXCHANGE_URI}.");
            return Err(GraphError::bad(text));
        }
        let trust = FederatedCredential::new(&wanted.issuer, &wanted.subject);
        changed(&shared, caller.tenant, |tenant| {
            edit(tenant, app, |found| found.federated_credential(trust));
        })?;
        let shown = json!({
            "id": derived_guid(&[app.client_id(), &wanted.subject]),
            "name": wanted.name,
            "issuer": wanted.issuer,
            "subject": wanted.subject,
            "audiences": wanted.audiences,
        });
        Ok((StatusCode::CREATED, shown))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Changed {
    #[serde(default)]
    identifier_uris: Vec<String>,
    #[serde(default)]
    api: Api,
    #[serde(default)]
    web: Web,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Api {
    #[serde(default)]
    oauth2_permission_scopes: Vec<Offered>,
}

#[derive(Deserialize)]
struct Offered {
    value: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Web {
    #[serde(default)]
    redirect_uris: Vec<String>,
}

/// `applications/{id}`: what a blueprint is as an API, and its redirect URIs for consent.
pub(in crate::http) async fn update_blueprint(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(&shared, &call, &headers, |caller| {
        allowed(caller, &UPDATE)?;
        let wanted: Changed = read(&body)?;
        let app = blueprint(caller.tenant, &id)?;
        changed(&shared, caller.tenant, |tenant| {
            edit(tenant, app, |app| {
                let app = wanted.identifier_uris.iter().fold(app, App::identifier_uri);
                let scopes = wanted.api.oauth2_permission_scopes.iter();
                let app = scopes.fold(app, |app, scope| app.scope(&scope.value));
                wanted.web.redirect_uris.iter().fold(app, App::redirect_uri)
            });
        })?;
        Ok((StatusCode::NO_CONTENT, Value::Null))
    })
}

/// Replaces a registration of a tenant by a changed one.
pub(super) fn edit(tenant: &mut Tenant, app: &App, change: impl FnOnce(App) -> App) {
    let mut apps = tenant.apps.iter_mut();
    if let Some(found) = apps.find(|a| a.client_id() == app.client_id()) {
        *found = change(found.clone());
    }
}
