//! The HTTP side: routes, and what happens around each request.

mod account;
mod around;
mod authority;
mod authorize;
mod bearer;
mod control;
mod cors;
mod device;
mod discovery;
mod echo;
mod faulty;
mod identity;
mod pages;
mod response;
mod sign_in;
mod token;
mod v1;

pub(crate) use echo::EchoApi;
pub(crate) use token::client::find as find_client;

use std::sync::Arc;

use axum::{
    Router, middleware,
    routing::{MethodRouter, any, get, post},
};
use response::public_preflight;

use crate::state::Shared;

/// The routes of one emulator.
pub(crate) fn router(shared: Arc<Shared>, echo: EchoApi) -> Router {
    let metadata = |handler: MethodRouter<Arc<Shared>>| handler.options(public_preflight);
    let authorize = || get(authorize::authorize).post(authorize::authorize);
    let logout = || get(authorize::logout).post(authorize::logout);
    let userinfo = || get(account::userinfo).post(account::userinfo);
    let posted = |handler: MethodRouter<Arc<Shared>>| {
        handler.options(cors::preflight).fallback(token::not_post)
    };
    let router = match echo {
        EchoApi::On => Router::new().route("/echo/{client_id}", any(echo::echo)),
        EchoApi::Off => Router::new(),
    };
    router
        .route(
            "/{tenant}/v2.0/.well-known/openid-configuration",
            metadata(get(discovery::v2)),
        )
        .route(
            "/{tenant}/.well-known/openid-configuration",
            metadata(get(discovery::v1)),
        )
        .route(
            "/metadata/identity/oauth2/token",
            get(identity::imds::token),
        )
        .route(
            "/metadata/identity/oauth2/token/",
            get(identity::imds::token),
        )
        .route("/metadata/instance/compute", get(identity::imds::compute))
        .route("/msi/token", get(identity::app_service::token))
        .route(
            "/{tenant}/discovery/instance",
            metadata(get(discovery::instance)),
        )
        .route(
            "/{tenant}/discovery/v2.0/keys",
            metadata(get(discovery::keys_v2)),
        )
        .route(
            "/{tenant}/discovery/keys",
            metadata(get(discovery::keys_v1)),
        )
        .route("/{tenant}/oauth2/v2.0/authorize", authorize())
        // Microsoft.Identity.Web writes the path so in links to consent.
        .route("/{tenant}//oauth2/v2.0/authorize", authorize())
        .route("/{tenant}/oauth2/v2.0/token", posted(post(token::token)))
        .route(
            "/{tenant}/oauth2/v2.0/devicecode",
            posted(post(device::devicecode)),
        )
        .route(
            "/{tenant}/oauth2/authorize",
            get(v1::authorize).post(v1::authorize),
        )
        .route("/{tenant}/oauth2/token", posted(post(v1::token)))
        .route("/{tenant}/oauth2/devicecode", posted(post(v1::devicecode)))
        .route("/{tenant}/oauth2/checksession", get(account::checksession))
        .route("/{tenant}/kerberos", any(account::kerberos))
        .route("/devicelogin", get(device::enter).post(device::entered))
        .route("/{tenant}/oauth2/v2.0/logout", logout())
        .route("/{tenant}/oauth2/logout", logout())
        .route("/oidc/userinfo", userinfo())
        .route("/{tenant}/openid/userinfo", userinfo())
        .route("/{tenant}/userrealm/{name}", get(account::userrealm))
        .route("/error", get(pages::about_error))
        .route("/signin", post(sign_in::answer::answer))
        .fallback(account::not_found)
        .layer(middleware::from_fn_with_state(
            Arc::clone(&shared),
            around::around,
        ))
        .merge(control::router(&shared))
        .with_state(shared)
}
