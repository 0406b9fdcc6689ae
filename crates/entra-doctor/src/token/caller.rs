//! What kind of caller it seems to be.

use entra_claims::{Claims, Facets};

/// What the claims of a token suggest about the caller. A guess: nothing was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallerKind {
    /// A person, through a client application.
    User,
    /// An application on its own.
    App,
    /// An agent identity on its own.
    Agent,
    /// A person, through an agent identity.
    AgentForUser,
    /// An agent's own user account.
    AgentUserAccount,
    /// An ID token: it tells a client who signed in and opens no API.
    IdToken,
    /// The claims do not tell, or contradict each other.
    Unclear,
}

impl CallerKind {
    /// The word for machines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::App => "app",
            Self::Agent => "agent",
            Self::AgentForUser => "agent-for-user",
            Self::AgentUserAccount => "agent-user-account",
            Self::IdToken => "id-token",
            Self::Unclear => "unclear",
        }
    }

    pub(super) const fn in_words(self) -> &'static str {
        match self {
            Self::User => "It looks like a user's access token",
            Self::App => "It looks like an application's own access token, without a user",
            Self::Agent => "It looks like an agent identity's own access token, without a user",
            Self::AgentForUser => {
                "It looks like an access token of a user who acts through an agent"
            }
            Self::AgentUserAccount => {
                "It looks like an access token of an agent's own user account"
            }
            Self::IdToken => "It looks like an ID token, which opens no API",
            Self::Unclear => "The claims do not tell what kind of token it is",
        }
    }
}

/// The kind, and which claim decided.
pub(super) fn guess(claims: &Claims) -> (CallerKind, &'static str) {
    let has = |name| claims.get(name).is_some();
    if has("c_hash") || has("at_hash") {
        return (
            CallerKind::IdToken,
            "`c_hash` and `at_hash` stand in ID tokens only",
        );
    }
    let has_scope = claims.scopes().next().is_some();
    let is_app = claims.sub().is_some() && claims.sub() == claims.oid();
    if claims.azp_or_appid().is_none() && !has_scope {
        return (
            CallerKind::IdToken,
            "there is neither `azp` nor `appid`, and no scope",
        );
    }
    let subject_is = |facet| {
        claims
            .subject_facets()
            .is_some_and(|set| set.contains(facet))
    };
    let agent = claims
        .actor_facets()
        .is_some_and(|set| set.contains(Facets::AGENT_IDENTITY))
        || subject_is(Facets::AGENT_IDENTITY)
        || claims.parent_app().is_some();
    if has_scope && subject_is(Facets::AGENT_IDENTITY) {
        let because = "`scp` holds scopes of a user, and `xms_sub_fct` names an agent identity";
        return (CallerKind::Unclear, because);
    }
    if !has_scope && subject_is(Facets::AGENT_USER) {
        let because = "`xms_sub_fct` names a user account, and there is no scope";
        return (CallerKind::Unclear, because);
    }
    match (claims.idtyp(), has_scope) {
        (Some("app"), true) => (
            CallerKind::Unclear,
            "`idtyp` says app, and `scp` holds scopes of a user",
        ),
        (Some("app"), false) if agent => (
            CallerKind::Agent,
            "`idtyp` says app, and an agent claim is there",
        ),
        (Some("app"), false) => (CallerKind::App, "`idtyp` says app"),
        (Some("user") | None, true) if subject_is(Facets::AGENT_USER) => (
            CallerKind::AgentUserAccount,
            "`xms_sub_fct` names an agent's user account",
        ),
        (Some("user") | None, true) if agent => (
            CallerKind::AgentForUser,
            "`scp` holds scopes, and an agent claim is there",
        ),
        (Some("user") | None, true) => (CallerKind::User, "`scp` holds scopes"),
        (None, false) if is_app && agent => (
            CallerKind::Agent,
            "no scope, `sub` is `oid`, and an agent claim is there",
        ),
        (None, false) if is_app => (CallerKind::App, "there is no scope, and `sub` is `oid`"),
        _ => (
            CallerKind::Unclear,
            "`idtyp`, `scp`, `sub` and `oid` do not settle it",
        ),
    }
}
