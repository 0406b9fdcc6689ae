//! Errors of token requests: Entra ID's answer, its kind, and the next step.
//!
//! [`EntraError`] is what the token endpoint answered, and needs no client. `ExchangeError` is
//! whatever kept an exchange from a token: such an answer, or a failure on this side. Both have
//! one [`ErrorKind`], which `classify.rs` alone decides for answers, and one [`NextStep`].

mod body;
mod classify;
#[cfg(feature = "client")]
mod consent;
mod entra;
#[cfg(feature = "client")]
mod exchange;
mod kind;

#[cfg(feature = "client")]
pub use consent::Consent;
#[cfg(feature = "client")]
pub(crate) use consent::ConsentBy;
pub use entra::EntraError;
#[cfg(feature = "client")]
pub use exchange::ExchangeError;
#[cfg(feature = "client")]
pub(crate) use exchange::{EndpointAnswer, RequestContext};
pub use kind::{ErrorKind, NextStep};
