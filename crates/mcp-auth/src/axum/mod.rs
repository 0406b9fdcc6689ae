//! What axum adds: extractors, and the metadata routes as a router.

mod extract;
mod rejection;
mod require;
mod router;

pub use rejection::CallerRejection;
pub use require::{Authorized, Require};
