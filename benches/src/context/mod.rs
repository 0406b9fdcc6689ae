//! `context.`: signed user contexts.

pub(crate) mod issue;
pub(crate) mod verify;
mod world;
