//! Kinds of callers: user, application, agent, and the evidence for each.

use crate::claims::{Claims, MarkClaim};

/// Who acts (Entra docs "Token claims reference for agent identities" and "Secure
/// applications and APIs by validating claims").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PrincipalKind {
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
    /// A person, through a public client that is registered as an agent identity: a local agent,
    /// or a client with a client ID metadata document. Nothing but the person's own sign-in is
    /// behind the token, as with any public client, and no blueprint vouches for the client.
    UserThroughAgentClient,
}

impl PrincipalKind {
    /// Whether the token carries delegated permissions of a user account.
    #[must_use]
    pub const fn is_delegated(self) -> bool {
        match self {
            Self::User
            | Self::AgentForUser
            | Self::AgentUserAccount
            | Self::UserThroughAgentClient => true,
            Self::App | Self::Agent => false,
        }
    }

    /// A word for logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::App => "app",
            Self::Agent => "agent",
            Self::AgentForUser => "agent-for-user",
            Self::AgentUserAccount => "agent-user-account",
            Self::UserThroughAgentClient => "user-through-agent-client",
        }
    }
}

/// What the token says about agents being involved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "yes, no, cannot tell")]
pub enum AgentEvidence {
    /// The token says that an agent identity is involved.
    Agent,
    /// The token says what the client is, and it is no agent identity.
    NotAgent,
    /// The token says nothing readable. Custom APIs get the agent claims only when their
    /// registration lists them as optional claims, so this is never "no agent".
    Unknown,
}

/// Claims that cannot be true together, or that leave the kind open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unclear {
    Contradiction(&'static str),
    Nothing(&'static str),
}

/// What shows that the claims are an ID token's and not an access token's.
///
/// ID tokens have the same keys, issuer, `typ` and, for a v2 API that is its own client,
/// the same audience. They carry a hash of what was issued beside them, or no client. A
/// `nonce` alone decides nothing: it is not reserved for ID tokens.
pub(crate) fn id_token_mark(claims: &Claims) -> Option<&'static str> {
    let hash = [MarkClaim::CodeHash, MarkClaim::AccessTokenHash]
        .into_iter()
        .find(|mark| claims.has(*mark));
    match hash {
        Some(mark) => Some(mark.name()),
        None if claims.azp_or_appid().is_none() => Some("neither azp nor appid"),
        None => None,
    }
}

pub(crate) fn classify(claims: &Claims) -> Result<(PrincipalKind, AgentEvidence), Unclear> {
    let delegated = is_delegated(claims)?;
    let actor = claims.actor_facets();
    let subject = claims.subject_facets();
    let subject_is = |facet| subject.is_some_and(|set| set.contains(facet));
    let agent_user = subject_is(crate::claims::Facets::AGENT_USER);
    let agent_subject = subject_is(crate::claims::Facets::AGENT_IDENTITY);
    if agent_user && !delegated {
        return Err(Unclear::Contradiction(
            "an app-only token whose subject is an agent's user account",
        ));
    }
    if agent_subject && delegated {
        return Err(Unclear::Contradiction(
            "a delegated token whose subject is an agent identity",
        ));
    }
    let agent_actor = actor.is_some_and(|set| set.contains(crate::claims::Facets::AGENT_IDENTITY))
        || claims.parent_app().is_some();
    let evidence = if agent_actor || agent_subject || agent_user {
        AgentEvidence::Agent
    } else if actor.is_some() && (subject.is_some() || !claims.says_subject_facets()) {
        AgentEvidence::NotAgent
    } else {
        AgentEvidence::Unknown
    };
    let kind = match (delegated, agent_user, agent_actor || agent_subject) {
        (true, true, _) => PrincipalKind::AgentUserAccount,
        // Only what the token says counts: without the claim it is a confidential client.
        (true, false, true) if claims.is_of_public_client() => {
            PrincipalKind::UserThroughAgentClient
        }
        (true, false, true) => PrincipalKind::AgentForUser,
        (true, false, false) => PrincipalKind::User,
        (false, _, true) => PrincipalKind::Agent,
        (false, _, false) => PrincipalKind::App,
    };
    Ok((kind, evidence))
}

/// `idtyp` decides where it is there; else a scope makes a delegated token, and without
/// one only a subject that is the object itself makes an app-only token.
fn is_delegated(claims: &Claims) -> Result<bool, Unclear> {
    let has_scope = claims.scopes().next().is_some();
    match claims.idtyp() {
        Some("app") if has_scope => Err(Unclear::Contradiction(
            "`idtyp` says app and `scp` holds delegated scopes",
        )),
        Some("app") => Ok(false),
        Some("user") if has_scope => Ok(true),
        Some("user") => Err(Unclear::Nothing(
            "`idtyp` says user and `scp` holds no scope",
        )),
        // `device` is documented, and there may be others; what says no app is not one. A
        // second reader that folds case would take `App` for one.
        Some(other) if has_scope && !other.eq_ignore_ascii_case("app") => Ok(true),
        Some(_) => Err(Unclear::Nothing("`idtyp` is neither app nor user")),
        None if has_scope => Ok(true),
        None if claims.sub().is_some() && claims.sub() == claims.oid() => Ok(false),
        None => Err(Unclear::Nothing(
            "no scope in `scp`, no `idtyp`, and `sub` is not `oid`",
        )),
    }
}
