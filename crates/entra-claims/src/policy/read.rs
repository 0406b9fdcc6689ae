//! Reads a policy from a configuration tree, and lists every mistake in it.

use std::time::Duration;

use foundry_scopes::{Audience, ClientId, TenantId};

use super::Policy;
use super::cloud;
use super::fields::{Fields, Mistakes, array, choice, parsed, whole};
use super::node::Node;
use crate::key::Algorithm;
use crate::require::Requirement;
use crate::validate::{
    AcceptedAudiences, LEAST_MAX_TOKEN, MAX_LEEWAY, MOST_MAX_TOKEN, TenantPolicy, TokenVersion,
    Validator,
};

const FIELDS: &[&str] = &[
    "cloud",
    "tenants",
    "audiences",
    "token_kinds",
    "versions",
    "algorithms",
    "clock_skew_s",
    "max_token_bytes",
    "required_scopes_any",
    "required_roles_any",
    "required_user_roles_any",
    "roles_assigned_in",
    "allowed_clients",
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum TokenKind {
    Delegated,
    App,
}

/// In which tenants roles were assigned that count.
enum RolesFrom {
    AnyTenant,
    Tenants(Vec<TenantId>),
}

/// What an application on its own, or a user, has to hold.
struct Callers {
    kinds: Vec<TokenKind>,
    scopes: Option<Vec<Requirement>>,
    roles: Option<Vec<String>>,
    user_roles: Option<Vec<String>>,
    roles_from: Option<RolesFrom>,
    clients: Option<Vec<ClientId>>,
}

pub(super) fn policy(document: &Node) -> Result<Policy, Vec<String>> {
    let mut mistakes = Mistakes::default();
    let read = read(document, &mut mistakes);
    match read {
        Some(policy) if mistakes.0.is_empty() => Ok(policy),
        _ => Err(mistakes.0),
    }
}

/// The policy, where nothing is missing; whether all of it is right the mistakes say.
fn read(document: &Node, mistakes: &mut Mistakes) -> Option<Policy> {
    let fields = Fields::read(document, "", FIELDS, mistakes)?;
    let cloud = fields
        .required("cloud", mistakes)
        .and_then(|node| cloud::read(node, "cloud", mistakes));
    let tenants = fields
        .required("tenants", mistakes)
        .and_then(|node| tenants(node, mistakes));
    let audiences = fields.required("audiences", mistakes).and_then(|node| {
        let if_empty = "name what `aud` may be, as it stands in the token";
        array(
            node,
            "audiences",
            if_empty,
            mistakes,
            |node, path, mistakes| parsed(node, path, mistakes, Audience::parse),
        )
    });
    let versions = fields.optional("versions").and_then(|node| {
        let words = [("1.0", TokenVersion::V1), ("2.0", TokenVersion::V2)];
        words_of(node, "versions", &words, mistakes)
    });
    let algorithms = fields.optional("algorithms").and_then(|node| {
        let words = [("RS256", Algorithm::Rs256), ("PS256", Algorithm::Ps256)];
        words_of(node, "algorithms", &words, mistakes)
    });
    let skew = fields
        .optional("clock_skew_s")
        .and_then(|node| whole(node, "clock_skew_s", (0, MAX_LEEWAY), mistakes));
    let size = fields.optional("max_token_bytes").and_then(|node| {
        let bounds = (LEAST_MAX_TOKEN as u64, MOST_MAX_TOKEN as u64);
        whole(node, "max_token_bytes", bounds, mistakes)
    });
    let callers = callers(&fields, mistakes);

    let mut validator = Validator::new(
        cloud?,
        tenants?,
        AcceptedAudiences::listed(audiences?).ok()?,
    );
    if let Some(versions) = versions {
        validator = validator.with_versions(versions).ok()?;
    }
    if let Some(algorithms) = algorithms {
        validator = validator.with_algorithms(algorithms).ok()?;
    }
    if let Some(seconds) = skew {
        validator = validator.with_leeway(Duration::from_secs(seconds)).ok()?;
    }
    if let Some(bytes) = size {
        validator = validator
            .with_max_token_size(usize::try_from(bytes).ok()?)
            .ok()?;
    }
    let callers = callers?;
    for (place, scope) in callers.scopes.iter().flatten().enumerate() {
        if let Err(error) = scope.check_scopes(&validator, None) {
            mistakes.add(&format!("required_scopes_any[{place}]"), error);
        }
    }
    let requirement = callers.requirement(mistakes)?;
    Some(Policy {
        validator,
        requirement,
    })
}

/// Of a field that may be left out: an empty array would accept nothing.
fn words_of<T: Copy>(
    node: &Node,
    path: &str,
    words: &[(&str, T)],
    mistakes: &mut Mistakes,
) -> Option<Vec<T>> {
    let if_empty = "leave the field out for the default";
    array(node, path, if_empty, mistakes, |node, path, mistakes| {
        choice(node, path, words, mistakes)
    })
}

fn tenant_ids(node: &Node, path: &str, mistakes: &mut Mistakes) -> Option<Vec<TenantId>> {
    let if_empty = "it would accept no tenant";
    array(node, path, if_empty, mistakes, |node, path, mistakes| {
        parsed(node, path, mistakes, TenantId::parse)
    })
}

fn tenants(node: &Node, mistakes: &mut Mistakes) -> Option<TenantPolicy> {
    const MODES: [&str; 5] = ["single", "allow", "organizations", "common", "registry"];
    if let Node::Text(text) = node {
        let mode = MODES
            .iter()
            .find(|mode| **mode == text)
            .unwrap_or(&"single");
        mistakes.add(
            "tenants",
            format!("needs a table (object) with a mode, and is {node}: write {{\"mode\": {mode:?}, ...}}"),
        );
        return None;
    }
    let all = Fields::read(node, "tenants", &["mode", "tenant", "tenants"], mistakes)?;
    let words = MODES.map(|mode| (mode, mode));
    let mode = all
        .required("mode", mistakes)
        .and_then(|node| choice(node, "tenants.mode", &words, mistakes))?;
    // A list where anyone is accepted means that its author expected the list to count.
    let fits = match mode {
        "single" => "tenant",
        "allow" => "tenants",
        _ => "",
    };
    for name in ["tenant", "tenants"] {
        if name != fits && all.optional(name).is_some() {
            let path = all.path(name);
            mistakes.add(
                &path,
                format!("does not go with the mode {mode:?}: the mode \"single\" takes `tenant`, and \"allow\" takes `tenants`"),
            );
        }
    }
    match mode {
        "single" => {
            let tenant = all.required("tenant", mistakes)?;
            let tenant = parsed(tenant, "tenants.tenant", mistakes, TenantId::parse)?;
            Some(TenantPolicy::single(tenant))
        }
        "allow" => {
            let list = all.required("tenants", mistakes)?;
            let list = tenant_ids(list, "tenants.tenants", mistakes)?;
            TenantPolicy::allow_list(list).ok()
        }
        "organizations" => Some(TenantPolicy::any_work_or_school_tenant()),
        "common" => Some(TenantPolicy::any_tenant_including_personal_accounts()),
        _ => Some(TenantPolicy::registered()),
    }
}

fn callers(fields: &Fields<'_>, mistakes: &mut Mistakes) -> Option<Callers> {
    let kinds = fields.required("token_kinds", mistakes).and_then(|node| {
        let words = [("delegated", TokenKind::Delegated), ("app", TokenKind::App)];
        let if_empty = "name \"delegated\", \"app\" or both";
        array(
            node,
            "token_kinds",
            if_empty,
            mistakes,
            |node, path, mistakes| choice(node, path, &words, mistakes),
        )
    });
    let scopes = fields.optional("required_scopes_any").and_then(|node| {
        let if_empty = "it would ask users for nothing; leave the field out for any scope";
        array(
            node,
            "required_scopes_any",
            if_empty,
            mistakes,
            |node, path, mistakes| parsed(node, path, mistakes, Requirement::parse),
        )
    });
    let if_empty = "it would ask applications for nothing; leave the field out for any role";
    let roles = roles(fields, "required_roles_any", if_empty, mistakes);
    let if_empty = "it would ask users for nothing; leave the field out if users need no role";
    let user_roles = self::roles(fields, "required_user_roles_any", if_empty, mistakes);
    let roles_from = fields.optional("roles_assigned_in").and_then(|node| {
        let path = "roles_assigned_in";
        match node {
            Node::Array(_) => tenant_ids(node, path, mistakes).map(RolesFrom::Tenants),
            Node::Text(text) if text == "any" => Some(RolesFrom::AnyTenant),
            other => {
                mistakes.add(
                    path,
                    format!("needs an array of tenant ids or \"any\", and is {other}"),
                );
                None
            }
        }
    });
    let clients = fields.optional("allowed_clients").and_then(|node| {
        let if_empty = "it would accept no client; leave the field out, or null, for any";
        array(
            node,
            "allowed_clients",
            if_empty,
            mistakes,
            |node, path, mistakes| parsed(node, path, mistakes, ClientId::parse),
        )
    });
    let kinds = kinds?;
    for (set, name, kind, word, whose) in [
        (
            scopes.is_some(),
            "required_scopes_any",
            TokenKind::Delegated,
            "delegated",
            "users'",
        ),
        (
            roles.is_some(),
            "required_roles_any",
            TokenKind::App,
            "app",
            "applications'",
        ),
        (
            user_roles.is_some(),
            "required_user_roles_any",
            TokenKind::Delegated,
            "delegated",
            "users'",
        ),
        (
            roles_from.is_some() && user_roles.is_none(),
            "roles_assigned_in",
            TokenKind::App,
            "app",
            "applications'",
        ),
    ] {
        if set && !kinds.contains(&kind) {
            let instead = match name {
                "required_roles_any" => ": a role of users is `required_user_roles_any`",
                _ => "",
            };
            mistakes.add(
                name,
                format!("binds {whose} tokens only, and `token_kinds` has no {word:?}{instead}"),
            );
        }
    }
    Some(Callers {
        kinds,
        scopes,
        roles,
        user_roles,
        roles_from,
        clients,
    })
}

/// Names of app roles.
fn roles(
    fields: &Fields<'_>,
    name: &str,
    if_empty: &str,
    mistakes: &mut Mistakes,
) -> Option<Vec<String>> {
    let node = fields.optional(name)?;
    array(node, name, if_empty, mistakes, |node, path, mistakes| {
        parsed(node, path, mistakes, |text| match text.trim() {
            "" => Err("a role has a name"),
            _ => Ok(text.to_owned()),
        })
    })
}

impl Callers {
    /// One alternative per kind of token.
    fn requirement(self, mistakes: &mut Mistakes) -> Option<Requirement> {
        let clients = || {
            self.clients
                .iter()
                .map(|ids| Requirement::clients(ids.iter().copied()))
        };
        let mut alternatives = Vec::new();
        if self.kinds.contains(&TokenKind::Delegated) {
            let mut rules = vec![Requirement::delegated()];
            rules.extend(self.scopes.clone().map(Requirement::any_of));
            if let Some(roles) = &self.user_roles {
                let roles = roles.iter().map(Requirement::role_of_user);
                rules.push(Requirement::any_of(roles));
            }
            rules.extend(clients());
            alternatives.push(Requirement::all_of(rules));
        }
        if self.kinds.contains(&TokenKind::App) {
            let mut rules = vec![Requirement::app_only()];
            rules.extend(clients());
            match &self.roles {
                Some(roles) => rules.push(Requirement::any_of(roles.iter().map(Requirement::role))),
                None if self.clients.is_none() => rules.push(Requirement::any_role()),
                None => {}
            }
            alternatives.push(Requirement::all_of(rules));
        }
        let requirement = Requirement::any_of(alternatives);
        let requirement = match self.roles_from {
            Some(RolesFrom::AnyTenant) => requirement.assigned_in_any_tenant(),
            Some(RolesFrom::Tenants(tenants)) => requirement.assigned_in(tenants),
            None => requirement,
        };
        // Whose assignments count is checked where a guard is built.
        match requirement.check_satisfiable() {
            Ok(()) => Some(requirement),
            Err(error) => {
                mistakes.add("", error);
                None
            }
        }
    }
}
