//! Graph: users and the groups that they are members of.

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

use super::reply::{GraphError, answer, collection, context};
use crate::call::Call;
use crate::directory::User;
use crate::http::bearer::GraphCaller;
use crate::state::Shared;

/// Permissions to read any user, and memberships of any.
const READ_USERS: [&str; 3] = ["User.ReadBasic.All", "User.Read.All", "Directory.Read.All"];
const READ_GROUPS: [&str; 4] = [
    "GroupMember.Read.All",
    "Group.Read.All",
    "Directory.Read.All",
    "User.Read.All",
];

/// Entries of a page, unless `$top` says otherwise.
const PAGE: usize = 100;

/// More ids than this are refused.
const MOST_IDS: usize = 11_000;

pub(in crate::http) async fn me(
    State(shared): State<Arc<Shared>>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
) -> Response {
    answer(&shared, &call, &headers, |caller| {
        let user = signed_in(caller, &READ_USERS)?;
        Ok((StatusCode::OK, described(&shared, &call, user)))
    })
}

pub(in crate::http) async fn user(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
) -> Response {
    answer(&shared, &call, &headers, |caller| {
        let user = named(caller, &id, &READ_USERS)?;
        Ok((StatusCode::OK, described(&shared, &call, user)))
    })
}

pub(in crate::http) async fn my_groups(
    State(shared): State<Arc<Shared>>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
) -> Response {
    answer(&shared, &call, &headers, |caller| {
        let user = signed_in(caller, &READ_GROUPS)?;
        groups(&shared, &call, user)
    })
}

pub(in crate::http) async fn groups_of(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
) -> Response {
    answer(&shared, &call, &headers, |caller| {
        let user = named(caller, &id, &READ_GROUPS)?;
        groups(&shared, &call, user)
    })
}

pub(in crate::http) async fn my_member_objects(
    State(shared): State<Arc<Shared>>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(&shared, &call, &headers, |caller| {
        let user = signed_in(caller, &READ_GROUPS)?;
        member_objects(&shared, user, &body)
    })
}

pub(in crate::http) async fn member_objects_of(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(&shared, &call, &headers, |caller| {
        let user = named(caller, &id, &READ_GROUPS)?;
        member_objects(&shared, user, &body)
    })
}

/// Where an overage claim points: the tenant is in the path.
pub(in crate::http) async fn overage(
    state: State<Arc<Shared>>,
    Path((_tenant, id)): Path<(String, String)>,
    call: Extension<Arc<Call>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    member_objects_of(state, Path(id), call, headers, body).await
}

/// The user who calls, if one does and may be read.
fn signed_in<'a>(caller: &GraphCaller<'a>, others: &[&str]) -> Result<&'a User, GraphError> {
    let user = caller.user.ok_or_else(GraphError::not_delegated)?;
    readable(caller, user, others).map(|()| user)
}

/// A user may be read by itself with `User.Read`, and otherwise with one of the permissions.
fn readable(caller: &GraphCaller<'_>, user: &User, others: &[&str]) -> Result<(), GraphError> {
    let itself = caller.user.map(User::object_id) == Some(user.object_id());
    match itself && caller.require(&["User.Read"]).is_ok() {
        true => Ok(()),
        false => caller.require(others),
    }
}

/// A user by object id or sign-in name. Who may not read users does not learn which exist.
fn named<'a>(caller: &GraphCaller<'a>, id: &str, others: &[&str]) -> Result<&'a User, GraphError> {
    match caller.tenant.find_user_by_hint(id) {
        Some(user) => readable(caller, user, others).map(|()| user),
        None => caller
            .require(others)
            .and_then(|()| Err(GraphError::missing(id))),
    }
}

/// The members of a user, or those that `$select` names.
fn described(shared: &Shared, call: &Call, user: &User) -> Value {
    let (given, family) = user.names();
    let mut body = json!({
        "@odata.context": context(shared, "users/$entity"),
        "businessPhones": [],
        "displayName": user.display_name(),
        "givenName": given,
        "jobTitle": null,
        "mail": user.email,
        "mobilePhone": null,
        "officeLocation": null,
        "preferredLanguage": null,
        "surname": family,
        "userPrincipalName": user.user_principal_name(),
        "id": user.object_id(),
    });
    if let (Some(select), Some(members)) = (call.query.get("$select"), body.as_object_mut()) {
        let named: Vec<&str> = select.split(',').map(str::trim).collect();
        let extra = [
            ("accountEnabled", json!(!user.is_disabled())),
            (
                "userType",
                json!(if user.is_guest() { "Guest" } else { "Member" }),
            ),
        ];
        for (name, value) in extra {
            members.insert(name.to_owned(), value);
        }
        members.retain(|name, _| name == "@odata.context" || named.contains(&name.as_str()));
    }
    body
}

/// `memberOf`, page by page.
fn groups(shared: &Shared, call: &Call, user: &User) -> Result<(StatusCode, Value), GraphError> {
    let number = |name: &str| match call.query.get(name) {
        None => Ok(None),
        Some(text) => text.parse::<usize>().map(Some).map_err(|_| {
            GraphError::bad(format!(
                "Invalid value specified for query parameter '{name}'."
            ))
        }),
    };
    let top = number("$top")?.unwrap_or(PAGE).clamp(1, 999);
    let skip = number("$skiptoken")?.unwrap_or(0);
    let page = user.groups.iter().skip(skip).take(top).map(
        |id| json!({ "@odata.type": "#microsoft.graph.group", "id": id, "securityEnabled": true }),
    );
    let mut body = json!({
        "@odata.context": context(shared, "directoryObjects"),
        "value": page.collect::<Vec<_>>(),
    });
    let next = skip.saturating_add(top);
    if next < user.groups.len() {
        let path = &call.path;
        let link = format!("{}{path}?$top={top}&$skiptoken={next}", shared.base_url);
        if let Some(members) = body.as_object_mut() {
            members.insert("@odata.nextLink".to_owned(), link.into());
        }
    }
    Ok((StatusCode::OK, body))
}

#[derive(Deserialize)]
struct MemberObjects {
    #[serde(rename = "securityEnabledOnly")]
    security_enabled_only: bool,
}

/// Groups, and directory roles unless only security groups are wanted.
fn member_objects(
    shared: &Shared,
    user: &User,
    body: &[u8],
) -> Result<(StatusCode, Value), GraphError> {
    let wanted: MemberObjects = serde_json::from_slice(body).map_err(|_| {
        GraphError::bad("The parameter 'securityEnabledOnly' is missing or not a boolean.")
    })?;
    let roles = user.directory_roles.iter();
    let roles = roles.filter(|_| !wanted.security_enabled_only);
    let ids: Vec<&String> = user.groups.iter().chain(roles).collect();
    if ids.len() > MOST_IDS {
        return Err(GraphError::too_large());
    }
    Ok(collection(shared, "Collection(Edm.String)", ids))
}
