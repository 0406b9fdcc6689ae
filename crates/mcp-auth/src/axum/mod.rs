//! What axum adds: extractors, and the metadata routes as a router.

mod extract;
mod require;
mod router;

pub use extract::CallerRejection;
pub use require::{Authorized, Require};
