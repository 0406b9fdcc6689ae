//! Policy decision: the requirements that a message or a listed item has to meet.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use entra_claims::Requirement;

use super::spelling::{folded, is_plain, is_roundabout, resolved};
use super::{McpPolicy, Unlisted};
use crate::caller::Caller;
use crate::mcp::message::{Kind, Message};

/// A policy that is ready to decide.
#[derive(Debug)]
pub(in crate::mcp) struct Compiled {
    policy: McpPolicy,
    folded_tools: HashSet<String>,
    folded_prompts: HashSet<String>,
    resolved_resources: HashSet<String>,
    resolved_prefixes: Vec<String>,
}

/// What a message has to meet beside what the guard asks of everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::mcp) enum Decision<'p> {
    /// Each of these; none is enough too.
    Rules(Vec<&'p Requirement>),
    /// No caller may.
    Denied,
}

/// What MCP itself needs, and what only lists: allowed to every admitted caller.
const PLUMBING: [&str; 8] = [
    "initialize",
    "server/discover",
    "ping",
    "tools/list",
    "prompts/list",
    "resources/list",
    "resources/templates/list",
    "skills/list",
];

impl Compiled {
    /// Of a policy that is [ready](McpPolicy::ready).
    pub(in crate::mcp) fn new(mut policy: McpPolicy) -> Self {
        // The longest first: it is the one that counts.
        policy
            .resources_under
            .sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        let fold = |rules: &HashMap<String, Requirement>| rules.keys().map(|n| folded(n)).collect();
        Self {
            folded_tools: fold(&policy.tools),
            folded_prompts: fold(&policy.prompts),
            resolved_resources: policy.resources.keys().map(|uri| resolved(uri)).collect(),
            resolved_prefixes: (policy.resources_under.iter())
                .map(|(prefix, _)| resolved(prefix))
                .collect(),
            policy,
        }
    }

    pub(in crate::mcp) fn decide(&self, message: &Message) -> Decision<'_> {
        let mut sum = Sum::default();
        if message.kind == Kind::Response {
            return sum.decision();
        }
        let method = message.method.as_str();
        let own = self.method(method);
        sum.rules.extend(own);
        let mut named = false;
        if let ("tools/call", Some(name)) = (method, message.param("name")) {
            sum.add(self.tool(name));
            named = true;
        }
        if let ("prompts/get", Some(name)) = (method, message.param("name")) {
            sum.add(self.prompt(name));
            named = true;
        }
        if let (true, Some(uri)) = (has_uri(method), message.param("uri")) {
            sum.add(self.resource(uri));
            named = true;
        }
        if method == "completion/complete" {
            // The same object says what it is; both are looked at, whatever its `type`.
            if let Some(name) = message.param_in("ref", "name") {
                sum.add(self.prompt(name));
                named = true;
            }
            if let Some(uri) = message.param_in("ref", "uri") {
                sum.add(self.resource(uri));
                named = true;
            }
        }
        if method == "subscriptions/listen" {
            for uri in message.subscriptions() {
                sum.add(self.resource(uri));
            }
        }
        if self.policy.unlisted == Unlisted::Denied
            && own.is_none()
            && !named
            && !is_plumbing(message)
        {
            return Decision::Denied;
        }
        sum.decision()
    }

    pub(in crate::mcp) fn method(&self, name: &str) -> Option<&Requirement> {
        self.policy.methods.get(name)
    }

    pub(in crate::mcp) fn tool(&self, name: &str) -> Decision<'_> {
        self.named(&self.policy.tools, &self.folded_tools, name)
    }

    pub(in crate::mcp) fn prompt(&self, name: &str) -> Decision<'_> {
        self.named(&self.policy.prompts, &self.folded_prompts, name)
    }

    pub(in crate::mcp) fn resource(&self, uri: &str) -> Decision<'_> {
        if let Some(rule) = self.policy.resources.get(uri) {
            return Decision::Rules(vec![rule]);
        }
        let under = &self.policy.resources_under;
        if self.policy.resources.is_empty() && under.is_empty() {
            return self.unlisted();
        }
        if is_roundabout(uri) {
            return Decision::Denied;
        }
        if let Some((_, rule)) = under.iter().find(|(prefix, _)| uri.starts_with(prefix)) {
            return Decision::Rules(vec![rule]);
        }
        let means = resolved(uri);
        let mut prefixes = self.resolved_prefixes.iter();
        if self.resolved_resources.contains(&means)
            || prefixes.any(|prefix| means.starts_with(prefix))
        {
            return Decision::Denied;
        }
        self.unlisted()
    }

    fn named<'p>(
        &self,
        rules: &'p HashMap<String, Requirement>,
        spellings: &HashSet<String>,
        name: &str,
    ) -> Decision<'p> {
        match rules.get(name) {
            Some(rule) => Decision::Rules(vec![rule]),
            None if rules.is_empty() => self.unlisted(),
            None if !is_plain(name) || spellings.contains(&folded(name)) => Decision::Denied,
            None => self.unlisted(),
        }
    }

    fn unlisted<'p>(&self) -> Decision<'p> {
        match self.policy.unlisted {
            Unlisted::Base => Decision::Rules(Vec::new()),
            Unlisted::Denied => Decision::Denied,
        }
    }
}

fn has_uri(method: &str) -> bool {
    method.starts_with("resources/") || method.starts_with("skills/")
}

fn is_plumbing(message: &Message) -> bool {
    let method = message.method.as_str();
    PLUMBING.contains(&method)
        || (message.kind == Kind::Notification && method.starts_with("notifications/"))
}

#[derive(Default)]
struct Sum<'p> {
    rules: Vec<&'p Requirement>,
    denied: bool,
}

impl<'p> Sum<'p> {
    fn add(&mut self, decision: Decision<'p>) {
        match decision {
            Decision::Rules(rules) => self.rules.extend(rules),
            Decision::Denied => self.denied = true,
        }
    }

    fn decision(self) -> Decision<'p> {
        if self.denied {
            Decision::Denied
        } else {
            Decision::Rules(self.rules)
        }
    }
}

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
    policy: Arc<Compiled>,
    caller: Option<Caller>,
}

impl Permissions {
    pub(in crate::mcp) fn new(policy: Arc<Compiled>, caller: Option<Caller>) -> Self {
        Self { policy, caller }
    }

    /// Whether a call of the tool would be let through.
    #[must_use]
    pub fn may_call_tool(&self, name: &str) -> bool {
        self.meets("tools/call", self.policy.tool(name))
    }

    /// Whether the prompt may be had.
    #[must_use]
    pub fn may_get_prompt(&self, name: &str) -> bool {
        self.meets("prompts/get", self.policy.prompt(name))
    }

    /// Whether the resource may be read.
    #[must_use]
    pub fn may_read_resource(&self, uri: &str) -> bool {
        self.meets("resources/read", self.policy.resource(uri))
    }

    fn meets(&self, method: &str, decision: Decision<'_>) -> bool {
        let Decision::Rules(rules) = decision else {
            return false;
        };
        let mut rules = rules.into_iter().chain(self.policy.method(method));
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

#[cfg(test)]
mod tests;
