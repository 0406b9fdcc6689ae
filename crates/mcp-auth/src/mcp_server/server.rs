//! Guard of an MCP server: base scopes, and requirements of tools, resources and prompts.

use std::fmt;
use std::sync::Arc;
#[cfg(feature = "obo")]
use std::sync::OnceLock;

use entra_claims::Requirement;
use foundry_scopes::ScopeName;

use crate::entra_app::{EntraApp, EntraAppError, IntoRequirement, scope_name};
use crate::guard::{AuthLayer, GuardError};
use crate::mcp::{McpLayer, McpPolicy};
use crate::resource::{ProtectedResource, ProtectedResourceBuilder};

/// The guard of an MCP server, before its handler is known. Made by [`EntraApp::mcp`].
///
/// A tool that is not named needs the base scopes and no more; [`deny_unlisted`](Self::deny_unlisted) closes what is
/// not named.
///
/// ```
/// use mcp_auth::EntraApp;
///
/// # let entra = EntraApp::from_variables([
/// #     ("AZURE_TENANT_ID", "8eaef023-2b34-4da1-9baa-8bc8c9d6a490"),
/// #     ("AZURE_CLIENT_ID", "11112222-bbbb-3333-cccc-4444dddd5555"),
/// # ])?;
/// let mcp = entra
///     .mcp("https://mcp.contoso.example/mcp")?
///     .scope("mcp.read")?
///     .tool("whoami", "mcp.read")?
///     .tool("send_mail", "mcp.write")?
///     .deny_unlisted();
/// # let handler = tower::service_fn(|_: http::Request<axum::body::Body>| async {
/// #     Ok::<_, std::convert::Infallible>(http::Response::new(axum::body::Body::empty()))
/// # });
/// let app = mcp.service(handler).build()?; // `.rmcp(..)` for a server on rmcp
/// # let _ = app;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use = "no server is made before `build`"]
pub struct McpServer {
    pub(super) app: EntraApp,
    pub(super) url: String,
    base: Vec<ScopeName>,
    policy: McpPolicy,
    resource: Vec<Configure<ProtectedResourceBuilder>>,
    guard: Vec<Configure<AuthLayer>>,
    layer: Vec<ConfigureMessages>,
    #[cfg(feature = "obo")]
    pub(super) pages: Arc<OnceLock<crate::consent::ConsentPages>>,
}

type Configure<T> = Arc<dyn Fn(T) -> T + Send + Sync>;
type ConfigureMessages = Arc<dyn Fn(McpLayer) -> Result<McpLayer, GuardError> + Send + Sync>;

impl EntraApp {
    /// An MCP server at this public URL, for example `https://mcp.contoso.example/mcp`: clients discover how to sign
    /// in there, through a facade in front of Entra ID, which refuses the `resource` parameter that they send.
    ///
    /// # Errors
    ///
    /// A URL that no client could use: http off loopback, a slash at the end, a query or a fragment.
    #[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
    pub fn mcp(&self, url: impl Into<String>) -> Result<McpServer, EntraAppError> {
        let server = McpServer {
            app: self.clone(),
            url: url.into(),
            base: Vec::new(),
            policy: McpPolicy::new(),
            resource: Vec::new(),
            guard: Vec::new(),
            layer: Vec::new(),
            #[cfg(feature = "obo")]
            pages: Arc::default(),
        };
        // What is wrong with the URL is said here and not at `build`.
        server.resource()?;
        Ok(server)
    }
}

impl McpServer {
    /// One more base scope: every caller needs it, and clients ask for it at first. Without any, every delegated token
    /// for this app is let in.
    ///
    /// # Errors
    ///
    /// Text that is not the name of one scope of this app.
    pub fn scope(mut self, scope: &str) -> Result<Self, EntraAppError> {
        let name = scope_name(scope, self.app.identifier_uri())?;
        self.base.push(name);
        Ok(self)
    }

    /// What a tool needs beyond the base scopes.
    ///
    /// # Errors
    ///
    /// Text that is not the name of one scope of this app.
    pub fn tool(
        self,
        name: impl Into<String>,
        requirement: impl IntoRequirement,
    ) -> Result<Self, EntraAppError> {
        self.rule(requirement, |policy, rule| policy.tool(name, rule))
    }

    /// What a prompt needs beyond the base scopes.
    ///
    /// # Errors
    ///
    /// As [`tool`](Self::tool).
    pub fn prompt(
        self,
        name: impl Into<String>,
        requirement: impl IntoRequirement,
    ) -> Result<Self, EntraAppError> {
        self.rule(requirement, |policy, rule| policy.prompt(name, rule))
    }

