//! `entra-obo`: what the token endpoint and the APIs behind it answer.

mod challenge;
mod entra_error;

pub use challenge::challenge;
pub use entra_error::entra_error;
