//! The HTTP side: routes, and what happens around each request.

mod around;
mod authorize;
mod control;
mod device;
mod discovery;
mod echo;
mod faulty;
mod identity;
mod keys;
mod pages;
mod sign_in;
mod token;

pub(crate) use echo::EchoApi;
pub(crate) use sign_in::SignIns;

use std::sync::Arc;

use axum::{
    Router,
    http::{HeaderValue, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use serde_json::Value;

pub(crate) use token::client::find as find_client;

use crate::call::Call;
use crate::directory::{Directory, PERSONAL, Tenant};
use crate::errors::{AadError, table};
use crate::state::Shared;

/// The number of the AADSTS error in a response, for the journal.
#[derive(Clone, Copy)]
struct ErrorCode(u32);

/// The routes of one emulator.
pub(crate) fn router(shared: Arc<Shared>, echo: EchoApi) -> Router {
    let v2 = "/{tenant}/v2.0/.well-known/openid-configuration";
    let authorize = get(authorize::authorize).post(authorize::authorize);
    let router = match echo {
        EchoApi::On => Router::new().route("/echo/{client_id}", any(echo::echo)),
        EchoApi::Off => Router::new(),
    };
    router
        .route(v2, get(discovery::v2))
        .route(
            "/{tenant}/.well-known/openid-configuration",
            get(discovery::v1),
        )
        .route("/metadata/identity/oauth2/token", get(identity::imds))
        .route("/metadata/identity/oauth2/token/", get(identity::imds))
        .route("/msi/token", get(identity::app_service))
        .route("/{tenant}/discovery/instance", get(discovery::instance))
        .route("/{tenant}/discovery/v2.0/keys", get(keys::v2))
        .route("/{tenant}/discovery/keys", get(keys::v1))
        .route("/{tenant}/oauth2/v2.0/authorize", authorize)
        .route(
            "/{tenant}/oauth2/v2.0/token",
            post(token::token).fallback(token::not_post),
        )
        .route(
            "/{tenant}/oauth2/v2.0/devicecode",
            post(device::devicecode).fallback(token::not_post),
        )
        .route("/devicelogin", get(device::enter).post(device::entered))
        .route(
            "/{tenant}/oauth2/v2.0/logout",
            get(authorize::logout).post(authorize::logout),
        )
        .route("/signin", post(sign_in::answer))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&shared),
            around::around,
        ))
        .merge(control::router(&shared))
        .with_state(shared)
}

/// The tenant part of a path.
pub(crate) enum Authority<'a> {
    Tenant(&'a Tenant),
    /// `common`, `organizations` or `consumers`: the tenant follows from the user.
    Any(&'static str),
}

impl<'a> Authority<'a> {
    /// Whether a tenant answers under this authority: `consumers` is the tenant of personal
    /// accounts, `organizations` all others.
    pub(crate) fn includes(&self, tenant: &Tenant) -> bool {
        match self {
            Self::Tenant(own) => own.id == tenant.id,
            Self::Any("consumers") => tenant.id == PERSONAL,
            Self::Any("organizations") => tenant.id != PERSONAL,
            Self::Any(_) => true,
        }
    }

    pub(crate) fn find(directory: &'a Directory, segment: &str) -> Result<Self, AadError> {
        let aliases = ["common", "organizations", "consumers"];
        if let Some(alias) = aliases
            .into_iter()
            .find(|a| a.eq_ignore_ascii_case(segment))
        {
            return Ok(Self::Any(alias));
        }
        if let Some(tenant) = directory.find(segment) {
            return Ok(Self::Tenant(tenant));
        }
        let guid_or_domain =
            crate::directory::id::canonical_guid(segment).is_some() || segment.contains('.');
        let row = match guid_or_domain {
            true => table::TENANT_NOT_FOUND,
            false => table::TENANT_MALFORMED,
        };
        Err(AadError::new(row).arg(segment))
    }
}

/// An error as JSON, as every endpoint but the authorization endpoint gives it.
fn error_response(error: &AadError, call: &Call, shared: &Shared) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = uncached_json(status, &error.envelope(call, &shared.base_url));
    response.extensions_mut().insert(ErrorCode(error.code()));
    response
}

/// JSON that nobody may store (RFC 6749, section 5.1).
fn uncached_json(status: StatusCode, body: &Value) -> Response {
    let mut response = json(status, body);
    set(
        response.headers_mut(),
        header::CACHE_CONTROL,
        "no-store, no-cache",
    );
    set(response.headers_mut(), header::PRAGMA, "no-cache");
    response
}

/// JSON that may be kept for a day, as Entra's metadata.
fn cached_json(body: &Value) -> Response {
    let mut response = json(StatusCode::OK, body);
    set(
        response.headers_mut(),
        header::CACHE_CONTROL,
        "max-age=86400, private",
    );
    response
}

fn json(status: StatusCode, body: &Value) -> Response {
    let mut response = (status, body.to_string()).into_response();
    set(
        response.headers_mut(),
        header::CONTENT_TYPE,
        "application/json; charset=utf-8",
    );
    response
}

fn set(headers: &mut axum::http::HeaderMap, name: impl header::IntoHeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
