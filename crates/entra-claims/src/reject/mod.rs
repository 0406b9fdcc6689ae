//! Rejections: a small value with a fixed text, and the details for the log.

mod detail;
mod reason;

use std::fmt;
use std::time::Duration;

use crate::decode::DecodeError;
pub(crate) use detail::Detail;
pub use reason::Reason;

/// Why a token was refused.
///
/// `Display` and `Debug` show fixed texts only: nothing that an attacker wrote reaches a
/// response. What was found and what was needed is in [`Rejection::explain`], for the log.
///
/// ```
/// use entra_claims::{Reason, RejectionClass, Requirement, dangerous};
/// use foundry_scopes::ScopeName;
/// # let token = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/token.txt"));
/// let token = dangerous::assume_verified(token)?;
/// let requirement = Requirement::scope(ScopeName::parse("Orders.Write")?);
///
/// let rejection = requirement.check(&token).unwrap_err();
/// assert_eq!(rejection.reason(), Reason::MissingScope);
/// assert_eq!(rejection.class(), RejectionClass::Forbidden);
/// assert_eq!(rejection.to_string(), "the token lacks a required scope");
/// assert!(rejection.explain().contains("Orders.Write"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Rejection {
    reason: Reason,
    signature_checked: bool,
    detail: Option<Box<Detail>>,
}

/// What a refusal means for the request. The HTTP answer is made elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RejectionClass {
    /// The credential is no token at all. (For HTTP, RFC 6750, section 3.1, counts a
    /// malformed token as `invalid_token`.)
    Malformed,
    /// A token, but none that is accepted here.
    InvalidToken,
    /// A good token whose caller may not do this.
    Forbidden,
    /// It cannot be decided now.
    Unavailable {
        /// When to ask again.
        retry_after: Duration,
    },
    /// This service is configured wrongly.
    Misconfigured,
}

impl Rejection {
    /// Allocates nothing.
    pub(crate) fn bare(reason: Reason) -> Self {
        Self {
            reason,
            signature_checked: false,
            detail: None,
        }
    }

    pub(crate) fn with(reason: Reason, detail: Detail) -> Self {
        Self {
            reason,
            signature_checked: false,
            detail: Some(Box::new(detail)),
        }
    }

    pub(crate) fn missing_claim(name: &'static str) -> Self {
        let detail = Detail::advice("the claim is missing").needed(name);
        Self::with(Reason::MissingClaim, detail)
    }

    #[cfg(feature = "http")]
    pub(crate) fn unavailable(
        reason: Reason,
        retry_after: Duration,
        why: impl Into<std::borrow::Cow<'static, str>>,
    ) -> Self {
        Self::with(reason, Detail::advice(why).retry_after(retry_after))
    }

    pub(crate) fn after_signature(mut self) -> Self {
        self.signature_checked = true;
        self
    }

    pub(crate) fn from_decode(error: DecodeError) -> Self {
        let reason = match error {
            DecodeError::TooLarge { .. } | DecodeError::SegmentTooLong(_) => Reason::TooLarge,
            DecodeError::Encrypted => Reason::Encrypted,
            DecodeError::NotCompact
            | DecodeError::OnePart
            | DecodeError::TwoParts
            | DecodeError::Blanks
            | DecodeError::JsonDocument
            | DecodeError::RefreshToken
            | DecodeError::BearerPrefix
            | DecodeError::DoubledBearer
            | DecodeError::Quoted
            | DecodeError::Certificate => Reason::NotCompact,
            DecodeError::Base64(_) => Reason::BadBase64,
            DecodeError::Json(_) | DecodeError::Depth(_) => Reason::BadJson,
            DecodeError::Duplicate(_) | DecodeError::CaseVariant(_) => Reason::DuplicateMember,
            DecodeError::WrongType { .. } => Reason::WrongType,
            DecodeError::Unusable(_) => Reason::MissingClaim,
            DecodeError::Contradiction(_) => Reason::ContradictoryClaims,
            DecodeError::UnknownCaller(_) => Reason::UnknownCaller,
        };
        Self::with(reason, Detail::advice(error.to_string()))
    }

    /// Why.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// The reason's stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.reason.code()
    }

    /// What it means for the request.
    #[must_use]
    pub fn class(&self) -> RejectionClass {
        let retry_after = self.detail.as_ref().and_then(|detail| detail.retry());
        self.reason
            .group()
            .class(retry_after.unwrap_or(Duration::from_secs(1)))
    }

    /// Whether the signature held. If not, whatever the token says, and so what
    /// [`explain`](Rejection::explain) quotes of it, may be an attacker's text.
    #[must_use]
    pub fn signature_checked(&self) -> bool {
        self.signature_checked
    }

    /// What to change, where that is known: which scope to request, which setting to look
    /// at. Holds values of the configuration and no text of the token.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
        let detail = self.detail.as_ref();
        detail.map_or_else(|| self.reason.remedy(), |detail| detail.remedy())
    }

    /// A line for the log: what was found, what was needed, and what to change. Foreign
    /// text in it is escaped and cut; the token is not in it.
    #[must_use]
    pub fn explain(&self) -> String {
        let mut line = format!("{}: {}", self.code(), self.reason.message());
        if let Some(detail) = &self.detail {
            detail.append_to(&mut line);
        } else if let Some(remedy) = self.reason.remedy() {
            line.push_str("; ");
            line.push_str(remedy);
        }
        line
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason.message())
    }
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejection")
            .field("reason", &self.reason)
            .field("signature_checked", &self.signature_checked)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Rejection {}
