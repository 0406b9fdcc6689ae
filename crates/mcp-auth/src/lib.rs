//! Guard APIs and MCP servers with Microsoft Entra ID, call on as their user, and tell clients what to do next.
//!
//! ```toml
//! [dependencies]
//! axum = "0.8"
//! mcp-auth = { version = "0.1.0-alpha.1", features = ["serve"] }                # an API
//! # mcp-auth = { version = "0.1.0-alpha.1", features = ["serve", "rmcp-server"] } # an MCP server on rmcp
//! # rmcp = { version = "3.11", features = ["macros", "server"] }
//! tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
//! tracing-subscriber = "0.3" # shows warnings, and why a request was refused
//!
//! [dev-dependencies] # what the examples below need to run offline
//! entra-emulator = { version = "0.1.0-alpha.1", default-features = false }
//! http = "1"
//! tower = { version = "0.5", features = ["util"] }
//! ```
//!
//! | feature | adds |
//! | --- | --- |
//! | `axum` (default) | [`Protected`] applications, [`EntraApp::mcp`], [`Caller`] and [`Authorized`] as extractors, the metadata routes as a router |
//! | `obo` (default) | `Caller::on_behalf_of`: tokens for downstream APIs as the caller; `ConsentPages` |
//! | `serve` | `serve` and `listen`: a server with limits, and an end without broken requests; implies `axum` |
//! | `rmcp` | `Caller` and `McpRequest` as parameters of tools, consent and step-up for the client; implies `obo` |
//! | `rmcp-server` | MCP servers on `rmcp`'s own transport (`McpServer::rmcp`, `McpServer::step_up`); implies `rmcp` and `axum` |
//! | `user-context` | `user_context`: signed user contexts of agents without a user token; implies `axum` |
//! | `test-tokens` | `Caller::for_test`, `Authorized::for_test`: callers for unit tests; under `[dev-dependencies]` only |
//!
//! Without features: the layers, the metadata as a tower service, challenges, sealed handles.
//!
//! # An API
//!
//! [`EntraApp`] is one app registration: [`EntraApp::from_env`] lists the variables that it reads. Guards are made
//! from it, and a guarded application is a [`Protected`], which no route can be added to by accident.
//!
#![cfg_attr(all(feature = "axum", feature = "obo"), doc = "```")]
#![cfg_attr(not(all(feature = "axum", feature = "obo")), doc = "```ignore")]
//! use axum::{Router, extract::State, routing};
//! use mcp_auth::obo::Downstream;
//! use mcp_auth::{Caller, EntraApp, EntraAppError, OnBehalfOfError, Protected};
//!
//! fn application(entra: &EntraApp) -> Result<Protected, EntraAppError> {
//!     let graph = entra.downstream("https://graph.microsoft.com/User.Read")?;
//!     let me = Router::new().route("/me", routing::get(me)).with_state(graph);
//!     let orders = Router::new().route("/orders", routing::post(order));
//!     Ok(entra.guard("orders.read")?.protect(me).and(entra.guard("orders.write")?, orders))
//! }
//!
//! async fn me(State(graph): State<Downstream>, caller: Caller) -> Result<String, OnBehalfOfError> {
//!     let token = caller.on_behalf_of(&graph).await?; // `.bearer_auth(token.expose())`
//!     Ok(format!("a token for Graph until {}", token.expires_at()))
//! }
//!
//! async fn order(caller: Caller) -> String {
//!     format!("ordered by {}", caller.principal().object())
//! }
//!
//! // A service: serve(listen("127.0.0.1:3000").await?, application(&EntraApp::from_env()?)?, ServeLimits::default())
//! // Here against the emulator, so that it runs offline; the variables are those of the environment.
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use entra_emulator::{Directory, Emulator, demo};
//! use http::{Request, StatusCode};
//! use tower::ServiceExt as _;
//!
//! let emulator = Emulator::start(Directory::demo()).await?;
//! let entra = EntraApp::from_variables([
//!     ("AZURE_AUTHORITY_HOST", emulator.base_url()), // absent in production
//!     ("AZURE_TENANT_ID", demo::TENANT),
//!     ("AZURE_CLIENT_ID", demo::ORDERS_API),
//!     ("AZURE_CLIENT_SECRET", demo::ORDERS_API_SECRET),
//! ])?;
//! let app = application(&entra)?;
//! let token = emulator
//!     .forge()
//!     .user_token(demo::TENANT, demo::ALICE, demo::MCP_CLIENT, demo::ORDERS_API, &["orders.read"])?
//!     .sign()?;
//! for (method, path, authorization, status) in [
//!     ("GET", "/me", None, StatusCode::UNAUTHORIZED),
//!     ("GET", "/me", Some(&token), StatusCode::OK),
//!     ("POST", "/orders", Some(&token), StatusCode::FORBIDDEN), // orders.write is missing
//!     ("GET", "/unknown", None, StatusCode::UNAUTHORIZED),
//! ] {
//!     let request = Request::builder().method(method).uri(path);
//!     let request = match authorization {
//!         Some(token) => request.header("authorization", format!("Bearer {token}")),
//!         None => request,
//!     };
//!     let answer = app.clone().oneshot(request.body(axum::body::Body::empty())?).await?;
//!     assert_eq!(answer.status(), status, "{method} {path}");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # An MCP server
//!
//! The same registration. Clients discover how to sign in, each tool says what it needs, and a tool gets tokens as its
//! caller, or the client is asked for what is missing (consent, a second factor).
//!
#![cfg_attr(feature = "rmcp-server", doc = "```")]
#![cfg_attr(not(feature = "rmcp-server"), doc = "```ignore")]
//! use mcp_auth::obo::Downstream;
//! use mcp_auth::rmcp::{McpRequest, StepUp, StepUpAnswer};
//! use mcp_auth::{Caller, EntraApp, EntraAppError, McpSessions, Protected};
//! use rmcp::{tool, tool_router};
//!
//! #[derive(Clone)]
//! struct Tools {
//!     graph: Downstream,
//!     step_up: StepUp,
//! }
//!
//! #[tool_router(server_handler)]
//! impl Tools {
//!     #[tool(description = "Places an order; needs mcp.write")]
//!     async fn place_order(&self, caller: Caller) -> String {
//!         format!("ordered by {}", caller.principal().object())
//!     }
//!     #[tool(description = "Calls Microsoft Graph as the user")]
//!     async fn profile(&self, request: McpRequest) -> Result<String, StepUpAnswer> {
//!         let token = self.step_up.token(&request, &self.graph).await?;
//!         Ok(format!("a token for Graph until {}", token.expires_at()))
//!     }
//! }
//!
//! fn application(entra: &EntraApp, public_url: &str) -> Result<Protected, EntraAppError> {
//!     let mcp = entra
//!         .mcp(public_url)?
//!         .scope("mcp.read")? // every caller needs it
//!         .tool("profile", "mcp.read")?
//!         .tool("place_order", "mcp.write")?
//!         .deny_unlisted();
//!     let graph = entra.downstream("https://graph.microsoft.com/User.Read")?;
//!     let tools = Tools { graph, step_up: mcp.step_up()? };
//!     mcp.rmcp(move || Ok(tools.clone()), McpSessions::InProcess).build()
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use entra_emulator::{Directory, Emulator, demo};
//! # use http::{Request, StatusCode};
//! # use tower::ServiceExt as _;
//! # let emulator = Emulator::start(Directory::demo()).await?;
//! # let entra = EntraApp::from_variables([
//! #     ("AZURE_AUTHORITY_HOST", emulator.base_url()),
//! #     ("AZURE_TENANT_ID", demo::TENANT),
//! #     ("AZURE_CLIENT_ID", demo::MCP_SERVER),
//! #     ("AZURE_CLIENT_SECRET", demo::MCP_SERVER_SECRET),
//! # ])?;
//! let app = application(&entra, "https://mcp.contoso.example/mcp")?;
//!
//! // Without a token: where to sign in, and what to ask for there.
//! let request = Request::post("/mcp").header("host", "mcp.contoso.example");
//! let answer = app.oneshot(request.body(axum::body::Body::empty())?).await?;
//! assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
//! let challenge = answer.headers()["www-authenticate"].to_str()?;
//! assert!(challenge.contains("/.well-known/oauth-protected-resource/mcp"));
//! assert!(challenge.contains(demo::MCP_READ_SCOPE));
//! # Ok(())
//! # }
//! ```
//!
//! # The parts
//!
//! The front door composes public parts and has no power of its own. Where its settings do not suffice, a part is
//! configured (`McpServer::configure_guard` and its neighbours) or made by hand:
//!
//! | part | what it does |
//! | --- | --- |
//! | [`AuthLayer`] | tower layer: verifies the access token with `entra-claims`, answers refused requests, hands the [`Caller`] to the service |
//! | [`McpLayer`] | completes it for MCP: [`McpPolicy`] for each tool, resource and prompt; sessions that belong to their opener |
//! | [`ProtectedResource`] | metadata and challenges of an MCP server, and the facade for the sign-in of its clients |
//! | [`Authorized`] | extractor: one more requirement for a handler |
//! | `ConsentPages`, `rmcp::StepUp` | consent and step-up of the caller |
//! | [`SealedHandles`] | handles of server state that open for their caller only |
//! | [`shared`] | state that several instances share |
//!
//! `entra-claims`, `entra-obo` and `foundry-scopes` are re-exported as [`claims`], `obo` and [`scopes`], with the
//! features that they are built with: for `scopes::Endpoint` depend on `foundry-scopes` as well.
//!
//! # Guides
//!
//! [Consent from a tool](https://github.com/entra-rs/entra-rs/blob/main/docs/consent.md),
//! [troubleshooting](https://github.com/entra-rs/entra-rs/blob/main/docs/troubleshooting.md),
//! [conformance](https://github.com/entra-rs/entra-rs/blob/main/docs/conformance.md) (which test holds what),
//! [all guides](https://github.com/entra-rs/entra-rs/blob/main/docs/README.md).
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
//!   caller that they were made for and for no other.
//! - Who opens a link of `ConsentPages` (feature `obo`): the user whose call it was signs in
//!   there before anything is asked for, and for any other user the link is void. What a client
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
//! - A connection that a handler upgraded (WebSockets): it goes on when its token ends. Only event
//!   streams of an MCP server end with theirs.
//! - The arguments of a tool: what depends on them is the tool's to check, with
//!   [`DeferredChallenge::require`].
//! - `Mcp-Param-*` headers, which `rmcp` compares with the schemas of its tools.
//! - What a user does on Entra ID's consent page: the next exchange shows it. With
//!   `rmcp::StepUpBuilder::redirect_uri` it is not checked who opens it.
//! - Open consent pages, and which challenges were sent, on other instances: both are in this
//!   process's memory.
//! - Tasks, which are handles of the server: bind them to their caller with [`SealedHandles`].
//! - Routes and a `.fallback` that are added after `.layer(guard)`: they are open (see
//!   [`AuthLayer`], deployment caveats).
//! - Rates: the guard does not limit how often a client may ask. The facade limits the token
//!   requests of all clients together and of each address ([`FacadeLimits`]), and the server's
//!   sessions have places ([`SessionLimits`]).
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
#[cfg(feature = "user-context")]
#[cfg_attr(docsrs, doc(cfg(feature = "user-context")))]
pub mod user_context;

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
pub use serve::{ServeError, ServeLimits, listen, serve, serve_until};

#[cfg(all(doctest, feature = "serve", feature = "rmcp-server"))]
#[doc = include_str!("../README.md")]
struct ReadmeDoctests;

#[cfg(all(doctest, feature = "axum", feature = "rmcp"))]
#[doc = include_str!("../../../docs/consent.md")]
struct ConsentGuide;
