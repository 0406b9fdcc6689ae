//! Why there is no token.

use std::sync::Arc;

use entra_claims::transport::TransportError;
use foundry_scopes::TenantId;
use time::OffsetDateTime;

use super::{EntraError, ErrorKind, Next};
use crate::{ClaimsChallenge, CredentialError};

/// Why an exchange gave no token.
///
/// Most callers ask [`next`](Self::next) and nothing else. Cloning copies a pointer: the
/// same failure goes to everyone who waited for it. `Display` and `Debug` are safe to log.
///
/// ```
/// use entra_obo::{EntraError, ExchangeError, Next};
/// use time::OffsetDateTime;
///
/// let body = br#"{"error":"invalid_client","error_codes":[7000222],"correlation_id":"c-1"}"#;
/// let answer = EntraError::from_response(401, None, body, OffsetDateTime::UNIX_EPOCH);
/// let error = ExchangeError::Entra(answer);
///
/// assert_eq!(error.next(), Next::FixConfiguration);
/// assert_eq!(error.remedy(), Some("create a new secret and configure its value"));
/// assert_eq!(
///     error.to_string(),
///     "Entra ID answered invalid_client, AADSTS7000222: the client secret has expired (correlation id c-1)"
/// );
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExchangeError {
    /// The endpoint answered, and not with a token.
    #[error(transparent)]
    Entra(EntraError),
    /// The user's token is of another tenant than the one that is asked. Nothing was sent.
    #[error(
        "the user's token is of tenant {assertion} and this client asks tenant {authority}; \
         use `for_tenant` with the user's tenant, if that tenant is meant to be served"
    )]
    TenantMismatch {
        /// The tenant of the user's token.
        assertion: TenantId,
        /// The tenant that the client asks.
        authority: TenantId,
    },
    /// The user's token has expired, or is about to. Nothing was sent.
    #[error("the user's token expired at {expired_at}")]
    AssertionExpired {
        /// When it expired.
        expired_at: OffsetDateTime,
    },
    /// An earlier answer asked for patience, with this user or this application. Nothing
    /// was sent.
    #[error("requests are held back until {until}, as Entra ID asked")]
    Throttled {
        /// When to ask again.
        until: OffsetDateTime,
    },
    /// The endpoint could not be reached or did not answer.
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
    /// The endpoint answered 200, and not with a usable token.
    #[error(
        "the token endpoint gave an answer that cannot be used: {reason} (client-request-id {request_id})"
    )]
    Unintelligible {
        /// What is wrong with it.
        reason: &'static str,
        /// The id the request carried.
        request_id: String,
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
    /// The client's own credential gives no proof. Nothing was sent with it.
    #[error("the client cannot authenticate")]
    Credential {
        /// Which, and why.
        #[source]
        source: Arc<CredentialError>,
    },
    /// The client cannot work as it is set up.
    #[error("the exchange client is set up wrongly: {reason}")]
    Configuration {
        /// What is wrong.
        reason: &'static str,
    },
    /// The work behind the request ended without an answer, several times.
    #[error("the exchange was interrupted, as when a runtime shuts down")]
    Interrupted {
        /// When it is worth trying again.
        retry_at: OffsetDateTime,
    },
}

impl ExchangeError {
    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Entra(answer) => answer.kind(),
            Self::TenantMismatch { .. } | Self::Configuration { .. } => ErrorKind::Configuration,
            Self::AssertionExpired { .. } => ErrorKind::Assertion,
            Self::Credential { .. } => ErrorKind::Credential,
            Self::Throttled { .. } => ErrorKind::Throttled,
            Self::Unreachable { .. } | Self::ManagedIdentityUnreachable { .. } => {
                ErrorKind::Unreachable
            }
            Self::ManagedIdentity { status: 200, .. } => ErrorKind::Unintelligible,
            Self::ManagedIdentity { retry_at, .. } => match retry_at {
                Some(_) => ErrorKind::Transient,
                None => ErrorKind::Configuration,
            },
            Self::Unintelligible { .. } => ErrorKind::Unintelligible,
            Self::Interrupted { .. } => ErrorKind::Transient,
        }
    }

    /// What to do next.
    #[must_use]
    pub fn next(&self) -> Next {
        match self {
            Self::Entra(answer) => answer.next(),
            Self::TenantMismatch { .. } | Self::Credential { .. } | Self::Configuration { .. } => {
                Next::FixConfiguration
            }
            Self::AssertionExpired { .. } => Next::SignInAgain,
            Self::Throttled { until } => Next::RetryAt(*until),
            Self::Unreachable {
                source: TransportError::NotHttps | TransportError::Setup,
                ..
            }
            | Self::ManagedIdentityUnreachable {
                source: TransportError::NotHttps | TransportError::Setup,
                ..
            } => Next::FixConfiguration,
            Self::Unreachable { retry_at, .. }
            | Self::ManagedIdentityUnreachable { retry_at, .. }
            | Self::Interrupted { retry_at } => Next::RetryAt(*retry_at),
            Self::ManagedIdentity { status: 200, .. } => Next::GiveUp,
            Self::ManagedIdentity { retry_at, .. } => {
                retry_at.map_or(Next::FixConfiguration, Next::RetryAt)
            }
            Self::Unintelligible { .. } => Next::GiveUp,
        }
    }

    /// What the endpoint answered, if it is an answer.
    #[must_use]
    pub fn entra(&self) -> Option<&EntraError> {
        match self {
            Self::Entra(answer) => Some(answer),
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

    /// What to do, in one sentence, where the AADSTS catalogue knows it.
    #[must_use]
    pub fn remedy(&self) -> Option<&'static str> {
        self.entra()?.remedy()
    }

    /// The id to look for in the sign-in logs.
    #[must_use]
    pub fn correlation_id(&self) -> Option<&str> {
        match self {
            Self::Entra(answer) => answer.correlation_id(),
            Self::Unreachable { request_id, .. } | Self::Unintelligible { request_id, .. } => {
                Some(request_id)
            }
            _ => None,
        }
    }

    /// The id of the one answer.
    #[must_use]
    pub fn trace_id(&self) -> Option<&str> {
        self.entra()?.trace_id()
    }
}

/// Between two of this crate's own types: no foreign error becomes part of the interface.
impl From<CredentialError> for ExchangeError {
    fn from(source: CredentialError) -> Self {
        Self::Credential {
            source: Arc::new(source),
        }
    }
}
