//! Reasons for which a context is refused, in the order in which they are found.

use std::fmt;
use std::time::Duration;

use entra_claims::PrincipalKey;

use crate::agent::AgentId;

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident => $code:literal, $text:literal;)*) => {
        /// Why a context was refused or not issued. The order of the variants is the order of the checks: of two
        /// problems the earlier one is named.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum ContextReason {
            $($(#[$doc])* $name,)*
        }

        impl ContextReason {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// A stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            /// A fixed sentence.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

reasons! {
    /// The access token is a user's: an agent sends its own.
    NotAppOnly => "agent_token_required", "a context goes with the agent's own app-only token";
    /// The agent was not assigned the right to speak for users here.
    AgentNotAdmitted => "agent_not_admitted", "the agent may not speak for users here";
    /// The route needs a context.
    Missing => "context_missing", "this needs a user context";
    /// More than one context was sent.
    Repeated => "context_repeated", "a user context is sent once";
    /// The route takes no context.
    NotTaken => "context_not_taken", "a user context is not taken here";
    /// Longer than 4 KiB.
    TooLong => "context_too_long", "the user context is too long";
    /// Not three parts of base64url.
    Malformed => "context_malformed", "the user context is malformed";
    /// The header is not a JSON object whose members are texts and there once.
    MalformedHeader => "header_malformed", "the user context's header is malformed";
    /// `typ` is another one.
    WrongType => "wrong_type", "this is no user context";
    /// `alg` is not a configured one.
    AlgorithmNotAllowed => "algorithm_not_allowed", "the user context's algorithm is not taken here";
    /// No `kid`.
    NoKeyId => "no_key_id", "the user context names no key";
    /// A member that hints at a key or changes what is signed.
    ForbiddenHeaderMember => "forbidden_header_member", "the user context's header has a member that it must not have";
    /// The issuer is not configured.
    UnknownIssuer => "unknown_issuer", "the user context's issuer is not trusted here";
    /// The issuer's keys cannot be had.
    KeysUnavailable => "keys_unavailable", "the issuer's keys cannot be had at the moment";
    /// The issuer has no such key.
    UnknownKey => "unknown_key", "the user context's key is not known";
    /// The key is for another algorithm.
    KeyUnfit => "key_unfit", "the user context's key is for another algorithm";
    /// The signature is not the key's.
    BadSignature => "bad_signature", "the user context's signature is not valid";
    /// Not a JSON object, a member twice, or a wrong type.
    MalformedClaims => "claims_malformed", "the user context's claims are malformed";
    /// A claim is missing.
    MissingClaim => "claim_missing", "the user context lacks a claim";
    /// The issuer may not speak of this agent.
    IssuerNotForAgent => "issuer_not_for_agent", "the user context's issuer may not speak of this agent";
    /// For another API.
    WrongAudience => "wrong_audience", "the user context is for another API";
    /// `iat` is in the future.
    IssuedInFuture => "issued_in_future", "the user context is not valid yet";
    /// `exp` is over.
    Expired => "expired", "the user context has expired";
    /// Longer than a context may live.
    LivesTooLong => "lives_too_long", "the user context lives too long";
    /// Issued for another agent.
    WrongAgent => "wrong_agent", "the user context is another agent's";
    /// Bound to another access token.
    WrongAccessToken => "wrong_access_token", "the user context goes with another access token";
    /// Not bound to an access token, which is required here.
    NotBoundToToken => "not_bound_to_token", "the user context has to be bound to the access token";
    /// Bound to another request, or to one although requests are not compared here.
    WrongRequest => "wrong_request", "the user context is for another request";
    /// The user is not named by two GUIDs.
    MalformedSubject => "subject_malformed", "the user context names no user";
    /// The user is of a tenant that is not accepted.
    SubjectOfOtherTenant => "subject_of_other_tenant", "the user is of another tenant";
    /// The user is the agent itself.
    SubjectIsAgent => "subject_is_agent", "the user context names the agent as its user";
    /// Seen before, where a context is good for one request.
    Replayed => "replayed", "the user context was used before";
    /// Whether it was seen before cannot be said.
    ReplayUndecided => "replay_undecided", "whether the user context was used before cannot be said at the moment";
    /// The context's scope does not cover the operation.
    ScopeMissing => "scope_missing", "the user context does not cover this";
    /// The agent's own token does not permit the operation.
    AgentNotPermitted => "agent_not_permitted", "the agent may not do this";
    /// This API does not know the user.
    UnknownUser => "unknown_user", "the user is not known here";
    /// The user may not do it.
    UserNotPermitted => "user_not_permitted", "the user may not do this";
    /// What the user may do cannot be said.
    UserUndecided => "user_undecided", "what the user may do cannot be said at the moment";
    /// Issuer: the token is no person's.
    UserRequired => "user_required", "a turn begins with a person's own token";
    /// Issuer: the agent is not configured.
    AgentNotListed => "agent_not_listed", "this agent gets no user contexts";
    /// Issuer: the chain of agents is too long.
    ChainTooLong => "chain_too_long", "the chain of agents is too long";
    /// Issuer: no scope was asked for, or one that the turn does not have.
    ScopeNotInTurn => "scope_not_in_turn", "the scope is not part of this turn";
    /// Issuer: the turn is over.
    TurnOver => "turn_over", "the turn is over";
    /// Issuer: the user's session has ended.
    SessionEnded => "session_ended", "the user's session has ended";
    /// Issuer: whether the session lasts cannot be said.
    SessionUndecided => "session_undecided", "whether the user's session lasts cannot be said at the moment";
    /// Issuer: no signature can be had.
    NotSigned => "not_signed", "no user context can be signed at the moment";
}

impl ContextReason {
    /// After which time to ask again, where nothing was decided.
    #[must_use]
    pub const fn retry_after(self) -> Option<Duration> {
        match self {
            Self::KeysUnavailable
            | Self::ReplayUndecided
            | Self::UserUndecided
            | Self::SessionUndecided
            | Self::NotSigned => Some(Duration::from_secs(1)),
            _ => None,
        }
    }
}

/// A refused context: the reason, and for the log whose it was. It holds nothing of the context itself.
#[derive(Clone, PartialEq, Eq)]
pub struct ContextRefusal(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    reason: ContextReason,
    agent: Option<AgentId>,
    /// Known once the signature held.
    user: Option<PrincipalKey>,
    /// The beginning of a hash of `jti`, to find the same context again.
    context: Option<u64>,
}

impl ContextRefusal {
    pub(crate) fn new(reason: ContextReason) -> Self {
        Self(Box::new(Inner {
            reason,
            agent: None,
            user: None,
            context: None,
        }))
    }

    pub(crate) fn of_agent(mut self, agent: AgentId) -> Self {
        self.0.agent = Some(agent);
        self
    }

    pub(crate) fn of_user(mut self, user: Option<PrincipalKey>, context: u64) -> Self {
        self.0.user = user;
        self.0.context = Some(context);
        self
    }

    /// Why.
    #[must_use]
    pub fn reason(&self) -> ContextReason {
        self.0.reason
    }

    /// The reason's stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.reason.code()
    }

    /// A line for the log: agent, user and a hash of the context's id, as far as they are known. Ids only.
    #[must_use]
    pub fn explain(&self) -> String {
        let mut line = self.0.reason.text().to_owned();
        if let Some(agent) = self.0.agent {
            line.push_str(&format!("; agent {agent}"));
        }
        if let Some(user) = self.0.user {
            line.push_str(&format!("; user {}/{}", user.tenant, user.object));
        }
        if let Some(context) = self.0.context {
            line.push_str(&format!("; context {context:016x}"));
        }
        line
    }
}

impl From<ContextReason> for ContextRefusal {
    fn from(reason: ContextReason) -> Self {
        Self::new(reason)
    }
}

impl fmt::Display for ContextRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.reason.text())
    }
}

impl fmt::Debug for ContextRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContextRefusal({})", self.code())
    }
}

impl std::error::Error for ContextRefusal {}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::ContextReason;

    #[test]
    fn codes_are_unique_words_in_the_order_of_the_checks() {
        let codes: HashSet<_> = ContextReason::ALL
            .iter()
            .map(|reason| reason.code())
            .collect();
        assert_eq!(codes.len(), ContextReason::ALL.len());
        assert!(
            codes
                .iter()
                .all(|code| code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
        );
        assert!(ContextReason::ALL.is_sorted());
    }
}
