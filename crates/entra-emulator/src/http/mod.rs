//! The HTTP side: routes, and what happens around each request.

mod around;
mod authority;
mod authorize;
mod control;
mod device;
mod discovery;
mod echo;
mod faulty;
mod identity;
mod pages;
mod response;
mod sign_in;
mod token;

pub(crate) use echo::EchoApi;
pub(crate) use token::client::find as find_client;

use std::sync::Arc;

use axum::{
    Router, middleware,
    routing::{any, get, post},
};

use crate::state::Shared;

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
        .route(
            "/metadata/identity/oauth2/token",
            get(identity::imds::token),
        )
        .route(
            "/metadata/identity/oauth2/token/",
            get(identity::imds::token),
        )
        .route("/msi/token", get(identity::app_service::token))
        .route("/{tenant}/discovery/instance", get(discovery::instance))
        .route("/{tenant}/discovery/v2.0/keys", get(discovery::keys_v2))
        .route("/{tenant}/discovery/keys", get(discovery::keys_v1))
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
        .route("/signin", post(sign_in::answer::answer))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&shared),
            around::around,
        ))
        .merge(control::router(&shared))
        .with_state(shared)
}
