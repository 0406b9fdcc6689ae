//! `ExchangeError`: why there is no token, and what to do next.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use entra_claims::transport::TransportError;
use foundry_scopes::TenantId;
use time::OffsetDateTime;

use super::consent::Consent;
use super::entra::EntraError;
use super::kind::{ErrorKind, NextStep};
use crate::aadsts::{Aadsts, Actor};
use crate::credential::CredentialError;
use entra_claims::ClaimsChallenge;

/// Why an exchange gave no token.
///
/// Callers ask [`next`](Self::next) and nothing else; each step has its facts in a method:
///
/// | `next` | facts |
/// | --- | --- |
/// | [`AskConsent`](NextStep::AskConsent) | [`consent`](Self::consent): the pages for the user and the administrator |
/// | [`PassOnClaims`](NextStep::PassOnClaims) | [`claims`](Self::claims), byte for byte |
/// | [`RetryAt`](NextStep::RetryAt) | [`retry_at`](Self::retry_at) |
/// | any | [`remedy`](Self::remedy): one sentence for the operator; [`kind`](Self::kind) for metrics |
///
/// Where Entra ID answered, [`entra`](Self::entra) is the whole answer. Without one, nothing was
/// sent or nothing came back: `SignInAgain` without an answer means that the user's token has
/// simply expired.
///
/// Cloning copies a pointer: everyone who waited for the exchange gets the same failure.
/// `Display` holds the cause, so there is no `source`. It and `Debug` are safe to log.
///
/// ```
/// use entra_obo::{EntraError, ErrorKind, ExchangeError, NextStep};
/// use time::OffsetDateTime;
///
/// let body = br#"{"error":"invalid_client","error_codes":[7000222],"correlation_id":"c-1"}"#;
/// let answer = EntraError::from_response(401, None, body, OffsetDateTime::UNIX_EPOCH);
/// let error = ExchangeError::from(answer);
///
/// assert_eq!(error.next(), NextStep::FixConfiguration);
/// assert_eq!(error.kind(), ErrorKind::Credential);
/// assert_eq!(error.remedy(), "create a new secret and configure its value");
/// assert_eq!(
///     error.to_string(),
///     "Entra ID answered invalid_client, AADSTS7000222: the client secret has expired (correlation id c-1)"
/// );
/// ```
#[derive(Clone)]
pub struct ExchangeError(Arc<Cause>);

/// What failed, with its facts.
#[derive(Debug)]
enum Cause {
    Answer {
        answer: EntraError,
        context: RequestContext,
    },
    /// The user's token, found before anything was sent.
    ExpiredAssertion {
        at: OffsetDateTime,
    },
    WrongTenant {
        assertion: TenantId,
        authority: TenantId,
    },
    /// The credential gives no proof; nothing was sent.
    NoProof {
        credential: &'static str,
        error: CredentialError,
    },
    /// An earlier answer said when to ask again; nothing was sent.
    Throttled {
        until: OffsetDateTime,
    },
    Configuration(Cow<'static, str>),
    /// A 200 without a usable token.
    UnusableToken {
        reason: &'static str,
        request_id: String,
    },
    Unreachable {
        source: TransportError,
        request_id: String,
        retry_at: OffsetDateTime,
    },
    ManagedIdentity(EndpointAnswer),
    ManagedIdentityUnreachable {
        source: TransportError,
        retry_at: OffsetDateTime,
    },
    /// The work ended without an answer several times, or was ended because it hangs.
    Interrupted {
        retry_at: OffsetDateTime,
    },
}

/// What is known about a request beyond its answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestContext {
    /// What consent would be about.
    pub(crate) consent: Option<Consent>,
    /// The kind of credential that it was sent with.
    pub(crate) credential: Option<&'static str>,
}

/// What the endpoint of a managed identity answered instead of a usable token.
#[derive(Debug)]
pub(crate) struct EndpointAnswer {
    pub(crate) status: u16,
    /// Its words, in one line of printable ASCII.
    pub(crate) said: Option<String>,
    /// What that means at this endpoint.
    pub(crate) meaning: &'static str,
    pub(crate) remedy: &'static str,
    pub(crate) kind: ErrorKind,
    /// The answer, if it is an error of Entra ID that the endpoint passed on.
    pub(crate) entra: Option<EntraError>,
    /// When it is worth trying again, if it is.
    pub(crate) retry_at: Option<OffsetDateTime>,
}

impl ExchangeError {
    pub(crate) fn answered(answer: EntraError, mut context: RequestContext) -> Self {
        if answer.kind() != ErrorKind::Consent {
            context.consent = None;
        } else if answer.aadsts().map(Aadsts::actor) == Some(Actor::Administrator) {
            // AADSTS90094: the tenant leaves this consent to administrators.
            context.consent = context.consent.map(|consent| consent.by_administrator());
        }
        Self::new(Cause::Answer { answer, context })
    }

