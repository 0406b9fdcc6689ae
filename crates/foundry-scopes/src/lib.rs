//! What to ask Microsoft Entra ID for: the right tenant, the right scope, for the right
//! endpoint of Microsoft Foundry, Azure OpenAI and their neighbours.
//!
//! Most 401s are a token for the wrong audience or a call to the wrong address. This crate
//! holds the identifiers, clouds, scopes and resources as strict types and data. It does no
//! I/O and nothing asynchronous.
//!
//! ```toml
//! [dependencies]
//! foundry-scopes = "0.1.0-alpha.1"
//! ```
//!
//! | feature | adds |
//! | --- | --- |
//! | `endpoints` (default) | `Endpoint`: pasted addresses, parsed and classified (adds `url` and `thiserror`) |
//! | `serde` | `Serialize` and `Deserialize` for the types of configuration, as one string each, with the checks of `parse` |
//!
//! # Quickstart
//!
#![cfg_attr(feature = "endpoints", doc = "```")]
#![cfg_attr(not(feature = "endpoints"), doc = "```ignore")]
//! use foundry_scopes::{Client, Cloud, Endpoint, TenantAuthority, TenantId};
//!
//! // An address copied from a portal.
//! let endpoint = Endpoint::parse(
//!     "https://contoso.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21",
//! )?;
//! assert_eq!(endpoint.scope().as_str(), "https://cognitiveservices.azure.com/.default");
//! assert_eq!(endpoint.deployment(), Some("gpt-4o"));
//! for note in endpoint.notes() {
//!     println!("{}: {note}", note.code()); // what was changed, and why
//! }
//!
//! // The same account through the v1 API wants another address and another token.
//! let v1 = endpoint.for_client(Client::OpenAi).unwrap();
//! assert_eq!(v1.url(), "https://contoso.openai.azure.com/openai/v1/");
//! assert_eq!(v1.scope().as_str(), "https://ai.azure.com/.default");
//!
//! // The token endpoint to ask.
//! let tenant = TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?;
//! let authority = TenantAuthority::new(Cloud::public(), tenant);
//! assert!(authority.token_endpoint().starts_with("https://login.microsoftonline.com/"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is checked
//!
//! - Ids are hyphenated GUIDs and not `common`, a domain or the zero GUID; the spelling of
//!   tokens is read by a stricter function than that of configuration.
//! - A [`Scope`] names its resource; a [`ScopeSet`] asks for one resource, and for
//!   `.default` or named scopes but not both.
//! - An [`AppIdUri`] is an absolute URI without wildcard, blank or fragment, and is kept byte
//!   for byte: Entra ID compares it literally.
//! - A [`TenantAuthority`] is one tenant of one cloud, so `/common` cannot be written.
//! - An `Endpoint` has a host that the table of the configured cloud knows, by whole labels.
//!   The raw bytes are checked first, so that no URL parser can repair them.
//!
//! # What is not checked
//!
//! - Whether a tenant, a resource, a project or a role exists: nothing is called.
//! - The [`catalogue`] and the table of hosts are documented knowledge with a confidence, not
//!   a promise of Microsoft's. A service may accept a further audience, or stop doing so.
//! - Where DNS or a proxy sends a good host name: only TLS protects that.
//!
//! # Errors
//!
//! [`ParseError`] says what was expected, what was found, why it was refused and what to
//! write instead. `EndpointError` has a stable code and the corrected text where the
//! intention is clear; it never repeats a pasted URL, which may hold a key.
//!
#![cfg_attr(feature = "endpoints", doc = include_str!("endpoint/codes.md"))]
//! # MSRV
//!
//! Rust 1.88.
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
mod tenant_authority;
mod text;

pub use app_id_uri::{AppIdUri, AppIdUriForm};
pub use audience::Audience;
pub use authority::{Authority, AuthorityTenant};
pub use cloud::{Cloud, CloudSpec, KnownCloud, is_loopback_host};
#[cfg(feature = "endpoints")]
pub use endpoint::{
    Acceptance, AcceptedAudience, AgentAuthorization, AgentProtocol, Client, ClientAddress,
    Endpoint, EndpointError, EndpointKind, EndpointReader, EndpointReason, NotAnAgent, Note,
    NoteCode,
};
pub use error::ParseError;
pub use id::{ClientId, ObjectId, RoleId, TenantId};
pub use issuer::IssuerTemplate;
pub use scope::{OidcScope, Scope, ScopeName};
pub use scope_set::ScopeSet;
pub use tenant_authority::TenantAuthority;

#[cfg(all(doctest, feature = "endpoints"))]
#[doc = include_str!("../README.md")]
struct ReadmeDoctests;
