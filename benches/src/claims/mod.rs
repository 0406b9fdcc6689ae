//! `claims.`: validating a token.

pub(crate) mod cached;
pub(crate) mod cold;
mod floor;
pub(crate) mod issuer;
pub(crate) mod keys;
pub(crate) mod peer;
pub(crate) mod refused;
