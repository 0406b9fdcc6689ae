//! axum support: extractors for the caller, and the metadata routes as a router.

mod extract;
mod require;
mod router;

pub use extract::CallerRejection;
pub use require::{Authorized, Require};
