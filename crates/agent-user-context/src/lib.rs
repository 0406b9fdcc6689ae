//! Signed user context: for whom an agent speaks, issued by the gateway that validated the user.
//!
//! A hosted agent gets no user token: it has a token of its own. Here the gateway states, signed, for which user it lets
//! the agent speak, to which API, for which operations; and the API decides with **both**, the agent's own access token
//! and the statement. Neither opens anything alone.
//!
//! ```toml
//! [dependencies]
//! agent-user-context = "0.1.0-alpha.1"
//! entra-claims = "0.1.0-alpha.1"
//! foundry-scopes = "0.1.0-alpha.1"
//! ```
//!
//! | feature | adds |
//! | --- | --- |
//! | none | all but the next line: no HTTP |
//! | `http` (default) | `HttpContextKeys`, an issuer's key set over HTTPS (reqwest with rustls) |
//!
//! | at the gateway | at the API |
//! | --- | --- |
//! | [`Issuer`]: turns, call contexts, renewal | [`ContextVerifier`]: the checks, in their order |
//! | [`Sessions`], [`UserSessions`]: what contexts end with | [`TrustedIssuer`]: whose contexts, of which agents, for whose users |
//! | [`SigningKeys`], [`ContextSigner`]: rotation, vaults | [`ContextKeys`], `HttpContextKeys`; [`ReplayRecords`] |
//! | | [`UserContext::authorize`]: the one way to ask, with [`Operation`] and [`UserRules`] |
//!
//! `mcp-auth` (feature `user-context`) has the layer, the extractor and the issuer's routes. The README has a quickstart
//! that runs offline, and what is not checked.
//!
//! # Errors
//!
//! Every refusal is a [`ContextRefusal`] with one [`ContextReason`], whose order is the order of the checks. Answer 403 with
//! its code, and 503 where it [says when to ask again](ContextReason::retry_after). Nothing that a context says goes into an
//! answer; [`ContextRefusal::explain`] is the line for the log.
//!
//! # MSRV
//!
//! Rust 1.88. Raising it is a minor release.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod agent;
mod claims;
mod context;
mod header;
#[cfg(feature = "http")]
mod http;
mod issuer;
mod jws;
mod key;
mod reason;
mod request;
mod signer;
mod text;
mod url;
mod verify;

#[cfg(feature = "http")]
#[cfg_attr(docsrs, doc(cfg(feature = "http")))]
pub use crate::http::HttpContextKeys;
pub use agent::AgentId;
pub use context::{ActingAgent, Operation, UserContext, UserRight, UserRules};
pub use header::{SentContext, USER_CONTEXT};
pub use issuer::{
    CallRequest, Issuer, IssuerBuilder, IssuerConfigError, SessionError, SessionId, Sessions,
    SigningKeys, SigningKeysError, UserSessions,
};
pub use key::{Algorithm, ContextKeys, ContextKeysError, PublicKey, PublicKeyError};
pub use reason::{ContextReason, ContextRefusal};
pub use request::RequestDigest;
pub use signer::{ContextSigner, LocalSigner, LocalSignerError, SignError, SigningRequest};
pub use text::{CallContext, TurnContext};
pub use verify::{
    ContextKeySource, ContextKeySourceError, ContextUse, ContextVerifier, ContextVerifierBuilder,
    ReplayRecords, TrustedIssuer, VerifierConfigError,
};

#[cfg(all(doctest, feature = "http"))]
#[doc = include_str!("../README.md")]
struct ReadmeDoctests;
