//! Guard MCP servers and APIs with Microsoft Entra ID, and tell clients what to do next.
//!
//! [`AuthLayer`] is a tower layer: it verifies access tokens with `entra-claims`, answers
//! refused requests itself, and hands the [`Caller`] to the service behind it.
//! [`McpLayer`] completes it for MCP servers: a policy for each tool, resource and prompt,
//! and sessions that are their opener's. [`ProtectedResource`] describes such a server to
//! its clients: metadata, challenges, and the facade that lets them sign in at Entra ID.
//!
//! # Quickstart
//!
//! Against the emulator, so that it runs without a tenant; with a real one, the cloud is
//! `Cloud::public()` and the token comes from the client.
//!
#![cfg_attr(feature = "axum", doc = "```")]
#![cfg_attr(not(feature = "axum"), doc = "```ignore")]
//! use axum::{Router, body::Body, routing::get};
//! use entra_claims::{AcceptedAudiences, Authenticator, Requirement, TenantPolicy, Validator};
//! use entra_emulator::{Directory, Emulator, demo};
//! use foundry_scopes::{AppIdUri, ClientId, Cloud, ScopeName, TenantAuthority, TenantId};
//! use http::{Request, StatusCode};
//! use mcp_auth::{AuthLayer, Caller, McpLayer, ProtectedResource};
//! use tower::ServiceExt as _;
//!
//! async fn who(caller: Caller) -> String {
//!     caller.principal().object().to_string()
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let emulator = Emulator::start(Directory::demo()).await?;
//! let cloud = Cloud::loopback(emulator.base_url())?;
//! let authority = TenantAuthority::new(cloud, TenantId::parse(demo::TENANT)?);
//!
//! // Who may call: users of this tenant, with a token for this API that has the scope.
//! let validator = Validator::new(
//!     authority.cloud().clone(),
//!     TenantPolicy::single(authority.tenant()),
//!     AcceptedAudiences::for_client(ClientId::parse(demo::MCP_SERVER)?),
//! );
//! let scope = ScopeName::parse(demo::MCP_READ)?;
//! let resource = ProtectedResource::builder("https://mcp.contoso.example/mcp")
//!     .authority(&authority)
//!     .identifier_uri(AppIdUri::parse(demo::MCP_SERVER_URI)?)
//!     .scope(scope.clone())
//!     .facade()
//!     .build()?;
//! let guard = McpLayer::new(AuthLayer::new(
//!     Authenticator::new(validator)?,
//!     resource.clone(),
//!     Requirement::scope(scope),
//! )?);
//! let app: Router = Router::new()
//!     .route("/mcp", get(who))
//!     .layer(guard)
//!     .merge(resource.metadata_router()?);
//!
//! // Without a token: where to go, and what to ask for there.
//! let answer = app.clone().oneshot(Request::get("/mcp").body(Body::empty())?).await?;
//! assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
//! let challenge = answer.headers()["www-authenticate"].to_str()?;
//! assert!(challenge.contains("/.well-known/oauth-protected-resource/mcp"));
//! assert!(challenge.contains(demo::MCP_READ_SCOPE));
//!
//! // With Alice's token:
//! let token = emulator
//!     .forge()
//!     .user_token(demo::TENANT, demo::ALICE, demo::MCP_CLIENT, demo::MCP_SERVER, &[demo::MCP_READ])?
//!     .sign()?;
//! let request = Request::get("/mcp").header("authorization", format!("Bearer {token}"));
//! let answer = app.oneshot(request.body(Body::empty())?).await?;
//! assert_eq!(answer.status(), StatusCode::OK);
//! # Ok(())
//! # }
//! ```
//!
//! # What is checked
//!
//! - In front of an MCP resource the host that a request names and the origin of the page
//!   it comes from, before its credentials (DNS rebinding): the resource's own host, and no
//!   origin but those that you list. Listed origins get CORS.
//! - The credentials: exactly one `Authorization` field, `Bearer`, a b64token, and no
//!   second token in the query ([`AuthLayer`] lists the order).
//! - The token: signature, issuer, tenant, audience, times and kind of caller, by the
//!   `Authenticator` that the layer is given.
//! - The permission: the `Requirement` that the layer is given, and with [`Authorized`] one
//!   more per handler.
//! - In front of an MCP server ([`McpLayer`]): the form of a message, so that the server
//!   cannot read another one from the same bytes; that headers of the stateless era say what
//!   the body says; what the called tool, resource or prompt asks for ([`McpPolicy`]), on the
//!   body and before the server sees it; whose session it is; and that a stream ends when its
//!   token does.
//! - The configuration: [`ProtectedResourceBuilder::build`] refuses what no client could
//!   use.
//! - Handles of the server's state, where they are made with [`SealedHandles`]: they open for the
//!   caller that they were made for and for nobody else.
//! - Who opens a link of `ConsentPages` (feature `obo`): the user whose call it was signs in
//!   there before anything is asked for, and for anybody else the link is void. What a client
//!   brings back to `rmcp::StepUp` opens for its own caller and request only.
//!
//! `Authorization` does not reach the service behind the guard, nor do the headers of App
//! Service authentication, unless you say that you [run behind it](ClientPrincipalReader). Challenges hold values of
//! the configuration and fixed texts only, and never anything that a request said. Each
//! refusal has an incident id, in the answer and in the trace.
//!
//! # What is not checked
//!
//! - `Origin` and `Host` in front of an ordinary API ([`AuthLayer::for_api`]), until you list
//!   some.
//! - What a request asks for, in front of anything but an MCP server: a handler that needs
//!   more than the layer's requirement takes an [`Authorized`].
//! - The arguments of a tool: what depends on them is the tool's to check, with
//!   [`DeferredChallenge::require`].
//! - `Mcp-Param-*` headers, which `rmcp` compares with the schemas of its tools.
//! - What a user does on Entra ID's consent page: the next exchange shows it. With
//!   `rmcp::StepUpBuilder::redirect_uri` nobody looks who opens it.
//! - Open consent pages, and which challenges were sent, on other instances: both are in this
//!   process's memory.
//! - Tasks, which are handles of the server: bind them to their caller with [`SealedHandles`].
//! - Routes and a `.fallback` that are added after `.layer(guard)`: they are open (see
//!   [`AuthLayer`], deployment caveats).
//! - Rates: the guard does not limit how often a client may ask. The facade limits the token
//!   requests of all clients together ([`FacadeLimits`]), and not each client's.
//!
//! # The facade
//!
//! MCP clients send the server's URL as `resource` to the authorization server (RFC 8707).
//! Entra ID compares it with the identifier URIs of the scope's application, which may be
//! `api://` names, names under verified domains and little else, so for most servers it
//! answers AADSTS9010010. With [`ProtectedResourceBuilder::facade`] the metadata names this
//! server as authorization server, and it
//!
//! 1. serves Entra's metadata with its own `issuer` and endpoints, `S256` advertised, and
//!    without a registration endpoint;
//! 2. redirects `/as/authorize` to the tenant's endpoint without `resource` and without
//!    `consent` in `prompt`, everything else byte for byte;
//! 3. forwards `/as/token` to the tenant's token endpoint: known parameters of three
//!    grants, at most 64 KiB and so many each second, without `resource`; status and JSON
//!    come back as they are.
//!
//! Client id, redirect URI, PKCE and, for confidential clients, their secret are the
//! client's own. Codes and refresh tokens pass through this process: it neither logs nor
//! keeps them. ID tokens still name Entra ID as their issuer.
//!
//! # Errors
//!
//! Refused requests are answers, not errors of the service. They carry a [`Refusal`] in
//! their extensions, and each is an event under `mcp_auth::rejection`. Settings that
//! contradict each other are a [`ResourceError`] when the resource is built.
//!
//! # Features
//!
//! | feature | adds |
//! | --- | --- |
//! | `axum` (default) | [`Caller`] and [`Authorized`] as extractors, required and optional; [`Protected`] applications, MCP servers, the metadata routes as a router |
//! | `obo` (default) | `Caller::on_behalf_of`: tokens for downstream APIs as the caller; `ConsentPages` |
//! | `rmcp` | `Caller` and `McpRequest` as parameters of tools, consent and step-up for the client; implies `obo` |
//! | `rmcp-server` | MCP servers on `rmcp`'s own transport (`McpServer::rmcp`); implies `rmcp` and `axum` |
//! | `serve` | `serve`: a server with limits, and an end without broken requests; implies `axum` |
//! | `test-tokens` | `Caller::for_test`, `Authorized::for_test`: callers made of nothing, for unit tests; under `[dev-dependencies]` only |
//!
//! Without features: the layer, the metadata as a tower service, challenges, sealed handles.
//!
//! # Minimum supported Rust version
//!
//! 1.88.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "axum")]
mod axum;
mod bearer;
mod caller;
mod challenge;
#[cfg(feature = "obo")]
mod consent;
mod easy_auth;
mod entra_app;
mod facade;
mod guard;
mod handles;
mod hints;
mod mcp;
#[cfg(feature = "axum")]
mod mcp_server;
mod metadata;
#[cfg(feature = "obo")]
mod on_behalf_of;
mod origin;
#[cfg(feature = "axum")]
mod protected;
mod refusal;
mod resource;
#[cfg(feature = "rmcp")]
#[cfg_attr(docsrs, doc(cfg(feature = "rmcp")))]
pub mod rmcp;
#[cfg(feature = "serve")]
mod serve;
pub mod shared;

