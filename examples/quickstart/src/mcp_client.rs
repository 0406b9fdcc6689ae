//! A real MCP client with its own OAuth support: `rmcp`, unchanged.

use std::error::Error;

use entra_emulator::demo;
use rmcp::ServiceExt;
use rmcp::model::{CallToolRequestParams, CallToolResult};
use rmcp::service::{RoleClient, RunningService};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::auth::{AuthClient, AuthorizationManager, AuthorizationRequest, OAuthState};
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;

use crate::browser;
use crate::world::REDIRECT_URI;

/// The `WWW-Authenticate` challenge that a first call without a token meets.
pub async fn first_contact(mcp_url: &str) -> Result<String, Box<dyn Error>> {
    let transport = StreamableHttpClientTransport::from_uri(mcp_url);
    match ().serve(transport).await {
        Ok(_) => Err("the server let a client without a token in".into()),
        Err(error) => match error.auth_challenge() {
            Some(challenge) => Ok(challenge.to_owned()),
            None => Err(error.into()),
        },
    }
}

/// What a sign-in left behind.
pub struct SignIn {
    /// The URL that the browser was sent to.
    pub authorize_url: String,
    /// The access token, for looking at it and for the refusals.
    pub access_token: String,
    manager: AuthorizationManager,
}

/// Follows the challenge to the metadata and signs `user` in: authorization code with
/// PKCE, as a public client. `scopes` empty means what the challenge asks for.
pub async fn sign_in(
    mcp_url: &str,
    challenge: &str,
    user: &str,
    scopes: &[&str],
) -> Result<SignIn, Box<dyn Error>> {
    let mut state = OAuthState::new(mcp_url, None).await?;
    let request = AuthorizationRequest::new(REDIRECT_URI)
        .with_preregistered_client(demo::MCP_CLIENT)
        .with_scopes(scopes.iter().copied())
        .with_challenge(challenge);
    state.start_authorization(request).await?;
    let authorize_url = state.get_authorization_url().await?;
    let callback = browser::sign_in(&authorize_url, user, REDIRECT_URI).await?;
    state.handle_callback_url(callback.as_str()).await?;
    let manager = state
        .into_authorization_manager()
        .ok_or("the sign-in did not complete")?;
    Ok(SignIn {
        access_token: manager.get_access_token().await?,
        authorize_url,
        manager,
    })
}

/// A connected MCP client that sends its token with each request.
pub struct Client(RunningService<RoleClient, ()>);

impl Client {
    pub async fn connect(mcp_url: &str, sign_in: SignIn) -> Result<Self, Box<dyn Error>> {
        let http = AuthClient::new(crate::wire::client()?, sign_in.manager);
        let transport = StreamableHttpClientTransport::with_client(
            http,
            StreamableHttpClientTransportConfig::with_uri(mcp_url),
        );
        Ok(Self(().serve(transport).await?))
    }

    pub async fn call(&self, tool: &'static str) -> Result<CallToolResult, Box<dyn Error>> {
        Ok(self.0.call_tool(CallToolRequestParams::new(tool)).await?)
    }
}
