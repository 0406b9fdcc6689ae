//! The `WWW-Authenticate` challenge (RFC 6750, RFC 9728, RFC 9470, Entra claims challenges).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use foundry_scopes::Scope;
use http::HeaderValue;

/// One `WWW-Authenticate: Bearer` value, for an answer that tells the client what to do.
///
/// [`AuthLayer`](crate::AuthLayer) makes its own; this type is for a handler that refuses
/// by itself, for example with the claims challenge that an exchange asked for. Start from
/// [`ProtectedResource::challenge`](crate::ProtectedResource::challenge), which knows the
/// metadata's address.
///
/// Every value is typed or a constant, so nothing that a caller wrote can get in. The
/// parameters come in the order `error`, `scope`, `resource_metadata`, `acr_values`,
/// `max_age`, `claims`, `error_description`: the MCP SDKs read the header with regular expressions, and a
/// description in front could be mistaken for a parameter (RFC 6750, section 3; RFC 9728,
/// section 5.1; Entra doc "Claims challenges").
///
/// ```
/// use foundry_scopes::Scope;
/// use mcp_auth::{Challenge, ChallengeError};
///
/// let challenge = Challenge::bearer()
///     .error(ChallengeError::InsufficientScope)
///     .scopes([Scope::parse("api://contoso/mcp.write")?])
///     .description("a permission is missing");
/// assert_eq!(
///     challenge.to_header(),
///     r#"Bearer error="insufficient_scope", scope="api://contoso/mcp.write", error_description="a permission is missing""#
/// );
/// # Ok::<(), foundry_scopes::ParseError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge {
    error: Option<ChallengeError>,
    scopes: Vec<Scope>,
    resource_metadata: Option<String>,
    acr_values: Option<String>,
    max_age: Option<Duration>,
    claims: Option<String>,
    description: Option<&'static str>,
}

impl Challenge {
    /// A challenge that says no more than `Bearer`.
    #[must_use]
    pub fn bearer() -> Self {
        Self::default()
    }

    /// The error; without one the client only learns that a token is needed.
    #[must_use]
    pub fn error(mut self, error: ChallengeError) -> Self {
        self.error = Some(error);
        self
    }

    /// The scopes to ask for, qualified; duplicates are dropped, the order is kept.
    #[must_use]
    pub fn scopes(mut self, scopes: impl IntoIterator<Item = Scope>) -> Self {
        self.scopes.clear();
        for scope in scopes {
            if !self.scopes.contains(&scope) {
                self.scopes.push(scope);
            }
        }
        self
    }

    /// The claims that the client has to ask for: the JSON as Entra ID gave it, which is
    /// sent in standard base64 with padding. Of `entra_obo::ExchangeError::claims` it is
    /// `as_json`, not `to_base64`, which would be encoded twice.
    ///
    /// Send it with status 401 and only when the caller's token declares `cp1` in
    /// `xms_cc`: other clients sign in again and come back with the same token (Entra doc
    /// "Claims challenges").
    #[must_use]
    pub fn claims(mut self, json: &str) -> Self {
        self.claims = Some(STANDARD.encode(json));
        self
    }

    /// The authentication contexts of which one is needed (RFC 9470, section 3), with
    /// [`ChallengeError::InsufficientUserAuthentication`] and status 401.
    ///
    /// For clients that know RFC 9470. Entra ID and the MCP SDKs do not: for them there is
    /// [`claims`](Challenge::claims). Characters that no such value needs are left out.
    #[must_use]
    pub fn acr_values(mut self, values: impl IntoIterator<Item = &'static str>) -> Self {
        let values: Vec<_> = values.into_iter().map(acr_value).collect();
        self.acr_values = Some(values.join(" ")).filter(|values| !values.is_empty());
        self
    }

    /// How long ago the user may have authenticated at most, in whole seconds (RFC 9470,
    /// section 3).
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// A fixed sentence for people. Characters other than `A-Z a-z 0-9 .,:;()/_-` and
    /// blanks are left out of it.
    #[must_use]
    pub fn description(mut self, text: &'static str) -> Self {
        self.description = Some(text);
        self
    }

    pub(crate) fn says(&self) -> (Option<ChallengeError>, Option<&'static str>) {
        (self.error, self.description)
    }

    /// The address of the metadata. The caller checked that it needs no quoting.
    pub(crate) fn resource_metadata(mut self, url: &str) -> Self {
        self.resource_metadata = Some(url.to_owned());
        self
    }

    /// The header's value, in one line.
    #[must_use]
    pub fn to_header(&self) -> HeaderValue {
        let scope = self
            .scopes
            .iter()
            .map(Scope::as_str)
            .collect::<Vec<_>>()
            .join(" ");
        let description = self.description.map(plain);
        let max_age = self.max_age.map(|age| age.as_secs().to_string());
        let parameters = [
            ("error", self.error.map(ChallengeError::as_str)),
            ("scope", Some(scope.as_str()).filter(|s| !s.is_empty())),
            ("resource_metadata", self.resource_metadata.as_deref()),
            ("acr_values", self.acr_values.as_deref()),
            ("max_age", max_age.as_deref()),
            ("claims", self.claims.as_deref()),
            ("error_description", description.as_deref()),
        ];
        let parameters = parameters
            .into_iter()
            .filter_map(|(name, value)| value.map(|value| format!("{name}=\"{value}\"")))
            .collect::<Vec<_>>()
            .join(", ");
        let text = format!("Bearer {parameters}");
        // Each value is printable ASCII by its type, so the fallback is never taken; a
        // challenge without parameters is still a correct one.
        HeaderValue::try_from(text.trim_end()).unwrap_or(HeaderValue::from_static("Bearer"))
    }
}

/// What the SDKs' parsers cannot trip over: no quote, no backslash, no `=`.
pub(crate) fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_alphanumeric() || " .,:;()/_-".contains(*c))
        .collect()
}

/// The URNs and short names that such values are; no quote, no blank, no `=`.
fn acr_value(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_alphanumeric() || ".:/_-".contains(*c))
        .collect()
}

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
mod tests;
