//! Guard MCP servers and APIs with Microsoft Entra ID.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "axum")]
mod axum;
mod bearer;
mod caller;
mod challenge;
mod facade;
mod guard;
mod metadata;
mod refusal;
mod resource;
#[cfg(feature = "rmcp")]
#[cfg_attr(docsrs, doc(cfg(feature = "rmcp")))]
pub mod rmcp;

#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub use crate::axum::CallerRejection;
pub use caller::Caller;
pub use challenge::{Challenge, ChallengeError};
pub use guard::{AuthLayer, AuthService, ResponseBody, ResponseFuture};
pub use metadata::MetadataService;
pub use refusal::Refusal;
pub use resource::{ProtectedResource, ProtectedResourceBuilder, ResourceError};
