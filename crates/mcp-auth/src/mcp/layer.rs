//! The layer.

use std::sync::Arc;

use tower_layer::Layer;

use super::service::McpService;
use crate::guard::Guard;
use crate::{AuthLayer, AuthService};

/// Guards an MCP server: everything that [`AuthLayer`] does, and what MCP needs beyond it.
///
/// A handler finds a [`ChallengeSlot`](crate::ChallengeSlot) in the request's extensions,
/// to refuse by HTTP where the mode allows it.
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
///     AcceptedAudiences::of_client(client),
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
/// ));
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

/// What all requests of a layer share.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) guard: Arc<Guard>,
}

impl McpLayer {
    /// Completes a guard for an MCP server.
    #[must_use]
    pub fn new(auth: AuthLayer) -> Self {
        let guard = Arc::clone(auth.guard());
        let server = Arc::new(Server { guard });
        Self { auth, server }
    }
}

impl<S> Layer<S> for McpLayer {
    type Service = AuthService<McpService<S>>;

    fn layer(&self, inner: S) -> Self::Service {
        self.auth
            .layer(McpService::new(inner, Arc::clone(&self.server)))
    }
}
