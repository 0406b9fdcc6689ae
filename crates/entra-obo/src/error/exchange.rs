//! Why there is no token.

use std::sync::Arc;

use entra_claims::transport::TransportError;
use time::OffsetDateTime;

use super::assertion::AssertionProblem;
use super::consent::Consent;
use super::credential::CredentialProblem;
use super::entra::EntraError;
use super::kind::{ErrorKind, NextStep};
use super::remedy;
use crate::challenge::ClaimsChallenge;
use crate::credential::CredentialError;

/// Why an exchange gave no token: the variant says what to do.
///
/// Most callers ask [`next`](Self::next) and nothing else. Where Entra ID answered, the
/// answer is there whole ([`entra`](Self::entra)). Cloning copies pointers: the same
/// failure goes to everyone who waited for it. `Display` and `Debug` are safe to log.
///
/// ```
/// use entra_obo::{EntraError, ExchangeError, NextStep};
/// use time::OffsetDateTime;
///
/// let body = br#"{"error":"invalid_client","error_codes":[7000222],"correlation_id":"c-1"}"#;
/// let answer = EntraError::from_response(401, None, body, OffsetDateTime::UNIX_EPOCH);
/// let error = ExchangeError::from(answer);
///
/// assert!(matches!(error, ExchangeError::Credential { .. }));
/// assert_eq!(error.next(), NextStep::FixConfiguration);
/// assert_eq!(error.remedy(), "create a new secret and configure its value");
/// assert_eq!(
///     error.to_string(),
///     "Entra ID answered invalid_client, AADSTS7000222: the client secret has expired (correlation id c-1)"
/// );
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExchangeError {
    /// Nobody has granted the permission yet: send somebody to a consent page.
    #[error("{answer}")]
    ConsentNeeded {
        /// What has to be consented to, by whom, and where. `None` for an answer that was
        /// read by itself ([`From<EntraError>`]).
        consent: Option<Consent>,
        /// What Entra ID said.
        answer: EntraError,
    },
    /// The user has to sign in, with the claims where there are some: pass them on to the
    /// client byte for byte.
    #[error("{answer}")]
    InteractionNeeded {
        /// The claims challenge.
        claims: Option<ClaimsChallenge>,
        /// What Entra ID said.
        answer: EntraError,
    },
    /// The user's token is not taken: have the client bring another one.
    #[error("{}", rejected(.problem, .answer.as_ref()))]
    AssertionRejected {
        /// What is wrong with it.
        problem: AssertionProblem,
        /// What Entra ID said; `None` where nothing was sent.
        answer: Option<EntraError>,
    },
    /// The client's own credential is not taken, or gives no proof: renew or correct it.
    #[error("{}", unauthenticated(.problem, .answer.as_ref()))]
    Credential {
        /// Which, and who has to act.
        problem: CredentialProblem,
        /// What Entra ID said; `None` where nothing was sent.
        answer: Option<EntraError>,
        /// Why no proof could be made.
        #[source]
        source: Option<Arc<CredentialError>>,
    },
    /// Entra ID asked for patience, with this user or this application: ask again later.
    #[error("requests are held back until {until}, as Entra ID asked")]
    Throttled {
        /// When to ask again.
        until: OffsetDateTime,
        /// The answer that said so; `None` where an earlier one did and nothing was sent.
        answer: Option<EntraError>,
    },
    /// The endpoint failed in a way that passes: ask again later.
    #[error("{answer}")]
    Transient {
        /// When it is worth trying again.
        retry_at: OffsetDateTime,
        /// What Entra ID said.
        answer: EntraError,
    },
    /// A policy, an assignment or the state of an account forbids it: give up.
    #[error("{0}")]
    Denied(EntraError),
    /// Entra ID calls the request or the registration wrong: correct it.
    #[error("{0}")]
    InvalidRequest(EntraError),
    /// The client cannot work as it is set up: correct it. Nothing was sent.
    #[error("the exchange client is set up wrongly: {reason}")]
    Configuration {
        /// What is wrong.
        reason: &'static str,
    },
    /// The endpoint's answer is neither a usable token nor an error that can be read: what
    /// answers is not Entra ID, or not as documented.
    #[error(
        "the token endpoint gave an answer that cannot be used: {status}, {reason} (client-request-id {request_id})"
    )]
    Unintelligible {
        /// The HTTP status.
        status: u16,
        /// What is wrong with the answer.
        reason: &'static str,
        /// The id the request carried.
        request_id: String,
    },
    /// The endpoint could not be reached or did not answer: ask again later.
    #[error("the token endpoint could not be reached (client-request-id {request_id})")]
    Unreachable {
        /// Why, without any address.
        #[source]
        source: TransportError,
        /// The id the request carried, as the sign-in logs show it if it arrived.
        request_id: String,
        /// When it is worth trying again.
        retry_at: OffsetDateTime,
    },
    /// The endpoint of a managed identity answered, and neither with a token nor with an
    /// error of Entra ID.
    #[error("the managed identity endpoint answered {status}: {hint}")]
    ManagedIdentity {
        /// The HTTP status.
        status: u16,
        /// What that means there.
        hint: &'static str,
        /// When it is worth trying again, if it is.
        retry_at: Option<OffsetDateTime>,
    },
    /// The endpoint of a managed identity could not be reached or did not answer.
    #[error("the managed identity endpoint could not be reached; outside of Azure there is none")]
    ManagedIdentityUnreachable {
        /// Why.
        #[source]
        source: TransportError,
        /// When it is worth trying again.
        retry_at: OffsetDateTime,
    },
    /// The work behind the request ended without an answer, several times, or was ended after
    /// five minutes because something in it hangs.
    #[error("the exchange was interrupted, as when a runtime shuts down or a callback hangs")]
    Interrupted {
        /// When it is worth trying again.
        retry_at: OffsetDateTime,
    },
}

