//! Signing out (OpenID Connect RP-Initiated Logout, Front-Channel Logout).

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
use crate::directory::{Directory, Tenant};
use crate::sign_ins::SignedIn;
use crate::state::Shared;
use url::Url;

/// Ends the browser's session and goes back to an app that registered the address.
pub(in crate::http) async fn logout(
    State(shared): State<Arc<Shared>>,
    Path(_segment): Path<String>,
    Extension(call): Extension<Arc<Call>>,
    headers: HeaderMap,
) -> Response {
    let browser = Browser::read(&headers, &shared);
    let ended = browser.cookie().and_then(|cookie| {
        let session = shared.sign_ins.session(cookie);
        shared.sign_ins.sign_out(cookie);
        session
    });
    let params = match call.method.as_str() {
        "POST" => &call.form,
        _ => &call.query,
    };
    let directory = shared.directory();
    let mut apps = directory.tenants().flat_map(Tenant::apps);
    let back = params
        .get("post_logout_redirect_uri")
        .filter(|uri| apps.any(|app| Target::registered(app, uri, &Params::default()).is_some()));
    let mut back = back.and_then(|uri| Url::parse(uri).ok());
    if let (Some(url), Some(state)) = (&mut back, params.get("state")) {
        url.query_pairs_mut().append_pair("state", state);
    }
    let told = ended.map(|ended| told(&shared, &directory, &ended));
    let told = told.unwrap_or_default();
    match back {
        _ if !told.is_empty() => pages::signed_out(&told, back.as_ref()),
        None => {
            let text = "It is a good idea to close all browser windows.";
            pages::message(StatusCode::OK, "You signed out", text)
        }
        Some(url) => {
            let mut response = StatusCode::FOUND.into_response();
            set(response.headers_mut(), header::LOCATION, url.as_str());
            response
        }
    }
}

/// The logout URLs of the apps of a session, with its issuer and id (OpenID Connect
/// Front-Channel Logout 1.0).
fn told(shared: &Shared, directory: &Directory, ended: &SignedIn) -> Vec<Url> {
    let Some(tenant) = directory.find(&ended.account.tenant) else {
        return Vec::new();
    };
    let apps = ended.apps.iter().filter_map(|id| tenant.find_app(id));
    let urls = apps.filter_map(|app| Url::parse(app.logout_url.as_deref()?).ok());
    let with_session = urls.map(|mut url| {
        url.query_pairs_mut()
            .append_pair("iss", &tenant.issuer_v2(&shared.base_url))
            .append_pair("sid", &ended.session);
        url
    });
    with_session.collect()
}
