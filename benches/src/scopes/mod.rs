//! `scopes.`: endpoints and the catalogue.

pub(crate) mod catalogue;
pub(crate) mod endpoint;
