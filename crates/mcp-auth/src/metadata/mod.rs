//! The public routes: protected resource metadata and the facade.

pub(crate) mod answer;
mod body;
mod service;

pub use body::MetadataBody;
pub use service::MetadataService;
pub(crate) use service::cacheable;
