//! Verification of contexts at an API.

mod builder;
mod check;
mod replay;
mod source;
mod trust;
mod verifier;

pub use builder::{ContextVerifierBuilder, VerifierConfigError};
pub use replay::ReplayRecords;
pub use source::{ContextKeySource, ContextKeySourceError};
pub use trust::TrustedIssuer;
pub use verifier::{ContextUse, ContextVerifier};

pub(crate) use check::{Checked, Expected, MAX_LIFETIME, SKEW};
