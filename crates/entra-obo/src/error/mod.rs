//! Errors: what the token endpoint said, what kind of answer that is, and what to do next.

#[cfg(feature = "client")]
mod answered;
#[cfg(feature = "client")]
mod assertion;
mod body;
mod classify;
#[cfg(feature = "client")]
mod consent;
#[cfg(feature = "client")]
mod credential;
mod entra;
#[cfg(feature = "client")]
mod exchange;
mod kind;
#[cfg(feature = "client")]
mod remedy;

#[cfg(feature = "client")]
pub(crate) use answered::RequestContext;
#[cfg(feature = "client")]
pub use assertion::AssertionProblem;
#[cfg(feature = "client")]
pub(crate) use consent::By as ConsentBy;
#[cfg(feature = "client")]
pub use consent::Consent;
#[cfg(feature = "client")]
pub use credential::CredentialProblem;
pub use entra::EntraError;
#[cfg(feature = "client")]
pub use exchange::ExchangeError;
pub use kind::{ErrorKind, NextStep};
