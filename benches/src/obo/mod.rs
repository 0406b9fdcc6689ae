//! `obo.`: tokens on behalf of users.

pub(crate) mod hit;
pub(crate) mod memory;
pub(crate) mod requests;
mod world;
