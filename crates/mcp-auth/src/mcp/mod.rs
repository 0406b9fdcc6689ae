//! Authorization of MCP requests: messages, tool policy, sessions, streams.

mod body;
mod deferred;
mod era;
mod error;
mod exchange;
mod layer;
mod message;
mod opening;
mod policy;
mod receive;
mod revision;
mod service;
mod sessions;

pub use body::McpBody;
pub use deferred::{ChallengeDelivery, DeferredChallenge, DeniedOperation};
pub use layer::McpLayer;
pub use policy::{McpPolicy, Permissions};
pub use receive::McpRequestBody;
pub use service::McpService;
pub use sessions::SessionLimits;

pub(crate) use error::McpRequestError;
#[cfg(feature = "rmcp")]
pub(crate) use revision::{Revision, UrlElicitation};

/// In a request's extensions: the message that was read strictly, for what is bound to its
/// arguments. It shares the body's bytes.
#[cfg(feature = "rmcp")]
#[derive(Clone)]
pub(crate) struct MessageBytes(pub(crate) bytes::Bytes);

#[cfg(feature = "rmcp")]
impl std::fmt::Debug for MessageBytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MessageBytes({})", self.0.len())
    }
}
