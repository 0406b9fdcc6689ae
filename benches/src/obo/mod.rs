//! `obo.`: tokens on behalf of users.

pub(crate) mod hit;
#[cfg(feature = "allocations")]
pub(crate) mod memory;
pub(crate) mod requests;
mod world;
