//! Requirements against a plain evaluation: what is chosen of each alternative, and whether
//! all of that is held.

use entra_claims::{
    PrincipalKind, Reason, Rejection, RejectionClass, Requirement, ResolvedGroups, VerifiedToken,
    dangerous,
};
use foundry_scopes::{ClientId, ObjectId, ScopeName};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{cases, unsigned};
use crate::support::{API, CLIENT, app, user, with};

#[derive(Clone, Debug)]
enum Rule {
    Scope(&'static str),
    Role(&'static str),
    AnyRole,
    UserRole(&'static str),
    Clients(Vec<&'static str>),
    Delegated,
    AppOnly,
    Kinds(Vec<PrincipalKind>),
    Group(u128),
    Context(&'static str),
    Any(Vec<Rule>),
    All(Vec<Rule>),
}

impl Rule {
    fn build(&self) -> Requirement {
        let all = |rules: &[Self]| rules.iter().map(Self::build).collect::<Vec<_>>();
        match self {
            Self::Scope(name) => Requirement::scope(ScopeName::parse(name).unwrap()),
            Self::Role(name) => Requirement::role(*name),
            Self::AnyRole => Requirement::any_role(),
            Self::UserRole(name) => Requirement::role_of_user(*name),
            Self::Clients(ids) => {
                Requirement::clients(ids.iter().map(|id| ClientId::parse(id).unwrap()))
            }
            Self::Delegated => Requirement::delegated(),
            Self::AppOnly => Requirement::app_only(),
            Self::Kinds(kinds) => Requirement::kinds(kinds.iter().copied()),
            Self::Group(id) => Requirement::group(ObjectId::from_u128(*id)),
            Self::Context(id) => Requirement::auth_context(*id),
            Self::Any(rules) => Requirement::any_of(all(rules)),
            Self::All(rules) => Requirement::all_of(all(rules)),
        }
    }

    /// Every way to meet the rule: the simple rules that have to hold together.
    fn ways(&self) -> Vec<Vec<&Self>> {
        match self {
            Self::Any(rules) => rules.iter().flat_map(Self::ways).collect(),
            // A rule that asks for nothing is met by nobody.
            Self::All(rules) if rules.is_empty() => vec![],
            Self::All(rules) => {
                let mut ways: Vec<Vec<&Self>> = vec![vec![]];
                for rule in rules {
                    let more = rule.ways();
                    ways = ways
                        .iter()
                        .flat_map(|way| more.iter().map(|next| [&way[..], &next[..]].concat()))
                        .collect();
                }
                ways
            }
            simple => vec![vec![simple]],
        }
    }
}

#[derive(Clone, Debug)]
struct Caller {
    kind: PrincipalKind,
    scopes: Vec<&'static str>,
    roles: Vec<&'static str>,
    contexts: Vec<&'static str>,
    /// `None`: more than the token holds.
    groups: Option<Vec<u128>>,
}

impl Caller {
    fn token(&self) -> VerifiedToken {
        let delegated = self.kind.is_delegated();
        let (actor, subject) = match self.kind {
            PrincipalKind::Agent => ("11", "11"),
            PrincipalKind::AgentForUser | PrincipalKind::UserThroughAgentClient => ("11", "3"),
            PrincipalKind::AgentUserAccount => ("11", "13"),
            _ => ("3", "3"),
        };
        let agent = self.kind == PrincipalKind::AgentForUser;
        let proof = if agent { "2" } else { "0" };
        let scp = if delegated {
            json!(self.scopes.join(" "))
        } else {
            Value::Null
        };
        let id = |group: &u128| ObjectId::from_u128(*group).to_string();
        let groups = self.groups.as_ref();
        let list = groups.map(|groups| groups.iter().map(id).collect::<Vec<_>>());
        let claims = with(
            &if delegated { user() } else { app() },
            &[
                ("scp", scp),
                ("azpacr", json!(proof)),
                ("roles", json!(self.roles)),
                ("acrs", json!(self.contexts)),
                ("groups", json!(list)),
                (
                    "hasgroups",
                    if list.is_none() {
                        json!(true)
                    } else {
                        Value::Null
                    },
                ),
                ("xms_act_fct", json!(actor)),
                ("xms_sub_fct", json!(subject)),
            ],
        );
        dangerous::assume_verified(&unsigned(&claims)).unwrap()
    }

    /// Whether this caller meets a simple rule, if groups that are not known are `unknown`.
    fn holds(&self, rule: &Rule, unknown: bool) -> bool {
        let delegated = self.kind.is_delegated();
        match rule {
            Rule::Scope(name) => delegated && self.scopes.contains(name),
            Rule::Role(name) => !delegated && self.roles.contains(name),
            Rule::AnyRole => !delegated && !self.roles.is_empty(),
            Rule::UserRole(name) => delegated && self.roles.contains(name),
            Rule::Clients(ids) => ids.contains(&CLIENT),
            Rule::Delegated => delegated,
            Rule::AppOnly => !delegated,
            Rule::Kinds(kinds) => kinds.contains(&self.kind),
            Rule::Group(id) => {
                delegated
                    && self
                        .groups
                        .as_ref()
                        .map_or(unknown, |groups| groups.contains(id))
            }
            Rule::Context(id) => self.contexts.contains(id),
            Rule::Any(_) | Rule::All(_) => panic!("no simple rule"),
        }
    }

    /// Whether the caller meets it in some way, and, on its own, holds what admits it.
    fn meets(&self, rule: &Rule, unknown: bool) -> (bool, bool) {
        let ways = rule.ways();
        let met: Vec<_> = ways
            .iter()
            .filter(|way| way.iter().all(|rule| self.holds(rule, unknown)))
            .collect();
        let admits =
            |rule: &&Rule| matches!(rule, Rule::Role(_) | Rule::AnyRole | Rule::Clients(_));
        let admitted = self.kind.is_delegated() || met.iter().any(|way| way.iter().any(admits));
        (!met.is_empty(), admitted)
    }
}

const NAMES: [&str; 3] = ["a", "b", "c"];
const KINDS: [PrincipalKind; 6] = [
    PrincipalKind::User,
    PrincipalKind::App,
    PrincipalKind::Agent,
    PrincipalKind::AgentForUser,
    PrincipalKind::AgentUserAccount,
    PrincipalKind::UserThroughAgentClient,
];

fn name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&NAMES[..])
}

fn rule() -> impl Strategy<Value = Rule> {
    let simple = prop_oneof![
        name().prop_map(Rule::Scope),
        name().prop_map(Rule::Role),
        Just(Rule::AnyRole),
        name().prop_map(Rule::UserRole),
        prop::sample::subsequence(vec![CLIENT, API], 0..=2).prop_map(Rule::Clients),
        Just(Rule::Delegated),
        Just(Rule::AppOnly),
        prop::sample::subsequence(KINDS.to_vec(), 0..=3).prop_map(Rule::Kinds),
        (1..4_u128).prop_map(Rule::Group),
        name().prop_map(Rule::Context),
    ];
    simple.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Rule::Any),
            prop::collection::vec(inner, 0..4).prop_map(Rule::All),
        ]
    })
}

