//! The rules, one family per file.

mod audience;
mod catalogued;
mod credential;
mod document;
mod endpoint;
mod entra;
mod fallback;
mod role;
mod said;
mod site;
mod tool;

pub(super) use fallback::fallback;

use super::facts::Facts;
use crate::finding::Finding;

pub(super) type Rule = fn(&Facts<'_>, &mut Vec<Finding>);

pub(super) const ALL: &[Rule] = &[
    credential::token,
    credential::misplaced,
    endpoint::refused,
    endpoint::path,
    endpoint::functions_mcp,
    audience::audience,
    catalogued::audience,
    audience::tenant,
    audience::kind,
    site::registered,
    site::address_as_audience,
    site::policy,
    site::weaknesses,
    document::registration,
    tool::tools,
    role::role,
    said::said,
    entra::numbers,
    entra::sign_ins,
];
