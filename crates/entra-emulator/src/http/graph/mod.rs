//! A small Microsoft Graph under `/graph/v1.0`: users, groups, grants and role assignments,
//! with Graph's permissions and error bodies.

pub(super) mod grants;
mod reply;
pub(super) mod users;
