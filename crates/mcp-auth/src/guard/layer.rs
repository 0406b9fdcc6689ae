//! `AuthLayer`: the tower layer that authenticates requests, and its settings.

use std::sync::Arc;

use entra_claims::{Authenticator, Requirement, ScopeHierarchy};
use foundry_scopes::AppIdUri;
use tower_layer::Layer;

use super::decide::{Guard, Platform, Presence};
use super::error::GuardError;
use super::service::AuthService;
#[cfg(feature = "obo")]
use crate::consent::ConsentPages;
use crate::origin::{AllowedHost, AllowedOrigin, OriginRules};
use crate::resource::ProtectedResource;

/// Lets requests through whose token is verified and meets the requirement; answers the
/// others itself.
///
/// For each request, in this order:
///
/// 1. `Host` (and `:authority`) and `Origin`, in front of an MCP resource: 403 for a host
///    that is not the resource's, or the page of an origin that is not on the list; the
///    preflight of an allowed origin is answered. See below.
/// 2. The headers of App Service authentication are taken out of the request, since any client
///    could write them, and `Authorization` is. More than one field is 400; none, or
///    another scheme than `Bearer`, is 401 without an error code; what is no b64token is
///    401 `invalid_token`; an `access_token` in the query beside it is 400 (RFC 6750,
///    sections 2 and 3.1). Tokens in the query or the body are never read.
/// 3. The token is verified: from the authenticator's cache at once, else with the
///    authority's keys. 401 `invalid_token` if it is not accepted, 503 with `Retry-After`
///    and without a challenge if that cannot be decided now.
/// 4. The requirement is checked: 403 `insufficient_scope` with the qualified scopes to
///    ask for, or without scopes where more scopes would not help; 401 with a claims
///    challenge where an authentication context is missing and the client can be
///    challenged (Entra doc "Claims challenges").
/// 5. The [`Caller`](crate::Caller) goes into the request's extensions, and the request to
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
/// - One guard per route. A second one inside would find no token, since the outer one takes
///   it out of the request: it answers 500, and the log names the doubled guard.
/// - A proxy that adds an `Authorization` of its own causes 400 (two fields) or hides the
///   client's. Nothing is read from `Host` or `X-Forwarded-*`.
/// - A proxy that changes `Host` makes every request one for another host: name its host
///   with [`allow_hosts`](Self::allow_hosts).
/// - A proxy that *sets* `Host` to a fixed name (`proxy_set_header Host mcp.contoso.com;` in nginx)
///   switches the check of hosts off: whatever name a page gave this server arrives as the right
///   one. Pass the client's on (`proxy_set_header Host $host;`), and let the proxy answer its own
///   names only (a `default_server` that refuses the others).
/// - Trailers are part of the body. [`serve`](crate::serve) takes credentials and the fields of App
///   Service authentication out of them; behind another server, do not merge them into headers.
/// - `OPTIONS` that is no preflight is guarded like any method.
///
/// # Hosts and origins
///
/// A page of any site reaches a server on loopback or in an internal network through a name
/// of its own that it points there (DNS rebinding); its requests then name that host. So in
/// front of an MCP resource ([`AuthLayer::new`]) both are checked by default, before any
/// credential is looked at (MCP, "Streamable HTTP", security warning):
///
/// - The host has to be that of the resource's URL; where that is loopback, one of
///   `localhost`, `127.0.0.1` and `[::1]` at its port. `X-Forwarded-Host` is never read.
///   A request that names no host at all is no browser's and passes.
/// - `Origin`, if it is there, has to be on the list of [`allow_origins`](Self::allow_origins),
///   byte for byte, which is empty at first. Clients that are no browsers send none.
///
/// `rmcp` has a list of hosts of its own, which holds loopback only: behind this guard turn it
/// off with `StreamableHttpServerConfig::disable_allowed_hosts`, or a server with a public name
/// answers 403 "Host header is not allowed".
///
/// In front of an ordinary API ([`AuthLayer::for_api`]) neither is checked until one of the
/// lists is set.
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
///     AcceptedAudiences::for_client(api),
/// );
/// let guard = AuthLayer::for_api(
///     Authenticator::new(validator)?,
///     AppIdUri::api(api),
///     Requirement::scope(ScopeName::parse("orders.read")?),
/// )?;
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
    /// Guards a resource with metadata: challenges point to it. An MCP server needs
    /// [`McpLayer`](crate::McpLayer) around this, which looks into messages and knows whose
    /// a session is.
    ///
    /// The first challenge names the resource's scopes and those of the requirement.
    ///
    /// # Errors
    ///
    /// A requirement that no caller can meet, one by role or group that does not say in which
    /// tenant it was assigned where several are accepted, and a scope of another API.
    pub fn new(
        authenticator: Authenticator,
        resource: ProtectedResource,
        requirement: Requirement,
    ) -> Result<Self, GuardError> {
        Guard::for_resource(authenticator, &resource, requirement).map(Self::of)
    }

    /// Guards an ordinary API, which publishes no metadata. The identifier URI qualifies
    /// the scopes in challenges.
    ///
    /// # Errors
    ///
    /// A requirement that no caller can meet, one by role or group that does not say in which
    /// tenant it was assigned where several are accepted, and a scope of another API.
    pub fn for_api(
        authenticator: Authenticator,
        identifier_uri: AppIdUri,
        requirement: Requirement,
    ) -> Result<Self, GuardError> {
        Guard::for_api(authenticator, identifier_uri, requirement).map(Self::of)
    }

    /// The same, but a request without an `Authorization` header passes, without a
    /// [`Caller`](crate::Caller). A bad token, or another scheme, is refused all the same.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.presence = Presence::Optional;
        self
    }

    /// Lets pages of these origins call: they pass the origin check, their preflights are
    /// answered without a token, and all answers carry the CORS headers that let them read
    /// the challenge. May be called again for more.
    ///
    /// Headers that a page may send are those of MCP clients: `Authorization`,
    /// `Content-Type`, `Accept`, `Last-Event-ID` and the `Mcp-` ones. Credentials of the
    /// browser (cookies) are not allowed. For an API with headers of its own put a CORS
    /// layer outside of this one instead.
    ///
    /// ```
    /// use mcp_auth::{AllowedOrigin, AuthLayer};
    ///
    /// fn for_the_inspector(guard: AuthLayer) -> Result<AuthLayer, mcp_auth::AllowListError> {
    ///     Ok(guard.allow_origins([AllowedOrigin::parse("http://localhost:6274")?]))
    /// }
    /// # let _ = for_the_inspector;
    /// ```
    #[must_use]
    pub fn allow_origins(mut self, origins: impl IntoIterator<Item = AllowedOrigin>) -> Self {
        self.origin_rules().allow_origins(origins);
        self
    }

    /// Answers for these hosts too, for example the name by which a gateway calls this
    /// server. May be called again for more.
    #[must_use]
    pub fn allow_hosts(mut self, hosts: impl IntoIterator<Item = AllowedHost>) -> Self {
        self.origin_rules().allow_hosts(hosts);
        self
    }

    /// **Answers whatever `Host` says**, for a server whose proxy in front checks it.
    /// `Origin` is still checked.
    #[must_use]
    pub fn allow_any_host(mut self) -> Self {
        self.origin_rules().allow_any_host();
        self
    }

    /// Lets liveness and readiness probes through: `GET` and `HEAD` of exactly these paths
    /// pass without a token and whatever `Host` and `Origin` say, since probes call by
    /// address and have no token.
    ///
    /// Nothing of the request is known to their handlers: `Authorization` is taken out, and
    /// there is no [`Caller`](crate::Caller). They are open to everyone, so let them say no
    /// more than that the server lives. The paths are compared byte for byte with what this
    /// layer sees, below the prefix of a `nest`.
    #[must_use]
    pub fn probes<P: Into<Box<str>>>(mut self, paths: impl IntoIterator<Item = P>) -> Self {
        let paths = paths.into_iter().map(Into::into);
        self.origin_rules().add_probes(paths);
        self
    }

    /// The same, where scopes that include others are enough for what those open: for the
    /// guard's requirement, and for the policy of an [`McpLayer`](crate::McpLayer).
    #[must_use]
    pub fn scope_hierarchy(mut self, hierarchy: ScopeHierarchy) -> Self {
        self.guard_mut()
            .authorization_mut()
            .set_hierarchy(hierarchy);
        self
    }

    /// Sends callers whose consent is missing to these pages, when a handler answers with an
    /// [`OnBehalfOfError`](crate::OnBehalfOfError).
    #[cfg(feature = "obo")]
    #[cfg_attr(docsrs, doc(cfg(feature = "obo")))]
    #[must_use]
    pub fn consent_pages(mut self, pages: ConsentPages) -> Self {
        let pages = Arc::new(pages);
        self.guard_mut().authorization_mut().set_consent(pages);
        self
    }

    /// **States that App Service authentication is in front of this server** and removes
    /// what clients write into its headers (`X-MS-CLIENT-PRINCIPAL`, `X-MS-TOKEN-...`), which
    /// are then left in requests, for [`ClientPrincipalReader`](crate::ClientPrincipalReader).
    ///
    /// Without this they are taken out: any client could have written them.
    #[must_use]
    pub fn trust_app_service_headers(mut self) -> Self {
        self.guard_mut().platform = Platform::AppService;
        self
    }

    /// The authenticator that verifies the tokens: for probes, and to fetch the keys ahead of the first request.
    #[must_use]
    pub fn authenticator(&self) -> &Authenticator {
        &self.guard.authenticator
    }

    pub(crate) fn guard(&self) -> &Arc<Guard> {
        &self.guard
    }

    fn guard_mut(&mut self) -> &mut Guard {
        Arc::make_mut(&mut self.guard)
    }

    fn origin_rules(&mut self) -> &mut OriginRules {
        &mut self.guard_mut().origin
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
