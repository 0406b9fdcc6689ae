//! A small Microsoft Graph under `/graph/v1.0`: users, groups, grants, role assignments and the
//! objects of Entra Agent ID, with Graph's permissions and error bodies.

pub(super) mod agents;
pub(super) mod grants;
pub(super) mod inheritable;
mod reply;
pub(super) mod users;