fn caller() -> impl Strategy<Value = Caller> {
    let names = || prop::sample::subsequence(NAMES.to_vec(), 0..=3);
    let groups = prop::option::of(prop::sample::subsequence(vec![1_u128, 2, 3], 0..=3));
    let kind = prop::sample::select(&KINDS[..]);
    (kind, names(), names(), names(), groups).prop_map(
        |(kind, mut scopes, roles, contexts, groups)| {
            // Without a scope a user's token is none.
            scopes.push("always");
            Caller {
                kind,
                scopes,
                roles,
                contexts,
                groups,
            }
        },
    )
}

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn a_rule_lets_in_whom_the_plain_evaluation_lets_in(rule in rule(), caller in caller()) {
        let requirement = rule.build();
        let token = caller.token();
        let outcome = requirement.check(&token).err();
        let reason = outcome.as_ref().map(Rejection::reason);
        let (without, with) = (caller.meets(&rule, false), caller.meets(&rule, true));
        match (without, with) {
            ((true, admitted), _) => {
                let expected = (!admitted).then_some(Reason::AppNotAdmitted);
                prop_assert_eq!(reason, expected, "{}", requirement);
            }
            // The groups that the token does not hold would decide.
            ((false, _), (true, _)) => {
                prop_assert_eq!(reason, Some(Reason::GroupsUnknown), "{}", requirement);
            }
            ((false, _), (false, _)) => {
                let refusal = outcome.unwrap();
                prop_assert_eq!(refusal.class(), RejectionClass::Forbidden, "{}", requirement);
                prop_assert_ne!(refusal.reason(), Reason::AppNotAdmitted);
            }
        }
        // Asked for elsewhere, groups decide as if the token listed them, and only where it
        // does not.
        let known = Caller {
            groups: caller.groups.clone().or(Some(vec![1, 3])),
            ..caller.clone()
        };
        let groups = [1, 3].map(ObjectId::from_u128);
        let groups = ResolvedGroups::new(token.principal().key(), groups);
        let resolved = requirement.check_with_groups(&token, &groups);
        prop_assert_eq!(resolved.is_ok(), known.meets(&rule, false) == (true, true));
        // Whoever is let in needs no more scopes; and what is asked for is named in the rule.
        let missing = requirement.missing_scopes(&token);
        if without == (true, true) {
            prop_assert!(missing.is_empty(), "{}", requirement);
        }
        let named = requirement.scopes();
        prop_assert!(missing.iter().all(|scope| named.contains(&scope)));
    }
}
