//! `McpPolicy`: requirements of tools, prompts, resources and methods.

mod decide;
mod spelling;

use std::collections::HashMap;
use std::sync::Arc;

use entra_claims::Requirement;

use crate::guard::{Authorization, GuardError};

pub use decide::Permissions;
pub(super) use decide::{Compiled, Decision};

/// What each tool, resource and prompt asks of its caller, beyond what the guard asks of
/// everybody.
///
/// It is decided before the server sees the request, on the parsed body and never on a
/// header. Names are compared byte for byte.
///
/// - What has a rule needs the guard's own requirement *and* the rule.
/// - What has none needs the guard's requirement; after [`deny_unlisted`](Self::deny_unlisted)
///   it is refused, and so is every method without a rule except the handshake, `ping` and
///   the lists. A tool that is added later is then closed until it is listed.
/// - A name that is a listed one in another spelling (case, blanks, escapes), or that holds
///   anything but visible ASCII, is refused if it is not listed itself: a server that folds
///   names must not fold a rule away. Where resources have rules, the same holds for URIs
///   that stand for one with a rule, or for one below a longer prefix, in another spelling (case,
///   escapes, query, fragment, userinfo, default port, slashes and dots that say nothing), and for
///   those that could lead around one (a segment `.` or `..`, a backslash, an encoded dot or slash).
///
/// | method | its rule |
/// | --- | --- |
/// | `tools/call` | the tool's |
/// | `prompts/get` | the prompt's |
/// | `resources/read`, `subscribe`, `unsubscribe`, and others that begin with `resources/` or `skills/` and have a `uri` | the resource's |
/// | `resources/directory/read` | the resource's, and that of what is below it |
/// | `subscriptions/listen` | that of each resource it names: 1,000 and 256 KiB at most |
/// | `completion/complete` | that of the prompt or resource it completes |
/// | any | that of the [`method`](Self::method), in addition |
///
/// Notifications are judged like requests. Where there are rules, a URI of more than 8 KiB and a
/// name of more than 1 KiB is refused.
///
/// ```
/// use entra_claims::{PrincipalKind, Requirement};
/// use foundry_scopes::ScopeName;
/// use mcp_auth::McpPolicy;
///
/// let scope = |name| ScopeName::parse(name).map(Requirement::scope);
/// let policy = McpPolicy::new()
///     .tool("list_orders", scope("mcp.read")?)
///     // A user with the scope, or a job with the application role.
///     .tool("place_order", Requirement::any_of([scope("mcp.write")?, Requirement::role("Orders.Place")]))
///     // People only: no agent may do this, not even for its user.
///     .tool("sign_contract", Requirement::all_of([
///         scope("mcp.write")?,
///         Requirement::kinds([PrincipalKind::User]),
///     ]))
///     .resources_under("orders://archive/", scope("mcp.archive")?)
///     .prompt("summarize", scope("mcp.read")?)
///     .deny_unlisted();
/// # let _ = policy;
/// # Ok::<(), foundry_scopes::ParseError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct McpPolicy {
    tools: HashMap<String, Arc<Requirement>>,
    prompts: HashMap<String, Arc<Requirement>>,
    resources: HashMap<String, Arc<Requirement>>,
    resources_under: Vec<(String, Arc<Requirement>)>,
    methods: HashMap<String, Arc<Requirement>>,
    unlisted: Unlisted,
}

/// What happens to what has no rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Unlisted {
    /// It needs what the guard asks of everybody.
    #[default]
    Base,
    Denied,
}

impl McpPolicy {
    /// No rules: everything needs what the guard asks of everybody, and no more.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What a tool asks for. A second rule for it replaces the first.
    #[must_use]
    pub fn tool(mut self, name: impl Into<String>, requirement: Requirement) -> Self {
        self.tools.insert(name.into(), Arc::new(requirement));
        self
    }

    /// What a prompt asks for.
    #[must_use]
    pub fn prompt(mut self, name: impl Into<String>, requirement: Requirement) -> Self {
        self.prompts.insert(name.into(), Arc::new(requirement));
        self
    }

    /// What a resource asks for, by its exact URI. It goes before any rule for what it lies
    /// under.
    #[must_use]
    pub fn resource(mut self, uri: impl Into<String>, requirement: Requirement) -> Self {
        self.resources.insert(uri.into(), Arc::new(requirement));
        self
    }

    /// What every resource asks for whose URI begins with this text, for templates. Of
    /// several the longest counts.
    #[must_use]
    pub fn resources_under(mut self, prefix: impl Into<String>, requirement: Requirement) -> Self {
        self.resources_under
            .push((prefix.into(), Arc::new(requirement)));
        self
    }

    /// What a method asks for, for example `tasks/cancel` or `logging/setLevel`, in
    /// addition to the rule of what it names.
    #[must_use]
    pub fn method(mut self, name: impl Into<String>, requirement: Requirement) -> Self {
        self.methods.insert(name.into(), Arc::new(requirement));
        self
    }

    /// Refuses what has no rule.
    #[must_use]
    pub fn deny_unlisted(mut self) -> Self {
        self.unlisted = Unlisted::Denied;
        self
    }

    /// The policy as it is checked behind this guard.
    ///
    /// # Errors
    ///
    /// A rule with which no guard is built, by whose it is.
    pub(super) fn ready(self, guard: &Authorization) -> Result<Self, GuardError> {
        let ready = |kind: &str, name: &str, rule: Arc<Requirement>| {
            let of = || format!("the rule of the {kind} {name:?}");
            guard
                .ready(Arc::unwrap_or_clone(rule))
                .map(Arc::new)
                .map_err(|error| GuardError::requirement(of(), error))
        };
        let each = |kind, rules: HashMap<String, Arc<Requirement>>| {
            let rules = rules.into_iter();
            let rules = rules.map(|(name, rule)| {
                let rule = ready(kind, &name, rule)?;
                Ok((name, rule))
            });
            rules.collect::<Result<_, GuardError>>()
        };
        let tools = each("tool", self.tools)?;
        let prompts = each("prompt", self.prompts)?;
        let resources = each("resource", self.resources)?;
        let methods = each("method", self.methods)?;
        let under = self.resources_under.into_iter().map(|(prefix, rule)| {
            let rule = ready("resources under", &prefix, rule)?;
            Ok((prefix, rule))
        });
        Ok(Self {
            tools,
            prompts,
            resources,
            methods,
            resources_under: under.collect::<Result<_, GuardError>>()?,
            unlisted: self.unlisted,
        })
    }

    /// Rules that say the same become one, which is checked once for a request.
    fn share_rules(&mut self) {
        let mut known: Vec<Arc<Requirement>> = Vec::new();
        let maps = [
            &mut self.tools,
            &mut self.prompts,
            &mut self.resources,
            &mut self.methods,
        ];
        let named = maps.into_iter().flat_map(HashMap::values_mut);
        let under = self.resources_under.iter_mut().map(|(_, rule)| rule);
        for rule in named.chain(under) {
            match known.iter().find(|known| *known == rule) {
                Some(same) => *rule = Arc::clone(same),
                None => known.push(Arc::clone(rule)),
            }
        }
    }
}
