//! entra-claims
#![cfg_attr(docsrs, feature(doc_cfg))]

mod claims;
#[cfg(feature = "validate")]
mod clock;
#[cfg(feature = "validate")]
pub mod dangerous;
mod decode;
#[cfg(feature = "http")]
mod http;
mod json;
#[cfg(feature = "validate")]
mod key;
#[cfg(feature = "validate")]
mod principal;
#[cfg(feature = "validate")]
mod reject;
#[cfg(feature = "validate")]
mod require;
#[cfg(feature = "validate")]
mod validate;

#[cfg(feature = "http")]
pub use crate::http::{Authenticator, AuthenticatorBuilder, transport};
pub use claims::{Claims, Facets};
#[cfg(feature = "validate")]
pub use clock::{Clock, ManualClock, SystemClock};
pub use decode::{DecodeError, Header, Part, UnverifiedToken};
#[cfg(feature = "validate")]
pub use key::{KeySet, KeySetError};
#[cfg(feature = "validate")]
pub use principal::{
    AgentEvidence, Principal, PrincipalKey, PrincipalKind, TokenDigest, VerifiedToken,
};
#[cfg(feature = "validate")]
pub use reject::{Reason, Rejection, RejectionClass};
#[cfg(feature = "validate")]
pub use require::Requirement;
#[cfg(feature = "validate")]
pub use validate::{AcceptedAudiences, ConfigError, TenantPolicy, Validator};