    pub(crate) fn expired_assertion(at: OffsetDateTime) -> Self {
        Self::new(Cause::ExpiredAssertion { at })
    }

    pub(crate) fn wrong_tenant(assertion: TenantId, authority: TenantId) -> Self {
        Self::new(Cause::WrongTenant {
            assertion,
            authority,
        })
    }

    pub(crate) fn no_proof(error: CredentialError, credential: &'static str) -> Self {
        Self::new(Cause::NoProof { credential, error })
    }

    pub(crate) fn throttled(until: OffsetDateTime) -> Self {
        Self::new(Cause::Throttled { until })
    }

    pub(crate) fn configuration(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Cause::Configuration(reason.into()))
    }

    pub(crate) fn unusable_token(reason: &'static str, request_id: &str) -> Self {
        let request_id = request_id.to_owned();
        Self::new(Cause::UnusableToken { reason, request_id })
    }

    pub(crate) fn unreachable(
        source: TransportError,
        request_id: &str,
        retry_at: OffsetDateTime,
    ) -> Self {
        Self::new(Cause::Unreachable {
            source,
            request_id: request_id.to_owned(),
            retry_at,
        })
    }

    pub(crate) fn managed_identity(answer: EndpointAnswer) -> Self {
        Self::new(Cause::ManagedIdentity(answer))
    }

    pub(crate) fn managed_identity_unreachable(
        source: TransportError,
        retry_at: OffsetDateTime,
    ) -> Self {
        Self::new(Cause::ManagedIdentityUnreachable { source, retry_at })
    }

    pub(crate) fn interrupted(retry_at: OffsetDateTime) -> Self {
        Self::new(Cause::Interrupted { retry_at })
    }

    fn new(cause: Cause) -> Self {
        Self(Arc::new(cause))
    }

    /// What kind of failure it is, for metrics and logs.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match &*self.0 {
            Cause::Answer { answer, .. } => answer.kind(),
            Cause::ExpiredAssertion { .. } | Cause::WrongTenant { .. } => ErrorKind::Assertion,
            Cause::NoProof { .. } => ErrorKind::Credential,
            Cause::Throttled { .. } => ErrorKind::Throttled,
            Cause::Configuration(_) => ErrorKind::Configuration,
            Cause::UnusableToken { .. } => ErrorKind::Unintelligible,
            Cause::Unreachable { .. } | Cause::ManagedIdentityUnreachable { .. } => {
                ErrorKind::Unreachable
            }
            Cause::ManagedIdentity(answer) => answer.kind,
            Cause::Interrupted { .. } => ErrorKind::Transient,
        }
    }

    /// What to do next.
    #[must_use]
    pub fn next(&self) -> NextStep {
        match &*self.0 {
            Cause::Answer { answer, .. } => answer.next(),
            Cause::ExpiredAssertion { .. } => NextStep::SignInAgain,
            Cause::WrongTenant { .. } | Cause::NoProof { .. } | Cause::Configuration(_) => {
                NextStep::FixConfiguration
            }
            Cause::Throttled { until } => NextStep::RetryAt(*until),
            Cause::UnusableToken { .. } => NextStep::Unrecoverable,
            Cause::Unreachable {
                source, retry_at, ..
            }
            | Cause::ManagedIdentityUnreachable { source, retry_at } => match source {
                TransportError::NotHttps | TransportError::Setup => NextStep::FixConfiguration,
                _ => NextStep::RetryAt(*retry_at),
            },
            Cause::ManagedIdentity(answer) => match (answer.retry_at, answer.kind) {
                (Some(at), _) => NextStep::RetryAt(at),
                (None, ErrorKind::Unintelligible) => NextStep::Unrecoverable,
                (None, _) => NextStep::FixConfiguration,
            },
            Cause::Interrupted { retry_at } => NextStep::RetryAt(*retry_at),
        }
    }

    /// What Entra ID answered, if it did.
    #[must_use]
    pub fn entra(&self) -> Option<&EntraError> {
        match &*self.0 {
            Cause::Answer { answer, .. } => Some(answer),
            Cause::ManagedIdentity(answer) => answer.entra.as_ref(),
            _ => None,
        }
    }

    /// What has to be consented to, by whom, and where. `None` for other failures, and for an
    /// answer that was read by itself ([`From<EntraError>`]).
    #[must_use]
    pub fn consent(&self) -> Option<&Consent> {
        match &*self.0 {
            Cause::Answer { context, .. } => context.consent.as_ref(),
            _ => None,
        }
    }

    /// The claims challenge of the answer, byte for byte.
    #[must_use]
    pub fn claims(&self) -> Option<&ClaimsChallenge> {
        self.entra()?.claims()
    }

    /// When it is worth asking again, if it is.
    #[must_use]
    pub fn retry_at(&self) -> Option<OffsetDateTime> {
        match self.next() {
            NextStep::RetryAt(at) => Some(at),
            _ => None,
        }
    }

    /// The AADSTS numbers of the answer. For people and logs, not for decisions.
    #[must_use]
    pub fn codes(&self) -> &[u64] {
        self.entra().map_or(&[], EntraError::codes)
    }

    /// The id to look for in the sign-in logs: the answer's correlation id, or the
    /// `client-request-id` that was sent.
    #[must_use]
    pub fn correlation_id(&self) -> Option<&str> {
        match &*self.0 {
            Cause::Unreachable { request_id, .. } | Cause::UnusableToken { request_id, .. } => {
                Some(request_id)
            }
            _ => self.entra()?.correlation_id(),
        }
    }

    /// What to do, in one sentence that the message does not hold already.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match &*self.0 {
            Cause::Answer { answer, context } => context
                .consent
                .as_ref()
                .map(Consent::remedy)
                .or_else(|| answer.remedy())
                .unwrap_or_else(|| answer.kind().remedy()),
            Cause::ExpiredAssertion { .. } => "answer 401, so that the client refreshes its token",
            Cause::WrongTenant { .. } => {
                "use for_tenant with the tenant of the user's token, if that tenant is meant to be served"
            }
            Cause::UnusableToken { .. } => ErrorKind::Unintelligible.remedy(),
            Cause::Unreachable { source, .. } => match source {
                TransportError::NotHttps => "use an https authority",
                TransportError::Setup => "correct how the HTTP client is set up",
                _ => ErrorKind::Unreachable.remedy(),
            },
            Cause::ManagedIdentity(answer) => answer.remedy,
            Cause::ManagedIdentityUnreachable { .. } => {
                "run this on Azure with a managed identity assigned, or use another credential"
            }
            Cause::Interrupted { .. } => {
                "ask again on a runtime that keeps running, with callbacks that end"
            }
            _ => self.kind().remedy(),
        }
    }
}

