//! What a caller may use, for lists.

use std::fmt;
use std::sync::Arc;

use entra_claims::Requirement;

use super::layer::Server;
use super::policy::Decision;
use crate::Caller;

/// What the caller of a request may use by the policy: in the extensions of every request
/// that [`McpLayer`](crate::McpLayer) lets through, for servers that list only that.
///
/// A list that depends on the caller must not be cached for others: `cacheScope` stays
/// `private`, as `rmcp` has it (MCP 2026-07-28, caching).
///
/// ```
/// use mcp_auth::Permissions;
///
/// fn listed<'t>(tools: &[&'t str], permissions: &Permissions) -> Vec<&'t str> {
///     tools.iter().copied().filter(|tool| permissions.may_call_tool(tool)).collect()
/// }
/// # let _ = listed;
/// ```
#[derive(Clone)]
pub struct Permissions {
    server: Arc<Server>,
    caller: Option<Caller>,
}

impl Permissions {
    pub(super) fn new(server: Arc<Server>, caller: Option<Caller>) -> Self {
        Self { server, caller }
    }

    /// Whether a call of the tool would be let through.
    #[must_use]
    pub fn may_call_tool(&self, name: &str) -> bool {
        self.meets("tools/call", self.server.policy.tool(name))
    }

    /// Whether the prompt may be had.
    #[must_use]
    pub fn may_get_prompt(&self, name: &str) -> bool {
        self.meets("prompts/get", self.server.policy.prompt(name))
    }

    /// Whether the resource may be read.
    #[must_use]
    pub fn may_read_resource(&self, uri: &str) -> bool {
        self.meets("resources/read", self.server.policy.resource(uri))
    }

    fn meets(&self, method: &str, decision: Decision<'_>) -> bool {
        let Decision::Rules(rules) = decision else {
            return false;
        };
        let mut rules = rules.into_iter().chain(self.server.policy.method(method));
        let caller = self.caller.as_ref();
        let meets =
            |rule: &Requirement| caller.is_some_and(|caller| rule.check(caller.token()).is_ok());
        rules.all(meets)
    }
}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permissions").finish_non_exhaustive()
    }
}
