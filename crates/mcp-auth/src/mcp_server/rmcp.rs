//! MCP servers on `rmcp`: consent and step-up for tools, and the transport.

use std::io;
use std::sync::Arc;

use ::rmcp::ServerHandler;
use ::rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use ::rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use ::rmcp::transport::streamable_http_server::{
    StreamableHttpServerConfig, StreamableHttpService,
};
use url::Url;

use super::build::McpApplication;
use super::server::McpServer;
use crate::consent::ConsentPages;
use crate::entra_app::EntraAppError;
use crate::rmcp::StepUp;

/// How sessions of clients until 2025-11-25 are kept. Clients of 2026-07-28 have none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum McpSessions {
    /// No sessions: each request stands alone, so any instance can answer it. No streams from the server, and no
    /// questions to the user in older clients.
    Stateless,
    /// In the memory of this process: a client has to come back to it. Their owners are in the
    /// store of [`EntraApp::shared`](crate::EntraApp::shared), if there is one.
    InProcess,
}

/// Where the consent pages are, on the origin of the public URL.
const CONSENT_PATH: &str = "/consent";

impl McpServer {
    /// What tools get their tokens from, with consent pages of this server at `/consent`.
    ///
    /// `<origin>/consent/callback` has to be registered as a redirect URI (platform "Web") of the app registration.
    ///
    /// # Errors
    ///
    /// No credential, a wrong one, or no randomness for the key of request states.
    #[cfg_attr(docsrs, doc(cfg(feature = "rmcp-server")))]
    pub fn step_up(&self) -> Result<StepUp, EntraAppError> {
        let pages = match self.pages.get() {
            Some(pages) => pages.clone(),
            None => {
                let pages = self.consent_pages()?;
                self.pages.get_or_init(|| pages).clone()
            }
        };
        let builder = StepUp::builder().pages(pages);
        let builder = match self.app.shared_tier() {
            Some(tier) => builder.shared(tier.clone()),
            None => builder,
        };
        builder
            .build()
            .map_err(|error| EntraAppError::one("the key of request states", error.to_string()))
    }

    fn consent_pages(&self) -> Result<ConsentPages, EntraAppError> {
        let wrong = |error: &dyn std::fmt::Display| {
            EntraAppError::one("the MCP server's public URL", error.to_string())
        };
        let mut url = Url::parse(&self.url).map_err(|error| wrong(&error))?;
        url.set_path(CONSENT_PATH);
        let exchange = self.app.exchange()?.clone();
        let authenticator = self.app.authenticator().clone();
        let builder = ConsentPages::builder(url.as_str(), exchange, authenticator);
        let builder = match self.app.shared_tier() {
            Some(tier) => builder.shared(tier.clone()),
            None => builder,
        };
        builder.build().map_err(|error| wrong(&error))
    }

    /// The handler of MCP requests, on `rmcp`. Its own list of hosts is off, since the guard checks `Host` by the
    /// public URL.
    #[cfg_attr(docsrs, doc(cfg(feature = "rmcp-server")))]
    pub fn rmcp<H>(
        self,
        handler: impl Fn() -> Result<H, io::Error> + Send + Sync + 'static,
        sessions: McpSessions,
    ) -> McpApplication
    where
        H: ServerHandler + Send + 'static,
    {
        let config = StreamableHttpServerConfig::default().disable_allowed_hosts();
        match sessions {
            McpSessions::Stateless => {
                let mut config = config;
                config.legacy_session_mode = false;
                let manager = Arc::new(NeverSessionManager::default());
                self.service(StreamableHttpService::new(handler, manager, config))
            }
            McpSessions::InProcess => {
                let manager = Arc::new(LocalSessionManager::default());
                self.service(StreamableHttpService::new(handler, manager, config))
            }
        }
    }
}
