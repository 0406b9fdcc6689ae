//! What axum adds: extractors, and the metadata routes as a router.

mod extract;
mod router;

pub use extract::CallerRejection;
