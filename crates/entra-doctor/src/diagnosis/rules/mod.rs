//! The rules, one family per file.

mod agent;
mod arm;
mod audience;
mod browser;
mod credential;
mod document;
mod endpoint;
mod entra;
mod fallback;
mod graph;
mod host;
mod mcp;
mod membership;
mod own;
mod reach;
mod role;
mod ruled;
mod said;
mod service;
mod shared;
mod site;
mod static_site;
mod tool;
mod validator;

pub(crate) use entra::resource_correction;
pub(super) use fallback::fallback;
pub(super) use ruled::{agrees, excluded, next};

use super::facts::Facts;
use crate::finding::Finding;

pub(super) type Rule = fn(&Facts<'_>, &mut Vec<Finding>);

pub(super) const ALL: &[Rule] = &[
    credential::token,
    credential::misplaced,
    credential::arrival,
    credential::others,
    endpoint::refused,
    endpoint::near_miss,
    endpoint::path,
    endpoint::functions_mcp,
    own::address,
    own::audience,
    own::policy,
    own::never_invoked,
    audience::audience,
    agent::authorization,
    agent::writers,
    audience::tenant,
    audience::kind,
    site::registered,
    site::address_as_audience,
    site::address_allowed,
    site::issuer,
    site::policy,
    audience::whose,
    site::weaknesses,
    document::registration,
    document::principal,
    tool::tools,
    graph::graph,
    host::host,
    host::permissions,
    membership::membership,
    reach::reach,
    mcp::mcp,
    browser::browser,
    arm::arm,
    static_site::static_site,
    role::role,
    service::audience,
    validator::validator,
    validator::sdk,
    said::said,
    entra::numbers,
    entra::request,
    entra::sign_ins,
    entra::published,
    entra::traffic,
];