#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub use crate::axum::{Authorized, CallerRejection, Require};
pub use caller::Caller;
pub use challenge::{Challenge, ChallengeError};
#[cfg(feature = "obo")]
#[cfg_attr(docsrs, doc(cfg(feature = "obo")))]
pub use consent::{ConsentLink, ConsentPages, ConsentPagesBuilder};
pub use easy_auth::{ClientPrincipal, ClientPrincipalError, ClientPrincipalReader};
pub use entra_app::{
    CredentialSettings, EntraApp, EntraAppError, EntraSettings, IntoRequirement, SettingMistake,
};
/// The crate `entra-claims`, whole: a type is the same by either path.
#[doc(no_inline)]
pub use entra_claims as claims;
/// The crate `entra-obo`, whole: a type is the same by either path.
#[cfg(feature = "obo")]
#[cfg_attr(docsrs, doc(cfg(feature = "obo")))]
#[doc(no_inline)]
pub use entra_obo as obo;
/// The crate `foundry-scopes`, whole: a type is the same by either path.
#[doc(no_inline)]
pub use foundry_scopes as scopes;
pub use guard::{AuthLayer, AuthService, GuardError, ResponseBody, ResponseFuture};
pub use handles::{HandleError, SealedHandles};
pub use hints::{FoundryHints, Hint};
pub use mcp::{
    ChallengeDelivery, DeferredChallenge, DeniedOperation, McpBody, McpLayer, McpPolicy,
    McpRequestBody, McpService, Permissions, SessionLimits,
};
#[cfg(feature = "rmcp-server")]
#[cfg_attr(docsrs, doc(cfg(feature = "rmcp-server")))]
pub use mcp_server::McpSessions;
#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub use mcp_server::{McpApplication, McpServer};
pub use metadata::{MetadataBody, MetadataService};
#[cfg(feature = "obo")]
#[cfg_attr(docsrs, doc(cfg(feature = "obo")))]
pub use on_behalf_of::OnBehalfOfError;
pub use origin::{AllowListError, AllowedHost, AllowedOrigin};
#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub use protected::Protected;
pub use refusal::Refusal;
pub use resource::{
    FacadeLimits, ProtectedResource, ProtectedResourceBuilder, ResourceError, SignInMode,
};
#[cfg(feature = "serve")]
#[cfg_attr(docsrs, doc(cfg(feature = "serve")))]
pub use serve::{ServeError, ServeLimits, serve, serve_until};

#[cfg(all(doctest, feature = "serve", feature = "rmcp-server"))]
#[doc = include_str!("../README.md")]
struct ReadmeDoctests;

#[cfg(all(doctest, feature = "axum", feature = "rmcp"))]
#[doc = include_str!("../../../docs/consent.md")]
struct ConsentGuide;
