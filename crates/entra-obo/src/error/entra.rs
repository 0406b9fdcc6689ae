//! Entra ID's error response, read and classified.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;

use super::body::{ErrorBody, retry_after as parse_retry_after};
use super::classify::classify;
use super::kind::{ErrorKind, NextStep};
use crate::aadsts::{self, Aadsts, Actor};
use entra_claims::ClaimsChallenge;

/// How long to hold back after a 429 that does not say.
const THROTTLED: Duration = Duration::from_secs(60);

/// How long to hold back after a failure that passes.
const TRANSIENT: Duration = Duration::from_secs(5);

/// What the token endpoint answered instead of a token, understood as far as possible.
///
/// `Display` and `Debug` are safe to log: no token, no tenant's text. What Entra ID wrote
/// as prose is in [`description`](Self::description) alone.
///
/// ```
/// use entra_obo::{EntraError, ErrorKind, NextStep};
/// use time::OffsetDateTime;
///
/// let body = br#"{"error":"invalid_grant","suberror":"consent_required","error_codes":[65001]}"#;
/// let error = EntraError::from_response(400, None, body, OffsetDateTime::UNIX_EPOCH);
///
/// assert_eq!(error.kind(), ErrorKind::Consent);
/// assert_eq!(error.next(), NextStep::AskConsent);
/// assert_eq!(error.codes(), [65001]);
/// assert!(error.remedy().unwrap().contains("consent"));
/// ```
#[derive(Clone)]
pub struct EntraError(Arc<Inner>);

struct Inner {
    status: u16,
    kind: ErrorKind,
    retry_after: Option<Duration>,
    received_at: OffsetDateTime,
    request_id: Option<String>,
    body: Result<ErrorBody, &'static str>,
}

impl EntraError {
    /// Reads an answer: the HTTP status, the `Retry-After` header if there was one, the
    /// body, and when it came (dates in `Retry-After` count from there).
    ///
    /// Never fails: a body that is HTML, empty or too large is
    /// [`ErrorKind::Unintelligible`], unless the status already says enough.
    #[must_use]
    pub fn from_response(
        status: u16,
        retry_after: Option<&str>,
        body: &[u8],
        received_at: OffsetDateTime,
    ) -> Self {
        let body = ErrorBody::parse(body);
        let asked = retry_after.and_then(|text| parse_retry_after(text, received_at));
        let kind = classify(status, asked.is_some(), body.as_ref().ok());
        let retry_after = match kind {
            ErrorKind::Throttled => Some(asked.unwrap_or(THROTTLED)),
            ErrorKind::Transient => Some(TRANSIENT),
            _ => None,
        };
        Self(Arc::new(Inner {
            status,
            kind,
            retry_after,
            received_at,
            request_id: None,
            body,
        }))
    }

