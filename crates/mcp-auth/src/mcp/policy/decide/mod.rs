//! Policy decision: the requirements that a message or a listed item has to meet.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use entra_claims::{CallerCheck, Requirement};

use super::spelling::{folded, is_plain, is_roundabout, resolved};
use super::{McpPolicy, Unlisted};
use crate::mcp::message::{Kind, Message, SUBSCRIPTIONS};

/// A policy that is ready to decide.
#[derive(Debug)]
pub(in crate::mcp) struct Compiled {
    policy: McpPolicy,
    folded_tools: HashSet<String>,
    folded_prompts: HashSet<String>,
    /// By what they resolve to: the URIs of the rules.
    resolved_resources: HashMap<String, Vec<String>>,
    /// In the order of the rules.
    resolved_prefixes: Vec<Prefix>,
}

/// What a rule for all that begins with a text resolves to.
#[derive(Debug)]
struct Prefix {
    means: String,
    /// The text ends with a slash: what begins with it is below it.
    is_folder: bool,
}

impl Prefix {
    fn of(text: &str) -> Self {
        Self {
            means: resolved(text),
            is_folder: text.ends_with('/') && !text.ends_with("//"),
        }
    }

    fn holds(&self, means: &str) -> bool {
        let rest = means.strip_prefix(&*self.means);
        rest.is_some_and(|rest| !self.is_folder || rest.is_empty() || rest.starts_with('/'))
    }
}

/// What a message has to meet beside what the guard asks of everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::mcp) enum Decision<'p> {
    /// Each of these; none is enough too.
    Rules(Vec<&'p Requirement>),
    /// No caller may.
    Denied,
}

type Rules = HashMap<String, Arc<Requirement>>;

/// The length of the resources that one `subscriptions/listen` names, in bytes: comparing a URI costs more than it took to send.
const SUBSCRIBED: usize = 256 * 1024;

/// The longest URI that is compared with rules, in bytes.
const LONGEST_URI: usize = 8 * 1024;

/// The longest name that is compared with rules, in bytes.
const LONGEST_NAME: usize = 1024;

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
        policy.share_rules();
        // The longest first: it is the one that counts.
        policy
            .resources_under
            .sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        let fold = |rules: &Rules| rules.keys().map(|n| folded(n)).collect();
        Self {
            folded_tools: fold(&policy.tools),
            folded_prompts: fold(&policy.prompts),
            resolved_resources: policy.resources.keys().fold(
                HashMap::new(),
                |mut all: HashMap<_, Vec<_>>, uri| {
                    all.entry(resolved(uri)).or_default().push(uri.clone());
                    all
                },
            ),
            resolved_prefixes: (policy.resources_under.iter())
                .map(|(prefix, _)| Prefix::of(prefix))
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
            match method {
                "resources/directory/read" => sum.add(self.directory(uri)),
                _ => sum.add(self.resource(uri)),
            }
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
            let mut bytes = 0;
            for (number, uri) in message.subscriptions().enumerate() {
                bytes += uri.len();
                if number >= SUBSCRIPTIONS || bytes > SUBSCRIBED {
                    return Decision::Denied;
                }
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
        self.policy.methods.get(name).map(Arc::as_ref)
    }

    pub(in crate::mcp) fn tool(&self, name: &str) -> Decision<'_> {
        self.named(&self.policy.tools, &self.folded_tools, name)
    }

    pub(in crate::mcp) fn prompt(&self, name: &str) -> Decision<'_> {
        self.named(&self.policy.prompts, &self.folded_prompts, name)
    }

    /// The rule that holds for a URI as it is spelt. If the URI stands for a resource with a rule that
    /// its spelling does not meet, it is denied: the server may read it as that resource.
    pub(in crate::mcp) fn resource(&self, uri: &str) -> Decision<'_> {
        let under = &self.policy.resources_under;
        if self.policy.resources.is_empty() && under.is_empty() {
            return self.unlisted();
        }
        if let Some(rule) = self.policy.resources.get(uri) {
            return Decision::Rules(vec![rule]);
        }
        if uri.len() > LONGEST_URI {
            return Decision::Denied;
        }
        let means = resolved(uri);
        if is_roundabout(uri) || self.resolved_resources.contains_key(&means) {
            return Decision::Denied;
        }
        let spelt = under.iter().position(|(prefix, _)| uri.starts_with(prefix));
        let prefixes = self.resolved_prefixes.iter();
        let meant = prefixes
            .enumerate()
            .filter(|(_, prefix)| prefix.holds(&means))
            .max_by_key(|(place, prefix)| (prefix.means.len(), Some(*place) == spelt));
        match (spelt, meant) {
            (Some(spelt), Some((meant, _))) if spelt != meant => Decision::Denied,
            (Some(spelt), _) => match under.get(spelt) {
                Some((_, rule)) => Decision::Rules(vec![rule]),
                None => Decision::Denied,
            },
            (None, Some(_)) => Decision::Denied,
            (None, None) => self.unlisted(),
        }
    }

    /// The rule for the list of what is below a URI: that of what is below it, and its own.
    fn directory(&self, uri: &str) -> Decision<'_> {
        let folder = match uri.ends_with('/') {
            true => uri.to_owned(),
            false => format!("{uri}/"),
        };
        let own = [uri, &*folder].map(|known| self.policy.resources.get(known));
        let mut sum = Sum::default();
        let own = own.into_iter().flatten().map(Arc::as_ref);
        sum.add(Decision::Rules(own.collect()));
        let below = match sum.rules.is_empty() {
            true => self.resource(&folder),
            // The rule of the folder itself was found by its spelling.
            false => self.below(&folder),
        };
        sum.add(below);
        sum.decision()
    }

    /// The longest rule for what begins with this text, if there is one.
    fn below(&self, folder: &str) -> Decision<'_> {
        let mut under = self.policy.resources_under.iter();
        let rule = under.find(|(prefix, _)| folder.starts_with(prefix));
        match (is_roundabout(folder), rule) {
            (true, _) => Decision::Denied,
            (false, rule) => Decision::Rules(rule.into_iter().map(|(_, rule)| &**rule).collect()),
        }
    }

    fn named<'p>(&self, rules: &'p Rules, spellings: &HashSet<String>, name: &str) -> Decision<'p> {
        match rules.get(name) {
            Some(rule) => Decision::Rules(vec![rule]),
            None if rules.is_empty() => self.unlisted(),
            None if name.len() > LONGEST_NAME => Decision::Denied,
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
            // A rule that holds for a thousand names is checked once.
            Decision::Rules(rules) => {
                for rule in rules {
                    if !self.rules.iter().any(|known| std::ptr::eq(*known, rule)) {
                        self.rules.push(rule);
                    }
                }
            }
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
    caller: Option<CallerCheck>,
}

impl Permissions {
    pub(in crate::mcp) fn new(policy: Arc<Compiled>, caller: Option<CallerCheck>) -> Self {
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
        rules.all(|rule| caller.is_some_and(|caller| caller.check(rule).is_ok()))
    }
}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permissions").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
