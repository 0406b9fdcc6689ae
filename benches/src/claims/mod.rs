//! `claims.`: validating a token.

#[cfg(feature = "allocations")]
pub(crate) mod allocations;
pub(crate) mod cached;
pub(crate) mod cold;
mod floor;
pub(crate) mod issuer;
pub(crate) mod keys;
pub(crate) mod peer;
pub(crate) mod refused;
