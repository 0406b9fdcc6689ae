//! `claims.`: validating a token.

pub(crate) mod cold;
mod floor;
mod issuer;
mod peer;
