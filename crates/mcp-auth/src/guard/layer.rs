//! The layer.

use std::sync::Arc;

use entra_claims::{Authenticator, Requirement};
use foundry_scopes::AppIdUri;
use tower_layer::Layer;

use super::decide::{Guard, Presence};
use super::service::AuthService;
use crate::ProtectedResource;

/// Lets requests through whose token is verified and meets the requirement; answers the
/// others itself.
///
/// For each request, in this order:
///
/// 1. `Authorization` is taken out of the request. More than one field is 400; none, or
///    another scheme than `Bearer`, is 401 without an error code; what is no b64token is
///    401 `invalid_token`; an `access_token` in the query beside it is 400 (RFC 6750,
///    sections 2 and 3.1). Tokens in the query or the body are never read.
/// 2. The token is verified: from the authenticator's cache at once, else with the
///    authority's keys. 401 `invalid_token` if it is not accepted, 503 with `Retry-After`
///    and without a challenge if that cannot be decided now.
/// 3. The requirement is checked: 403 `insufficient_scope` with the qualified scopes to
///    ask for, or without scopes where more scopes would not help.
/// 4. The [`Caller`](crate::Caller) goes into the request's extensions, and the request to
///    the inner service.
///
/// The body is not touched, so the answer to an unauthenticated request does not wait for
/// it. Refusals carry a [`Refusal`](crate::Refusal) in their extensions and are traced
/// under `mcp_auth::rejection`.
///
/// # Deployment caveats
///
/// - Routes and a `.fallback` added to a router *after* `.layer(guard)` are open to
///   everyone: the layer wraps what is there when it is put on. So put it on last, and only
///   the metadata routes, which must be open, after it. A handler that asks for its
///   [`Caller`](crate::Caller) answers 500 on such a route; another one just runs.
/// - One guard per route: it takes `Authorization` out of the request and forgets what an
///   outer guard decided, so a second one inside finds no token and refuses.
/// - A proxy that adds an `Authorization` of its own causes 400 (two fields) or hides the
///   client's. Nothing is read from `Host` or `X-Forwarded-*`.
/// - `OPTIONS` is guarded like any method: put a CORS layer outside of this one for
///   browser clients.
/// - `Origin` and `Host` are not checked here (DNS rebinding): bind local servers to
///   loopback and use the server's own allow-lists.
///
/// ```
/// use entra_claims::{AcceptedAudiences, Authenticator, Requirement, TenantPolicy, Validator};
/// use foundry_scopes::{AppIdUri, ClientId, Cloud, ScopeName, TenantId};
/// use http::{Request, Response, StatusCode};
/// use mcp_auth::AuthLayer;
/// use tower::{ServiceBuilder, ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let api = ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555")?;
/// let validator = Validator::new(
///     Cloud::public(),
///     TenantPolicy::single(TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?),
///     AcceptedAudiences::of_client(api),
/// );
/// let guard = AuthLayer::for_api(
///     Authenticator::new(validator)?,
///     AppIdUri::api(api),
///     Requirement::scope(ScopeName::parse("orders.read")?),
/// );
/// let service = ServiceBuilder::new().layer(guard).service(service_fn(
///     |_: Request<String>| async { Ok::<_, std::convert::Infallible>(Response::new(String::from("never"))) },
/// ));
///
/// let answer = service.oneshot(Request::new(String::new())).await?;
/// assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
/// assert_eq!(
///     answer.headers()["www-authenticate"],
///     r#"Bearer scope="api://11112222-bbbb-3333-cccc-4444dddd5555/orders.read""#
/// );
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct AuthLayer {
    guard: Arc<Guard>,
    presence: Presence,
}

impl AuthLayer {
    /// Guards an MCP server, or any resource with metadata: challenges point to it.
    ///
    /// The first challenge names the resource's scopes and those of the requirement.
    #[must_use]
    pub fn new(
        authenticator: Authenticator,
        resource: ProtectedResource,
        requirement: Requirement,
    ) -> Self {
        Self::of(Guard::for_resource(authenticator, &resource, requirement))
    }

    /// Guards an ordinary API, which publishes no metadata. The identifier URI qualifies
    /// the scopes in challenges.
    #[must_use]
    pub fn for_api(
        authenticator: Authenticator,
        identifier_uri: AppIdUri,
        requirement: Requirement,
    ) -> Self {
        Self::of(Guard::for_api(authenticator, identifier_uri, requirement))
    }

    /// The same, but a request without an `Authorization` header passes, without a
    /// [`Caller`](crate::Caller). A bad token, or another scheme, is refused all the same.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.presence = Presence::Optional;
        self
    }

    pub(crate) fn guard(&self) -> &Arc<Guard> {
        &self.guard
    }

    fn of(guard: Guard) -> Self {
        Self {
            guard: Arc::new(guard),
            presence: Presence::Required,
        }
    }
}

impl<S> Layer<S> for AuthLayer {
    type Service = AuthService<S>;

    fn layer(&self, inner: S) -> AuthService<S> {
        AuthService::new(inner, Arc::clone(&self.guard), self.presence)
    }
}
