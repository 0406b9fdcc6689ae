//! Other crates that guard a handler, set up to check what can be set up: signature, issuer, audience and
//! both times.

use std::error::Error;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use axum_jwt_auth::{Decoder, LocalDecoder};
use jwt_authorizer::{IntoLayer as _, JwtAuthorizer, JwtClaims, Validation};
use serde::Deserialize;
use tower_oauth2_resource_server::server::OAuth2ResourceServer;
use tower_oauth2_resource_server::tenant::TenantConfiguration;
use tower_oauth2_resource_server::validation::ClaimsValidationSpec;

use super::apps::serve;
use super::server::{Serve, Server};
use crate::claims::issuer::{CLIENT, Issuer};

/// What a service keeps of a token.
#[derive(Clone, Debug, Deserialize)]
struct Claims {
    tid: String,
    oid: String,
}

impl Claims {
    fn used(&self) -> &'static str {
        std::hint::black_box((&self.tid, &self.oid));
        "hello"
    }
}

fn once<T>(future: impl Future<Output = T>) -> Result<T, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    Ok(runtime.block_on(future))
}

pub(super) fn jwt_authorizer(issuer: &Issuer) -> Result<Server, Box<dyn Error>> {
    let keys = String::from_utf8(issuer.key_set())?;
    let validation = Validation::new()
        .iss(&[Issuer::url()])
        .aud(&[CLIENT])
        .exp(true)
        .nbf(true)
        .leeway(300);
    let authorizer = JwtAuthorizer::<Claims>::from_jwks_text(&keys).validation(validation);
    let authorizer = once(authorizer.build())??;
    let app = axum_0_7::Router::new()
        .route(
            "/",
            axum_0_7::routing::get(
                |JwtClaims(claims): JwtClaims<Claims>| async move { claims.used() },
            ),
        )
        .layer(authorizer.into_layer());
    let serve: Serve =
        Box::new(move |listener| Box::pin(async move { axum_0_7::serve(listener, app).await }));
    Server::start("jwt_authorizer", serve)
}

pub(super) fn tower_oauth2(issuer: &Issuer) -> Result<Server, Box<dyn Error>> {
    let tenant = TenantConfiguration::static_builder(String::from_utf8(issuer.key_set())?)
        .audiences(&[CLIENT])
        .claims_validation(ClaimsValidationSpec::recommended(
            &Issuer::url(),
            &vec![CLIENT.to_owned()],
        ))
        .build()?;
    let server = OAuth2ResourceServer::<Claims>::builder().add_tenant(tenant);
    let server = once(server.build())??;
    let handler = |axum::Extension(claims): axum::Extension<Claims>| async move { claims.used() };
    let app = Router::new()
        .route("/", get(handler))
        .layer(server.into_layer());
    Server::start("tower_oauth2", serve(app))
}

/// It tries its keys in turn, so it gets the one that signs.
pub(super) fn axum_jwt_auth(issuer: &Issuer) -> Result<Server, Box<dyn Error>> {
    use jsonwebtoken_10::{Algorithm, DecodingKey, Validation};
    let signer = issuer.signer()?;
    let key = DecodingKey::from_rsa_raw_components(&signer.n, &signer.e);
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[CLIENT]);
    validation.set_issuer(&[Issuer::url()]);
    validation.validate_nbf = true;
    let decoder: Decoder<Claims> = Arc::new(LocalDecoder::new(vec![key], validation)?);
    let handler = |claims: axum_jwt_auth::Claims<Claims>| async move { claims.claims.used() };
    let app = Router::new().route("/", get(handler)).with_state(decoder);
    Server::start("axum_jwt_auth", serve(app))
}
