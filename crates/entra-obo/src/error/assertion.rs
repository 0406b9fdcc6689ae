//! What is wrong with a user's token.

use std::fmt;

use foundry_scopes::TenantId;
use time::OffsetDateTime;

use super::entra::EntraError;

/// Why a user's token is not taken for an exchange.
///
/// What this crate finds itself comes before anything is sent; the rest is read from Entra
/// ID's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AssertionProblem {
    /// It has expired: the client has to bring a new one.
    Expired {
        /// When, if this crate found it and nothing was sent.
        at: Option<OffsetDateTime>,
    },
    /// It is for another API than this client (AADSTS500131).
    WrongAudience,
    /// It is an application's own and stands for no user (AADSTS7000114).
    AppOnly,
    /// It is an ID token (AADSTS240002).
    IdToken,
    /// It is of another tenant than the one that is asked. Nothing was sent.
    WrongTenant {
        /// The tenant of the user's token.
        assertion: TenantId,
        /// The tenant that the client asks.
        authority: TenantId,
    },
    /// Entra ID did not take it and does not say more.
    Refused,
}

impl AssertionProblem {
    /// The `suberror` decides where it says something; the number tells the rest.
    pub(super) fn of(answer: &EntraError) -> Self {
        if answer.suberror() == Some("token_expired") {
            return Self::Expired { at: None };
        }
        answer
            .codes()
            .iter()
            .find_map(|code| match code {
                500_133 => Some(Self::Expired { at: None }),
                500_131 => Some(Self::WrongAudience),
                7_000_114 | 90_083 => Some(Self::AppOnly),
                240_002 => Some(Self::IdToken),
                _ => None,
            })
            .unwrap_or(Self::Refused)
    }

    /// What to do, in one sentence.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Expired { .. } => "answer 401, so that the client refreshes its token",
            Self::WrongAudience => "the client asks for a scope of this API",
            Self::AppOnly => "use client credentials when the caller is an application",
            Self::IdToken => "the client sends its access token, not its ID token",
            Self::WrongTenant { .. } => {
                "use for_tenant with the tenant of the user's token, if that tenant is meant to be served"
            }
            Self::Refused => "answer 401, so that the client gets a new token for this API",
        }
    }
}

impl fmt::Display for AssertionProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired { at: Some(at) } => write!(f, "it expired at {at}"),
            Self::Expired { at: None } => f.write_str("it has expired"),
            Self::WrongAudience => f.write_str("it is for another API than this client"),
            Self::AppOnly => f.write_str("it is an application's own and stands for no user"),
            Self::IdToken => f.write_str("it is an ID token"),
            Self::WrongTenant {
                assertion,
                authority,
            } => write!(
                f,
                "it is of tenant {assertion} and this client asks tenant {authority}"
            ),
            Self::Refused => f.write_str("Entra ID did not take it"),
        }
    }
}
