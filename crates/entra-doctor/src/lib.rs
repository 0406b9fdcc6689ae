//! Why do I get a 401? Looks at a Microsoft Entra ID token or an endpoint and says what is
//! there, what looks wrong and what to change.
//!
//! This is the library behind the `entra-doctor` program, so that the same answers can be
//! had from code. It reads, and nothing leaves the machine: only the program's
//! `verify --authority` fetches keys, and sends no token.
//!
//! ```toml
//! [dependencies]
//! entra-doctor = "0.1.0-alpha.1"
//! foundry-scopes = "0.1.0-alpha.1"
//! ```
//!
//! | feature | adds |
//! | --- | --- |
//! | `fetch` (default) | the program's `verify --authority` (reqwest with rustls, tokio) |
//!
//! ```
//! use entra_doctor::{EndpointReport, Report, TokenReport};
//! use foundry_scopes::Cloud;
//!
//! let report = EndpointReport::of("http://contoso.openai.azure.com", &Cloud::public());
//! assert!(!report.is_fine());
//! assert!(report.to_json().contains("\"suggestion\":\"https://contoso.openai.azure.com\""));
//!
//! # let token = concat!(
//! #     "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.",
//! #     "eyJhdWQiOiJodHRwczovL2FpLmF6dXJlLmNvbSIsImV4cCI6MTcwMDAwMDAwMH0.",
//! #     "c2lnbmF0dXJl"
//! # );
//! let an_hour_later = 1_700_003_600;
//! let report = TokenReport::read(token, an_hour_later)?;
//! assert!(report.findings().iter().any(|finding| finding.code().as_str() == "expired"));
//! # Ok::<(), entra_doctor::InputError>(())
//! ```
//!
//! # What is looked at
//!
//! Whatever is pasted ([`Case::paste`]): tokens, addresses, AADSTS texts, header fields, settings
//! and times are found in it, and rules look at them together. Header and claims in plain words, times against the clock, which resource the audience
//! names, what kind of caller it seems to be; for an endpoint what it is, the address each
//! family of clients wants, the scope to request, and everything that was changed; for a name,
//! an id or a scope the resource behind it; for an AADSTS number what it means.
//!
//! # What is not
//!
//! The signature, the keys, whether the token would be accepted anywhere, but by `verify`, which
//! takes a policy and keys: [`VerifyReport`].
//!
//! # Errors
//!
//! [`InputError`] is for what cannot be read at all. What was read and looks wrong is a
//! [`Finding`] with a stable code.
//!
#![doc = include_str!("json.md")]
//! # MSRV
//!
//! Rust 1.88.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod aadsts;
mod cli;
mod diagnosis;
mod document;
mod endpoint;
mod finding;
mod hosts;
mod input;
mod mended;
mod reading;
mod redact;
mod render;
mod resource;
mod scope;
mod serve;
mod target;
mod token;
mod verify;

pub use aadsts::AadstsReport;
pub use cli::{Exit, run};
pub use diagnosis::{
    Answer, Case, Change, Code, Diagnosis, Outcome, Read, RuledOut, Shell, Unread,
};
pub use document::{Document, DocumentError, DocumentKind};
pub use endpoint::EndpointReport;
pub use finding::{Certainty, Finding, Severity};
pub use input::InputError;
pub use render::Report;
pub use resource::CatalogueReport;
pub use scope::ScopeReport;
pub use token::TokenReport;
pub use verify::{VerifyReport, batch};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeDoctests;
