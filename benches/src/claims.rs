//! `claims.`: validating a token.

pub(crate) mod cached;
pub(crate) mod cold;
mod floor;
mod issuer;
pub(crate) mod keys;
mod peer;
pub(crate) mod refused;
