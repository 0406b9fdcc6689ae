//! Small endpoints about accounts: userinfo (OpenID Connect Core, section 5.3), the home realm
//! that MSAL asks for before a password, and the session page of v1.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse as _, Response},
};
use serde_json::{Map, Value, json};

use super::bearer::{self, BearerError, GraphCaller};
use super::response::{set, uncached_json};
use crate::call::Call;
use crate::session::Session;
use crate::state::Shared;
use crate::tokens::{access::Subject, pairwise_sub};

/// `/oidc/userinfo`: a token for Graph with `openid` reads who its user is. `sub` is that of
/// the client's ID tokens.
pub(super) async fn userinfo(
    State(shared): State<Arc<Shared>>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
) -> Response {
    let directory = shared.directory();
    let caller = bearer::token(&headers)
        .and_then(|token| GraphCaller::read(&shared, &directory, token, call.now));
    let caller = match caller {
        Ok(caller) => caller,
        Err(BearerError::Missing) => return refuse("Bearer"),
        Err(_) => return refuse("Bearer error=\"invalid_token\""),
    };
    let has = |scope: &str| caller.permissions.iter().any(|p| p == scope);
    let (Some(user), true) = (caller.user, has("openid")) else {
        let challenge = "Bearer error=\"insufficient_scope\", scope=\"openid\"";
        let mut response = refuse(challenge);
        *response.status_mut() = StatusCode::FORBIDDEN;
        return response;
    };
    let home = shared.home(user);
    let session = Session::plain(call.now);
    let subject = Subject {
        user,
        home: home.as_ref(),
        session: &session,
    };
    let (tenant, client) = (caller.tenant, caller.client.client_id());
    let mut body = Map::new();
    let mut add = |name: &str, value: &str| body.insert(name.to_owned(), value.into());
    add("sub", &pairwise_sub(&tenant.id, user.object_id(), client));
    if has("profile") {
        let (given, family) = user.names();
        add("name", user.display_name());
        add("given_name", given);
        add("family_name", family);
        add(
            "picture",
            &format!("{}/graph/v1.0/me/photo/$value", shared.base_url),
        );
    }
    if let Some(email) = subject.email().filter(|_| has("email")) {
        add("email", email);
    }
    uncached_json(StatusCode::OK, &Value::Object(body))
}

fn refuse(challenge: &str) -> Response {
    let mut response = uncached_json(StatusCode::UNAUTHORIZED, &json!({}));
    set(response.headers_mut(), header::WWW_AUTHENTICATE, challenge);
    response
}

/// `/common/userrealm/{name}`: no domain of an emulator is federated.
pub(super) async fn userrealm(
    State(shared): State<Arc<Shared>>,
    Path((_segment, name)): Path<(String, String)>,
) -> Response {
    let domain = name.rsplit_once('@').map_or("", |(_, domain)| domain);
    let directory = shared.directory();
    let body = match directory.find(domain) {
        Some(_) => json!({
            "ver": "1.0",
            "account_type": "Managed",
            "domain_name": domain,
            "cloud_instance_name": "microsoftonline.com",
            "cloud_audience_urn": "urn:federation:MicrosoftOnline",
        }),
        None => json!({
            "ver": "1.0",
            "account_type": "Unknown",
            "cloud_instance_name": "microsoftonline.com",
            "cloud_audience_urn": "urn:federation:MicrosoftOnline",
        }),
    };
    uncached_json(StatusCode::OK, &body)
}

/// The session page of v1 metadata, which clients of today do not use: it is empty.
pub(super) async fn checksession() -> Response {
    Html("<!doctype html><title>Check session</title>").into_response()
}

/// The Kerberos endpoint: no emulator has a domain to negotiate with.
pub(super) async fn kerberos() -> Response {
    let mut response = StatusCode::UNAUTHORIZED.into_response();
    set(
        response.headers_mut(),
        header::WWW_AUTHENTICATE,
        "Negotiate",
    );
    response
}

/// A path that nothing is served at.
pub(super) async fn not_found() -> Response {
    StatusCode::NOT_FOUND.into_response()
}
