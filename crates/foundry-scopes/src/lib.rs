//! What to ask Microsoft Entra ID for: clouds, tenants, scopes and audiences.
//!
//! No I/O and no async. See the [README](https://docs.rs/foundry-scopes) for the map.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod app_id_uri;
mod audience;
mod authority;
pub mod catalogue;
mod cloud;
#[cfg(feature = "endpoints")]
mod endpoint;
mod error;
mod id;
mod issuer;
mod scope;
mod scope_set;
mod text;

pub use app_id_uri::AppIdUri;
pub use audience::Audience;
pub use authority::TenantAuthority;
pub use cloud::{Cloud, CloudSpec, KnownCloud};
#[cfg(feature = "endpoints")]
pub use endpoint::{
    AgentProtocol, Client, ClientAddress, Endpoint, EndpointError, EndpointKind, EndpointRefusal,
    Note, NoteCode,
};
pub use error::ParseError;
pub use id::{ClientId, ObjectId, TenantId};
pub use issuer::IssuerTemplate;
pub use scope::{OidcScope, Scope, ScopeName};
pub use scope_set::ScopeSet;
