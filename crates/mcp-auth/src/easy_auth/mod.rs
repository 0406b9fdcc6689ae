//! Behind App Service authentication ("Easy Auth"): its headers, and who they say is calling.

mod claims;
mod headers;
mod principal;

pub use headers::ClientPrincipalReader;
pub use principal::{ClientPrincipal, ClientPrincipalError};

pub(crate) use headers::strip;
