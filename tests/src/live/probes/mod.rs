//! How each question is asked.

pub(super) mod agent;
pub(super) mod authorize;
pub(super) mod endpoint;
pub(super) mod token;
