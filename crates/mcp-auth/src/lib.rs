//! Guard MCP servers and APIs with Microsoft Entra ID.
mod bearer;
mod challenge;
mod resource;

pub use challenge::{Challenge, ChallengeError};
pub use resource::{ProtectedResource, ProtectedResourceBuilder, ResourceError};
