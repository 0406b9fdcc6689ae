//! Behind App Service authentication ("Easy Auth"): its headers, and who they say is calling.

mod claims;
mod error;
mod headers;
mod principal;
mod reader;

pub use error::ClientPrincipalError;
pub use principal::ClientPrincipal;
pub use reader::ClientPrincipalReader;

pub(crate) use headers::strip;
