//! Unverified tokens: decoded header and claims.

use std::fmt;

use super::compact::{Compact, MAX_TOKEN, is_header_field};
use super::{DecodeError, Header, Part, base64};
use crate::claims::Claims;

/// What a token says, for people and tools. Nothing of it is proven.
///
/// No function of this family takes it as proof of anything: only a validator makes a
/// [`VerifiedToken`](crate::VerifiedToken), and there is no way from here to one or to a
/// `Principal`:
///
/// ```compile_fail,E0277
/// # let token = entra_claims::UnverifiedToken::decode("e30.e30.").unwrap();
/// let verified: entra_claims::VerifiedToken = token.into();
/// ```
///
/// ```compile_fail,E0599
/// # let token = entra_claims::UnverifiedToken::decode("e30.e30.").unwrap();
/// let who = token.principal();
/// ```
///
/// ```compile_fail,E0308
/// # use entra_claims::{Requirement, UnverifiedToken};
/// # fn guard(rule: &Requirement, token: &UnverifiedToken) {
/// rule.check(token).unwrap();
/// # }
/// ```
///
/// What can be looked at:
///
/// ```
/// use entra_claims::UnverifiedToken;
/// # let token = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/token.txt"));
/// let token = UnverifiedToken::decode(token)?;
/// assert_eq!(token.header().alg(), Some("RS256"));
/// assert_eq!(token.claims().aud(), Some("11112222-bbbb-3333-cccc-4444dddd5555"));
/// assert!(UnverifiedToken::decode("not a token").is_err());
/// # Ok::<(), entra_claims::DecodeError>(())
/// ```
pub struct UnverifiedToken {
    header: Header,
    claims: Claims,
    signature: Result<usize, DecodeError>,
}

impl UnverifiedToken {
    /// Decodes a compact token: strict base64url, strict JSON, nothing verified.
    ///
    /// # Errors
    ///
    /// Anything but three segments of which the first two are JSON objects without
    /// duplicate members and with known members of the right type.
    pub fn decode(token: &str) -> Result<Self, DecodeError> {
        let compact = Compact::split(token, MAX_TOKEN)?;
        let header = Header::decode(compact.header).map_err(|error| match error {
            DecodeError::Base64(_) if is_header_field(token) => DecodeError::BearerPrefix,
            other => other,
        })?;
        Ok(Self {
            header,
            claims: decode_claims(compact.payload)?,
            signature: base64::decoded_length(compact.signature, Part::Signature),
        })
    }

    /// Whether the third segment can be a signature at all.
    ///
    /// The token can be looked at without one: people copy tokens from logs and pages
    /// that cut them off. No validator accepts such a token.
    ///
    /// # Errors
    ///
    /// A segment that is not strict base64url.
    pub fn signature_form(&self) -> Result<(), DecodeError> {
        self.signature.map(drop)
    }

    /// How many bytes the signature has, if it can be one at all.
    ///
    /// RS256 gives as many as the key has: 256 for the keys that Entra ID publishes, and
    /// never fewer (RFC 7518, section 3.3). A token with fewer was cut off.
    ///
    /// ```
    /// use entra_claims::UnverifiedToken;
    /// # let token = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/token.txt"));
    /// assert_eq!(UnverifiedToken::decode(token)?.signature_len(), Some(256));
    ///
    /// let cut = token.get(..token.len() - 22).unwrap_or_default();
    /// assert_eq!(UnverifiedToken::decode(cut)?.signature_len(), Some(240));
    /// # Ok::<(), entra_claims::DecodeError>(())
    /// ```
    #[must_use]
    pub fn signature_len(&self) -> Option<usize> {
        self.signature.ok()
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The claims.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    #[cfg(feature = "validate")]
    pub(crate) fn into_claims(self) -> Claims {
        self.claims
    }
}

impl fmt::Debug for UnverifiedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedToken")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

pub(crate) fn decode_claims(segment: &str) -> Result<Claims, DecodeError> {
    #[cfg(test)]
    DECODED.set(DECODED.get() + 1);
    let bytes = base64::decode(segment, Part::Payload)?;
    let json = String::from_utf8(bytes).map_err(|_| DecodeError::Json(Part::Payload))?;
    Claims::parse(json).map_err(|problem| DecodeError::from_json(Part::Payload, problem))
}

#[cfg(test)]
thread_local! {
    /// How many times this thread decoded claims.
    pub(crate) static DECODED: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}
