//! `entra-obo`: what the token endpoint, the APIs behind it and a shared store answer.

mod challenge;
mod entra_error;
mod stored;
mod www_authenticate;

pub use challenge::challenge;
pub use entra_error::entra_error;
pub use stored::stored;
pub use www_authenticate::www_authenticate;