/// What the answer alone says: consent pages and the kind of credential are not known.
impl From<EntraError> for ExchangeError {
    fn from(answer: EntraError) -> Self {
        Self::answered(answer, RequestContext::default())
    }
}

impl fmt::Display for ExchangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Cause::Answer { answer, context } => match (answer.kind(), context.credential) {
                (ErrorKind::Credential, Some(credential)) => {
                    write!(f, "the {credential} was not accepted: {answer}")
                }
                (ErrorKind::Throttled, _) => match self.retry_at() {
                    Some(until) => write!(f, "throttled by Entra ID until {until}: {answer}"),
                    None => answer.fmt(f),
                },
                _ => answer.fmt(f),
            },
            Cause::ExpiredAssertion { at } => write!(f, "the user's token expired at {at}"),
            Cause::WrongTenant {
                assertion,
                authority,
            } => write!(
                f,
                "the user's token is from tenant {assertion}, and this client asks tenant {authority}"
            ),
            Cause::NoProof { credential, error } => {
                write!(
                    f,
                    "the client cannot authenticate with its {credential}: {error}"
                )
            }
            Cause::Throttled { until } => write!(f, "throttled by Entra ID until {until}"),
            Cause::Configuration(reason) => {
                write!(
                    f,
                    "the exchange client is not configured correctly: {reason}"
                )
            }
            Cause::UnusableToken { reason, request_id } => write!(
                f,
                "the token endpoint answered 200 without a usable token: {reason} (client-request-id {request_id})"
            ),
            Cause::Unreachable {
                source, request_id, ..
            } => write!(
                f,
                "the token endpoint could not be reached: {source} (client-request-id {request_id})"
            ),
            Cause::ManagedIdentity(answer) => {
                write!(
                    f,
                    "the managed identity endpoint answered {}",
                    answer.status
                )?;
                if let Some(said) = &answer.said {
                    write!(f, " ({said})")?;
                }
                write!(f, ": {}", answer.meaning)
            }
            Cause::ManagedIdentityUnreachable { source, .. } => write!(
                f,
                "the managed identity endpoint, which exists on Azure only, could not be reached: {source}"
            ),
            Cause::Interrupted { .. } => f.write_str(
                "the exchange was interrupted, as when a runtime shuts down or a callback hangs",
            ),
        }
    }
}

impl fmt::Debug for ExchangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExchangeError")
            .field("kind", &self.kind())
            .field("next", &self.next())
            .field("cause", &self.0)
            .finish()
    }
}

impl std::error::Error for ExchangeError {}
