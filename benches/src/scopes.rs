//! `scopes.`: endpoints and the catalogue.

pub(crate) mod endpoint;
