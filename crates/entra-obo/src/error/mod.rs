//! Errors: what the token endpoint said, what kind of answer that is, and what to do next.

mod body;
mod classify;
mod entra;
#[cfg(feature = "client")]
mod exchange;
mod kind;
mod next;
mod retry_after;

pub use entra::EntraError;
#[cfg(feature = "client")]
pub use exchange::ExchangeError;
pub use kind::ErrorKind;
pub use next::Next;
