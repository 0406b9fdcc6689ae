//! The public routes: protected resource metadata and the facade.

pub(crate) mod answer;
mod service;

pub use service::MetadataService;
pub(crate) use service::cacheable;