    /// What a resource needs beyond the base scopes, by its exact URI.
    ///
    /// # Errors
    ///
    /// As [`tool`](Self::tool).
    pub fn resource_at(
        self,
        uri: impl Into<String>,
        requirement: impl IntoRequirement,
    ) -> Result<Self, EntraAppError> {
        self.rule(requirement, |policy, rule| policy.resource(uri, rule))
    }

    /// What every resource needs whose URI begins with this text.
    ///
    /// # Errors
    ///
    /// As [`tool`](Self::tool).
    pub fn resources_under(
        self,
        prefix: impl Into<String>,
        requirement: impl IntoRequirement,
    ) -> Result<Self, EntraAppError> {
        self.rule(requirement, |policy, rule| {
            policy.resources_under(prefix, rule)
        })
    }

    /// Refuses every tool, resource and prompt that has no rule.
    pub fn deny_unlisted(mut self) -> Self {
        self.policy = self.policy.deny_unlisted();
        self
    }

    /// Changes the metadata of the resource: its name, another place of the facade, no facade.
    pub fn configure_resource(
        mut self,
        change: impl Fn(ProtectedResourceBuilder) -> ProtectedResourceBuilder + Send + Sync + 'static,
    ) -> Self {
        self.resource.push(Arc::new(change));
        self
    }

    /// Changes the guard: hosts and origins that it answers, a scope hierarchy.
    pub fn configure_guard(
        mut self,
        change: impl Fn(AuthLayer) -> AuthLayer + Send + Sync + 'static,
    ) -> Self {
        self.guard.push(Arc::new(change));
        self
    }

    /// Changes the layer that looks into messages: sessions, event ids, the size of messages.
    pub fn configure_messages(
        mut self,
        change: impl Fn(McpLayer) -> Result<McpLayer, GuardError> + Send + Sync + 'static,
    ) -> Self {
        self.layer.push(Arc::new(change));
        self
    }

    fn rule(
        mut self,
        requirement: impl IntoRequirement,
        add: impl FnOnce(McpPolicy, Requirement) -> McpPolicy,
    ) -> Result<Self, EntraAppError> {
        let requirement = requirement.into_requirement(self.app.identifier_uri())?;
        self.policy = add(self.policy, requirement);
        Ok(self)
    }

    /// The resource as clients discover it.
    pub(super) fn resource(&self) -> Result<ProtectedResource, EntraAppError> {
        let builder = ProtectedResource::builder(&self.url)
            .authority(self.app.authority())
            .identifier_uri(self.app.identifier_uri().clone())
            .facade();
        let builder = match self.app.shared_tier() {
            Some(tier) => builder.shared(tier.clone()),
            None => builder,
        };
        let builder = self
            .base
            .iter()
            .cloned()
            .fold(builder, ProtectedResourceBuilder::scope);
        let builder = self
            .resource
            .iter()
            .fold(builder, |builder, change| change(builder));
        builder
            .build()
            .map_err(|error| EntraAppError::one("the MCP server's public URL", error.to_string()))
    }

    /// The guard for requests that are no MCP messages.
    pub(super) fn auth(&self, resource: &ProtectedResource) -> Result<AuthLayer, EntraAppError> {
        let base = match self.base.is_empty() {
            true => Requirement::delegated(),
            false => Requirement::all_of(self.base.iter().cloned().map(Requirement::scope)),
        };
        let requirement = self.app.requirement(base)?;
        let guard = AuthLayer::new(
            self.app.authenticator().clone(),
            resource.clone(),
            requirement,
        )
        .map_err(EntraAppError::guard)?;
        #[cfg(feature = "obo")]
        let guard = match self.pages.get() {
            Some(pages) => guard.consent_pages(pages.clone()),
            None => guard,
        };
        Ok(self.guard.iter().fold(guard, |guard, change| change(guard)))
    }

    /// The guard for MCP messages.
    pub(super) fn messages(&self, auth: AuthLayer) -> Result<McpLayer, EntraAppError> {
        let layer = McpLayer::new(auth)
            .policy(self.policy.clone())
            .map_err(EntraAppError::guard)?;
        let layer = match self.app.shared_tier() {
            Some(tier) => layer
                .shared_sessions(tier)
                .map_err(|error| EntraAppError::one("the shared store", error.to_string()))?,
            None => layer,
        };
        self.layer.iter().try_fold(layer, |layer, change| {
            change(layer).map_err(EntraAppError::guard)
        })
    }
}

impl fmt::Debug for McpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("McpServer")
            .field("app", &self.app)
            .field("url", &self.url)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
