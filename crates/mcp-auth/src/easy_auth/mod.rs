//! App Service authentication ("Easy Auth"): its headers and the client principal in them.

mod claims;
mod headers;
mod principal;

pub use headers::ClientPrincipalReader;
pub use principal::{ClientPrincipal, ClientPrincipalError};

pub(crate) use headers::strip;
