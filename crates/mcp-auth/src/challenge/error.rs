//! The `error` of a challenge.

/// The `error` of a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChallengeError {
    /// `invalid_request`, with status 400 (RFC 6750, section 3.1).
    InvalidRequest,
    /// `invalid_token`, with status 401 (RFC 6750, section 3.1).
    InvalidToken,
    /// `insufficient_scope`, with status 403 (RFC 6750, section 3.1).
    InsufficientScope,
    /// `insufficient_claims`, with status 401 (Entra doc "Claims challenges").
    InsufficientClaims,
    /// `insufficient_user_authentication`, with status 401 (RFC 9470, section 3).
    InsufficientUserAuthentication,
}

impl ChallengeError {
    /// The code on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::InsufficientClaims => "insufficient_claims",
            Self::InsufficientUserAuthentication => "insufficient_user_authentication",
        }
    }

    /// What `entra_claims::Reason::bearer_error` names.
    pub(crate) fn from_code(code: &str) -> Option<Self> {
        [
            Self::InvalidRequest,
            Self::InvalidToken,
            Self::InsufficientScope,
            Self::InsufficientClaims,
            Self::InsufficientUserAuthentication,
        ]
        .into_iter()
        .find(|error| error.as_str() == code)
    }
}

#[cfg(test)]
mod tests {
    use entra_claims::Reason;

    use super::ChallengeError;

    /// Every reason's error has a form here: an unknown one would be answered with 500.
    #[test]
    fn every_reason_that_names_an_error_is_known() {
        for reason in Reason::ALL {
            if let Some(code) = reason.bearer_error() {
                assert!(ChallengeError::from_code(code).is_some(), "{reason:?}");
            }
        }
    }
}
