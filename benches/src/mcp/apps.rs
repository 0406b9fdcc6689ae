//! One handler: unguarded, behind the guard with and without its token cache, and behind an extractor that
//! is written by hand on `jsonwebtoken`.

use std::error::Error;
use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::routing::get;
use entra_claims::keys::StaticKeys;
use entra_claims::{Authenticator, KeySet, Requirement, TokenCacheLimits};
use foundry_scopes::{AppIdUri, ClientId, ScopeName};
use mcp_auth::{AuthLayer, Caller};
use serde::Deserialize;

use super::server::{Serve, Server};
use crate::claims::cold::validator;
use crate::claims::issuer::{CLIENT, Issuer, SCOPE};
use crate::claims::peer::JsonWebToken;

pub(super) fn serve(app: Router) -> Serve {
    Box::new(move |listener| Box::pin(async move { axum::serve(listener, app).await }))
}

pub(super) fn unguarded() -> Result<Server, Box<dyn Error>> {
    let app = Router::new().route("/", get(|| async { "hello" }));
    Server::start("unguarded", serve(app))
}

/// The same behind a layer that does nothing: what the router needs for any layer.
pub(super) fn layered() -> Result<Server, Box<dyn Error>> {
    let app = Router::new().route("/", get(|| async { "hello" }));
    Server::start("layered", serve(app.layer(tower_layer::Identity::new())))
}

#[derive(Clone, Copy)]
pub(super) enum TokenCache {
    On,
    Off,
}

pub(super) fn guarded(issuer: &Issuer, cache: TokenCache) -> Result<Server, Box<dyn Error>> {
    let (name, app) = guarded_app(issuer, cache)?;
    Server::start(name, serve(app))
}

/// As services run: a thread for each core.
pub(super) fn guarded_on_all_cores(issuer: &Issuer) -> Result<Server, Box<dyn Error>> {
    let (name, app) = guarded_app(issuer, TokenCache::On)?;
    Server::on_all_cores(name, serve(app))
}

fn guarded_app(
    issuer: &Issuer,
    cache: TokenCache,
) -> Result<(&'static str, Router), Box<dyn Error>> {
    let keys = KeySet::from_json(&issuer.key_set())?;
    let mut authenticator =
        Authenticator::builder(validator()?).key_source(Arc::new(StaticKeys::new(keys)));
    let name = match cache {
        TokenCache::On => "cached",
        TokenCache::Off => {
            authenticator = authenticator.token_cache(TokenCacheLimits::default().with_entries(0));
            "uncached"
        }
    };
    let guard = AuthLayer::for_api(
        authenticator.build()?,
        AppIdUri::api(CLIENT.parse::<ClientId>()?),
        Requirement::scope(ScopeName::parse(SCOPE)?),
    )?;
    let handler = |caller: Caller| async move {
        std::hint::black_box(caller.principal().object());
        "hello"
    };
    Ok((name, Router::new().route("/", get(handler)).layer(guard)))
}

/// What a service writes that has no library for it: the caller with what the guard's `Caller` gives.
#[derive(Deserialize)]
struct ByHand {
    tid: String,
    oid: String,
    azp: String,
    scp: Option<String>,
    roles: Option<Vec<String>>,
    groups: Option<Vec<String>>,
    name: Option<String>,
    preferred_username: Option<String>,
    exp: i64,
}

#[derive(Clone)]
struct State(Arc<JsonWebToken>);

impl<S> FromRequestParts<S> for ByHand
where
    State: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, StatusCode> {
        let token = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .ok_or(StatusCode::UNAUTHORIZED)?;
        let caller: Self = State::from_ref(state)
            .0
            .read(token)
            .ok_or(StatusCode::UNAUTHORIZED)?;
        let scopes = caller.scp.as_deref().unwrap_or_default();
        if scopes.split(' ').any(|scope| scope == SCOPE) {
            Ok(caller)
        } else {
            Err(StatusCode::FORBIDDEN)
        }
    }
}

pub(super) fn by_hand(issuer: &Issuer) -> Result<Server, Box<dyn Error>> {
    let peer = JsonWebToken::new(&issuer.key_set(), &Issuer::url(), CLIENT)?;
    let handler = |caller: ByHand| async move {
        std::hint::black_box((&caller.tid, &caller.oid, &caller.azp, caller.exp));
        std::hint::black_box((&caller.roles, &caller.groups));
        std::hint::black_box((&caller.name, &caller.preferred_username));
        "hello"
    };
    let app = Router::new()
        .route("/", get(handler))
        .with_state(State(Arc::new(peer)));
    Server::start("by_hand", serve(app))
}
