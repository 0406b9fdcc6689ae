//! Graph: inheritable permissions of a blueprint (Entra doc "Configure inheritable permissions
//! for agent identity blueprints").

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

use super::agents::{allowed, blueprint, edit};
use super::grants::read;
use super::reply::{GraphError, answer, changed};
use crate::call::Call;
use crate::directory::{App, Inheritable, Inherited, id::canonical_guid};
use crate::state::Shared;

const WRITE: [&str; 2] = [
    "AgentIdentityBlueprint.UpdateAuthProperties.All",
    "AgentIdentityBlueprint.ReadWrite.All",
];

/// A blueprint has so many resources at most.
const MOST: usize = 10;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    resource_app_id: Option<String>,
    inheritable_scopes: Option<Kind>,
    inheritable_roles: Option<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    kind: KindName,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum KindName {
    AllAllowed,
    None,
}

fn inherited(kind: Option<&Kind>) -> Inherited {
    match kind.map(|k| k.kind) {
        Some(KindName::AllAllowed) => Inherited::AllAllowed,
        Some(KindName::None) | None => Inherited::None,
    }
}

fn resource_id(text: &str) -> Result<String, GraphError> {
    canonical_guid(text).ok_or_else(|| GraphError::bad("resourceAppId is not a GUID."))
}

pub(in crate::http) async fn add(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(&shared, &call, &headers, |caller| {
        allowed(caller, &WRITE)?;
        let app = blueprint(caller.tenant, &id)?;
        let wanted: Wanted = read(&body)?;
        let resource = resource_id(wanted.resource_app_id.as_deref().unwrap_or_default())?;
        if app.inheritable.iter().any(|i| i.resource == resource) {
            return Err(GraphError::conflict(
                "The resource has an entry: use PATCH.",
            ));
        }
        if app.inheritable.len() >= MOST {
            return Err(GraphError::bad("At most 10 resources are allowed."));
        }
        let entry = Inheritable {
            resource,
            scopes: inherited(wanted.inheritable_scopes.as_ref()),
            roles: inherited(wanted.inheritable_roles.as_ref()),
        };
        let shown = json!({ "resourceAppId": entry.resource });
        changed(&shared, caller.tenant, |tenant| {
            edit(tenant, app, |mut app| {
                app.inheritable.push(entry);
                app
            });
        })?;
        Ok((StatusCode::CREATED, shown))
    })
}

pub(in crate::http) async fn update(
    State(shared): State<Arc<Shared>>,
    Path((id, resource)): Path<(String, String)>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    replace(&shared, &call, &headers, (&id, &resource), Some(&body))
}

pub(in crate::http) async fn remove(
    State(shared): State<Arc<Shared>>,
    Path((id, resource)): Path<(String, String)>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
) -> Response {
    replace(&shared, &call, &headers, (&id, &resource), None)
}

/// Changes the entry of a resource, or removes it.
fn replace(
    shared: &Shared,
    call: &Call,
    headers: &HeaderMap,
    (id, resource): (&str, &str),
    body: Option<&Bytes>,
) -> Response {
    answer(shared, call, headers, |caller| {
        allowed(caller, &WRITE)?;
        let app = blueprint(caller.tenant, id)?;
        let resource = resource_id(resource)?;
        if !app.inheritable.iter().any(|i| i.resource == resource) {
            return Err(GraphError::missing(&resource));
        }
        let wanted = body.map(|body| read::<Wanted>(body)).transpose()?;
        changed(shared, caller.tenant, |tenant| {
            edit(tenant, app, |app| replaced(app, &resource, wanted.as_ref()));
        })?;
        Ok((StatusCode::NO_CONTENT, Value::Null))
    })
}

fn replaced(mut app: App, resource: &str, wanted: Option<&Wanted>) -> App {
    let Some(wanted) = wanted else {
        app.inheritable.retain(|i| i.resource != resource);
        return app;
    };
    for entry in app
        .inheritable
        .iter_mut()
        .filter(|i| i.resource == resource)
    {
        if wanted.inheritable_scopes.is_some() {
            entry.scopes = inherited(wanted.inheritable_scopes.as_ref());
        }
        if wanted.inheritable_roles.is_some() {
            entry.roles = inherited(wanted.inheritable_roles.as_ref());
        }
    }
    app
}