fn rejected(problem: &AssertionProblem, answer: Option<&EntraError>) -> String {
    match answer {
        Some(answer) => answer.to_string(),
        None => format!("the user's token cannot be exchanged: {problem}"),
    }
}

fn unauthenticated(problem: &CredentialProblem, answer: Option<&EntraError>) -> String {
    match answer {
        Some(answer) => answer.to_string(),
        None => format!("the client cannot authenticate with its {problem}"),
    }
}

impl ExchangeError {
    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::ConsentNeeded { .. } => ErrorKind::Consent,
            Self::InteractionNeeded { claims, .. } => match claims {
                Some(_) => ErrorKind::ClaimsChallenge,
                None => ErrorKind::Interaction,
            },
            Self::AssertionRejected { .. } => ErrorKind::Assertion,
            Self::Credential { .. } => ErrorKind::Credential,
            Self::Throttled { .. } => ErrorKind::Throttled,
            Self::Transient { .. } | Self::Interrupted { .. } => ErrorKind::Transient,
            Self::Denied(_) => ErrorKind::Denied,
            Self::InvalidRequest(_) | Self::Configuration { .. } => ErrorKind::Configuration,
            Self::Unreachable { .. } | Self::ManagedIdentityUnreachable { .. } => {
                ErrorKind::Unreachable
            }
            Self::Unintelligible { .. } | Self::ManagedIdentity { status: 200, .. } => {
                ErrorKind::Unintelligible
            }
            Self::ManagedIdentity { retry_at, .. } => match retry_at {
                Some(_) => ErrorKind::Transient,
                None => ErrorKind::Configuration,
            },
        }
    }

    /// What to do next.
    #[must_use]
    pub fn next(&self) -> NextStep {
        match self {
            Self::ConsentNeeded { .. } => NextStep::AskConsent,
            Self::InteractionNeeded {
                claims: Some(_), ..
            } => NextStep::PassOnClaims,
            Self::InteractionNeeded { .. } => NextStep::SignInAgain,
            Self::AssertionRejected {
                answer: Some(answer),
                ..
            } => answer.next(),
            Self::AssertionRejected { problem, .. } => match problem {
                AssertionProblem::Expired { .. } => NextStep::SignInAgain,
                _ => NextStep::FixConfiguration,
            },
            Self::Credential { .. } | Self::InvalidRequest(_) | Self::Configuration { .. } => {
                NextStep::FixConfiguration
            }
            Self::Throttled { until, .. } => NextStep::RetryAt(*until),
            Self::Unreachable {
                source: TransportError::NotHttps | TransportError::Setup,
                ..
            }
            | Self::ManagedIdentityUnreachable {
                source: TransportError::NotHttps | TransportError::Setup,
                ..
            } => NextStep::FixConfiguration,
            Self::Transient { retry_at, .. }
            | Self::Unreachable { retry_at, .. }
            | Self::ManagedIdentityUnreachable { retry_at, .. }
            | Self::Interrupted { retry_at } => NextStep::RetryAt(*retry_at),
            Self::ManagedIdentity { status: 200, .. } => NextStep::Unrecoverable,
            Self::ManagedIdentity { retry_at, .. } => {
                retry_at.map_or(NextStep::FixConfiguration, NextStep::RetryAt)
            }
            Self::Denied(_) => NextStep::Denied,
            Self::Unintelligible { .. } => NextStep::Unrecoverable,
        }
    }

    /// What the endpoint answered, if it is an answer that can be read.
    #[must_use]
    pub fn entra(&self) -> Option<&EntraError> {
        match self {
            Self::ConsentNeeded { answer, .. }
            | Self::InteractionNeeded { answer, .. }
            | Self::Transient { answer, .. }
            | Self::Denied(answer)
            | Self::InvalidRequest(answer) => Some(answer),
            Self::AssertionRejected { answer, .. }
            | Self::Credential { answer, .. }
            | Self::Throttled { answer, .. } => answer.as_ref(),
            _ => None,
        }
    }

    /// What has to be consented to, by whom, and where.
    #[must_use]
    pub fn consent(&self) -> Option<&Consent> {
        match self {
            Self::ConsentNeeded { consent, .. } => consent.as_ref(),
            _ => None,
        }
    }

    /// The `error` of the answer, for example `invalid_grant`.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.entra()?.error()
    }

    /// The `suberror` of the answer, for example `consent_required`.
    #[must_use]
    pub fn suberror(&self) -> Option<&str> {
        self.entra()?.suberror()
    }

    /// The AADSTS numbers of the answer. For people and logs, not for decisions.
    #[must_use]
    pub fn codes(&self) -> &[u32] {
        self.entra().map_or(&[], EntraError::codes)
    }

    /// The claims challenge of the answer, byte for byte.
    #[must_use]
    pub fn claims(&self) -> Option<&ClaimsChallenge> {
        self.entra()?.claims()
    }

    /// What to do, in one sentence.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        remedy::of(self)
    }

    /// The id to look for in the sign-in logs.
    #[must_use]
    pub fn correlation_id(&self) -> Option<&str> {
        match self {
            Self::Unreachable { request_id, .. } | Self::Unintelligible { request_id, .. } => {
                Some(request_id)
            }
            _ => self.entra()?.correlation_id(),
        }
    }

    /// The id of the one answer.
    #[must_use]
    pub fn trace_id(&self) -> Option<&str> {
        self.entra()?.trace_id()
    }

    /// When Entra ID says that it answered, in its own notation.
    #[must_use]
    pub fn timestamp(&self) -> Option<&str> {
        self.entra()?.timestamp()
    }
}
