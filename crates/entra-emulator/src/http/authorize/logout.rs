//! Signing out (OpenID Connect RP-Initiated Logout).

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};

use super::super::{pages, response::set, sign_in::Browser};
use super::redirect::Target;
use crate::call::{Call, Params};
use crate::directory::Tenant;
use crate::state::Shared;

/// Ends the browser's session and goes back to an app that registered the address.
pub(in crate::http) async fn logout(
    State(shared): State<Arc<Shared>>,
    Path(_segment): Path<String>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
) -> Response {
    if let Some(cookie) = Browser::read(&headers, &shared).cookie() {
        shared.sign_ins.sign_out(cookie);
    }
    let params = match call.method.as_str() {
        "POST" => &call.form,
        _ => &call.query,
    };
    let directory = shared.directory();
    let mut apps = directory.tenants().flat_map(Tenant::apps);
    let back = params
        .get("post_logout_redirect_uri")
        .filter(|uri| apps.any(|app| Target::registered(app, uri, &Params::default()).is_some()));
    let Some(mut url) = back.and_then(|uri| url::Url::parse(uri).ok()) else {
        let text = "It is a good idea to close all browser windows.";
        return pages::message(StatusCode::OK, "You signed out", text);
    };
    if let Some(state) = params.get("state") {
        url.query_pairs_mut().append_pair("state", state);
    }
    let mut response = StatusCode::FOUND.into_response();
    set(response.headers_mut(), header::LOCATION, url.as_str());
    response
}
