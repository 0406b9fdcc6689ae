//! `McpLayer`: the tower layer for MCP servers, and its settings.

use std::sync::Arc;

use tower_layer::Layer;

use super::exchange::{EventIds, Server};
use super::policy::Compiled;
use super::service::McpService;
use super::sessions::{LiveSessions, Sessions, SharedSessions};
use crate::guard::{AuthLayer, AuthService, GuardError};
use crate::mcp::{McpPolicy, SessionLimits};
use crate::shared::{SealError, SharedTier};

/// Guards an MCP server: everything that [`AuthLayer`] does, and what MCP needs beyond it,
/// for the era of sessions (until 2025-11-25) and the stateless one (2026-07-28) on one
/// endpoint.
///
/// For each request that the [`AuthLayer`] lets through, in this order:
///
/// 1. **Form.** `GET`, `POST` or `DELETE`, else 405. A `POST` is one `application/json`
///    message, else 415, also if it is compressed; no larger than the limit, else 413. JSON
///    that two parsers could read differently (a member twice, anything behind the message,
///    a byte order mark, no UTF-8), batches, and nesting beyond 100 are 400. The server gets
///    the very bytes that were read.
/// 2. **Headers.** In the stateless era `MCP-Protocol-Version`, `Mcp-Method` and `Mcp-Name`
///    have to say what the body says, else 400 with -32020; an unknown version is 400 with
///    -32022. In the older era the latter two are ignored. Nothing is decided by them.
/// 3. **Session.** A session is its opener's: tenant, object, client application and kind of
///    caller. For all others, and for one that was forgotten, it is 404, as a session that
///    never was (MCP security best practices, "Session hijacking"). A refreshed token, or one
///    with more scopes, stays in. Requests of the stateless era have no session, whatever
///    their headers say. A caller who has its share of sessions open gets 429, and unused ones
///    are closed at the server ([`SessionLimits`]).
/// 4. **Policy.** What [`McpPolicy`] asks for: 403 with every scope to ask for, in one
///    challenge, before the server sees the request. Notifications too.
///
/// A handler finds a [`DeferredChallenge`](crate::DeferredChallenge) and the caller's
/// [`Permissions`](crate::Permissions) in the request's extensions. Answers are passed on
/// frame by frame, and a stream ends when its token is not accepted any more.
///
/// # Deployment caveats
///
/// - Put it around the MCP endpoint only: other routes do not speak JSON-RPC.
/// - Sessions are remembered in this process. With several instances, use a store that they
///   [share](Self::shared_sessions), or route each session to its instance; after a restart
///   clients open new sessions by themselves.
/// - `rmcp`'s event stores find the streams of every session by an event's id. So a
///   `Last-Event-ID` that is not a number within the session is refused, unless
///   [`scoped_event_ids`](Self::scoped_event_ids) says that the store looks at the session
///   itself; without a session it is refused always.
///
/// ```
/// use axum::Router;
/// use entra_claims::{AcceptedAudiences, Authenticator, Requirement, TenantPolicy, Validator};
/// use foundry_scopes::{AppIdUri, ClientId, Cloud, ScopeName, TenantAuthority, TenantId};
/// use mcp_auth::{AuthLayer, McpLayer, ProtectedResource};
///
/// # #[cfg(feature = "axum")]
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let authority = TenantAuthority::new(
///     Cloud::public(),
///     TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?,
/// );
/// let client = ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555")?;
/// let validator = Validator::new(
///     authority.cloud().clone(),
///     TenantPolicy::single(authority.tenant()),
///     AcceptedAudiences::for_client(client),
/// );
/// let read = ScopeName::parse("mcp.read")?;
/// let resource = ProtectedResource::builder("https://mcp.contoso.example/mcp")
///     .authority(&authority)
///     .identifier_uri(AppIdUri::api(client))
///     .scope(read.clone())
///     .facade()
///     .build()?;
/// let guard = McpLayer::new(AuthLayer::new(
///     Authenticator::new(validator)?,
///     resource.clone(),
///     Requirement::scope(read),
/// )?);
/// # async fn mcp() {}
/// let app: Router = Router::new()
///     .route("/mcp", axum::routing::any(mcp)) // `.nest_service("/mcp", ...)` with rmcp
///     .layer(guard)
///     .merge(resource.metadata_router()?);
/// # let _ = app;
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "axum"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug)]
pub struct McpLayer {
    auth: AuthLayer,
    server: Arc<Server>,
}

/// What `rmcp` takes too.
const BODY_LIMIT: usize = 4 << 20;

impl McpLayer {
    /// Completes a guard for an MCP server: no rules beyond the guard's own, sessions
    /// remembered in memory, messages of at most 4 MiB.
    #[must_use]
    pub fn new(auth: AuthLayer) -> Self {
        let guard = Arc::clone(auth.guard());
        let server = Server {
            policy: Arc::new(Compiled::new(McpPolicy::new())),
            sessions: Sessions::default(),
            event_ids: EventIds::OfSession,
            body_limit: BODY_LIMIT,
            guard,
        };
        let server = Arc::new(server);
        Self { auth, server }
    }

    /// What each tool, resource and prompt asks for.
    ///
    /// # Errors
    ///
    /// A rule that no caller can meet, or one by role or group that does not say in which tenant it
    /// was assigned where several are accepted, by the name of its tool, prompt, resource or method.
    pub fn policy(self, policy: McpPolicy) -> Result<Self, GuardError> {
        let policy = policy.ready(self.server.guard.authorization())?;
        Ok(self.with(|server| server.policy = Arc::new(Compiled::new(policy))))
    }

    /// Other limits of the sessions that the server holds.
    ///
    /// # Errors
    ///
    /// A limit with which no session could be kept.
    pub fn sessions(self, limits: SessionLimits) -> Result<Self, GuardError> {
        let live = Arc::new(LiveSessions::new(limits)?);
        Ok(self.with(|server| server.sessions.live = live))
    }

    /// Owners of sessions in a store that several instances share, sealed, for a day after their last
    /// use.
    ///
    /// What the store does not know is refused with 404, so an entry that is lost ends a session and
    /// never opens one. The [limits](SessionLimits) hold for each instance and what its own server
    /// holds; one closes an unused session only if no other has used it meanwhile. While the store does not answer, requests of sessions are refused with 503.
    ///
    /// # Errors
    ///
    /// [`SealError::Derivation`].
    pub fn shared_sessions(self, tier: &SharedTier) -> Result<Self, SealError> {
        let shared = SharedSessions::new(tier)?;
        Ok(self.with(|server| server.sessions.shared = Some(shared)))
    }

    /// Says that the server's event store gives a session the events of its own streams
    /// only, so that it may see ids of any form. Without that, a caller who learns the id of
    /// another's event could read on from there.
    #[must_use]
    pub fn scoped_event_ids(self) -> Self {
        self.with(|server| server.event_ids = EventIds::ScopedByStore)
    }

    /// How large a message may be, in bytes.
    #[must_use]
    pub fn body_limit(self, bytes: usize) -> Self {
        self.with(|server| server.body_limit = bytes)
    }

    fn with(mut self, change: impl FnOnce(&mut Server)) -> Self {
        change(Arc::make_mut(&mut self.server));
        self
    }
}

impl<S> Layer<S> for McpLayer {
    type Service = AuthService<McpService<S>>;

    fn layer(&self, inner: S) -> Self::Service {
        self.auth
            .layer(McpService::new(inner, Arc::clone(&self.server)))
    }
}
