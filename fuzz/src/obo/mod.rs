//! `entra-obo`: what the token endpoint and the APIs behind it answer.

mod challenge;
mod entra_error;
mod www_authenticate;

pub use challenge::challenge;
pub use entra_error::entra_error;
pub use www_authenticate::www_authenticate;
