//! Signed user context: for whom an agent speaks, issued by the gateway that validated the user.
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