    /// Remembers the `client-request-id` that was sent, for answers that do not say it.
    #[cfg(feature = "client")]
    pub(crate) fn sent_as(mut self, request_id: &str) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.request_id = Some(request_id.to_owned());
        }
        self
    }

    /// What kind of answer it is.
    ///
    /// Decided on `error`, `suberror`, `claims` and the status, in this order: 429 is
    /// throttling; 408 and 5xx pass; claims are a challenge whatever `error` says; then
    /// `suberror`; then `error`. A number is asked only where those leave it open.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What to do next.
    #[must_use]
    pub fn next(&self) -> NextStep {
        match self.kind() {
            ErrorKind::Consent => NextStep::AskConsent,
            ErrorKind::ClaimsChallenge => NextStep::PassOnClaims,
            ErrorKind::Interaction => NextStep::SignInAgain,
            // An audience or an app-only token does not get better by signing in again.
            ErrorKind::Assertion => match self.aadsts().map(Aadsts::actor) {
                Some(Actor::Developer) => NextStep::FixConfiguration,
                _ => NextStep::SignInAgain,
            },
            ErrorKind::Credential | ErrorKind::Configuration => NextStep::FixConfiguration,
            ErrorKind::Throttled | ErrorKind::Transient => {
                let wait = self.0.retry_after.unwrap_or(TRANSIENT);
                NextStep::RetryAt(self.0.received_at.saturating_add(to_time(wait)))
            }
            ErrorKind::Denied => NextStep::Denied,
            _ => NextStep::Unrecoverable,
        }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// The `error` member, for example `invalid_grant`.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.body().map(|body| body.error.as_str())
    }

    /// The `suberror` member, for example `consent_required`.
    #[must_use]
    pub fn suberror(&self) -> Option<&str> {
        self.body()?.suberror.as_deref()
    }

    /// The AADSTS numbers, the first being the most telling. For people and logs.
    #[must_use]
    pub fn codes(&self) -> &[u64] {
        self.body().map_or(&[], |body| &body.codes)
    }

    /// The first number that the catalogue knows.
    #[must_use]
    pub fn aadsts(&self) -> Option<&'static Aadsts> {
        self.codes().iter().find_map(|&code| aadsts::lookup(code))
    }

    /// What to do, in one sentence, where the catalogue knows the number.
    #[must_use]
    pub fn remedy(&self) -> Option<&'static str> {
        self.aadsts().map(Aadsts::remedy)
    }

    /// The claims challenge, byte for byte.
    #[must_use]
    pub fn claims(&self) -> Option<&ClaimsChallenge> {
        self.body()?.claims.as_ref()
    }

    /// The correlation id: what the sign-in logs and Microsoft's support search by. It is
    /// the `client-request-id` that was sent, unless the answer names another.
    #[must_use]
    pub fn correlation_id(&self) -> Option<&str> {
        let told = self.body().and_then(|body| body.correlation_id.as_deref());
        told.or(self.0.request_id.as_deref())
    }

    /// The id of this one answer.
    #[must_use]
    pub fn trace_id(&self) -> Option<&str> {
        self.body()?.trace_id.as_deref()
    }

    /// When Entra ID says that it answered, in its own notation.
    #[must_use]
    pub fn timestamp(&self) -> Option<&str> {
        self.body()?.timestamp.as_deref()
    }

    /// The prose of the answer, cut after 4 KiB. It names ids of the tenant, comes from
    /// outside and may hold line breaks: escape it before it goes into a log, and never
    /// put it into a header or decide on it.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.body()?.description.as_deref()
    }

    /// How long to hold back, for answers that pass: from `Retry-After`, at most an hour.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    fn body(&self) -> Option<&ErrorBody> {
        self.0.body.as_ref().ok()
    }
}

impl fmt::Display for EntraError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.body {
            Ok(body) => {
                write!(f, "Entra ID answered {}", body.error)?;
                if let Some(suberror) = &body.suberror {
                    write!(f, " ({suberror})")?;
                }
                match self.kind() {
                    ErrorKind::Unintelligible if self.0.status >= 400 => {
                        f.write_str(", an OAuth error that is not known")?;
                    }
                    ErrorKind::Unintelligible => write!(f, " with status {}", self.0.status)?,
                    _ => {}
                }
            }
            Err(reason) => {
                write!(f, "the token endpoint answered {}, {reason}", self.0.status)?;
            }
        }
        match (self.aadsts(), self.codes().first()) {
            (Some(known), _) => write!(f, ", {known}")?,
            (None, Some(number)) => write!(f, ", AADSTS{number}")?,
            (None, None) => {}
        }
        match self.correlation_id() {
            Some(id) => write!(f, " (correlation id {id})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for EntraError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EntraError")
            .field("kind", &self.kind())
            .field("status", &self.status())
            .field("error", &self.error())
            .field("suberror", &self.suberror())
            .field("codes", &self.codes())
            .field("claims", &self.claims())
            .field("correlation_id", &self.correlation_id())
            .field("trace_id", &self.trace_id())
            .field("timestamp", &self.timestamp())
            .field("retry_after", &self.retry_after())
            .finish_non_exhaustive()
    }
}

impl std::error::Error for EntraError {}

fn to_time(wait: Duration) -> time::Duration {
    time::Duration::try_from(wait).unwrap_or(time::Duration::HOUR)
}
