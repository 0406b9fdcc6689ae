//! Decode errors: why a text is not a readable token.

use std::fmt;

use entra_parts::json::JsonError;

/// Part of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a compact JWS has three parts")]
pub enum Part {
    /// The first segment.
    Header,
    /// The second segment.
    Payload,
    /// The third segment.
    Signature,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "header",
            Self::Payload => "payload",
            Self::Signature => "signature",
        })
    }
}

/// Why a text could not be decoded. Never holds any of it.
///
/// ```
/// use entra_claims::{DecodeError, UnverifiedToken};
///
/// let error = UnverifiedToken::decode("Bearer eyJh").unwrap_err();
/// assert_eq!(error, DecodeError::BearerPrefix);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// Longer than the limit, 32 KiB unless a validator has another.
    #[error("the token is {bytes} bytes long, more than the {most} that are read")]
    #[non_exhaustive]
    TooLarge {
        /// Its length.
        bytes: usize,
        /// The limit.
        most: usize,
    },
    /// Five segments: an encrypted token (RFC 7516), which only its API can read.
    #[error(
        "this is an encrypted token (five segments); remove the token encryption certificate from the API's registration"
    )]
    Encrypted,
    /// Not three segments.
    #[error("expected three dot-separated parts (header, payload, signature)")]
    NotCompact,
    /// One segment: no dot at all.
    #[error(
        "one part where a token has three: this may be an API key or an opaque token, not an Entra ID access token"
    )]
    OnePart,
    /// Two segments.
    #[error("two parts of three: the token was cut off")]
    TwoParts,
    /// Blanks or line breaks in a text that has not three segments: tokens that were
    /// joined, or one that was folded.
    #[error("there are blanks or line breaks in it: give one token on one line")]
    Blanks,
    /// A JSON document, for example a whole token response.
    #[error("this is JSON: give the value of `access_token`")]
    JsonDocument,
    /// The form that Entra ID's refresh tokens have.
    #[error("Entra ID's refresh tokens look like this and cannot be read: give the access token")]
    RefreshToken,
    /// The `Bearer ` of an `Authorization` header stands before the token.
    #[error("the authorization scheme `Bearer` stands before the token: give the token alone")]
    BearerPrefix,
    /// `Bearer ` stands there twice.
    #[error(
        "the authorization scheme `Bearer` stands twice: what adds it gets a value that has it already"
    )]
    DoubledBearer,
    /// The token stands in quotes.
    #[error("the token stands in quotes: give it without them")]
    Quoted,
    /// A certificate or a key, as a PEM file or as the base64 within one.
    #[error("this is a certificate or a key (PEM, or its base64) and not a token")]
    Certificate,
    /// A segment that is not strict base64url.
    #[error("the {0} is not base64url without padding")]
    Base64(Part),
    /// A segment that no token of this kind has.
    #[error("the {0} is too long")]
    SegmentTooLong(Part),
    /// A segment that is not a JSON object in UTF-8.
    #[error("the {0} is not a JSON object")]
    Json(Part),
    /// Two members of one object have the same name (RFC 7519, section 4).
    #[error("the {0} holds a member twice")]
    Duplicate(Part),
    /// A member whose name differs from a known one in case only.
    #[error("the payload holds a claim that differs from `{0}` in case only")]
    CaseVariant(&'static str),
    /// A known member of another type.
    #[error("`{name}` in the {part} has the wrong type")]
    #[non_exhaustive]
    WrongType {
        /// Where.
        part: Part,
        /// The member.
        name: &'static str,
    },
    /// Objects or arrays nested too deeply.
    #[error("the {0} is nested too deeply")]
    Depth(Part),
    /// A claim that identifies the caller is missing or unusable. Only from
    /// [`dangerous::assume_verified`](crate::dangerous::assume_verified).
    #[error("the claim `{0}` is missing or unusable")]
    Unusable(&'static str),
    /// Claims that cannot be true together. Only from there, too.
    #[error("the token's claims contradict each other: {0}")]
    Contradiction(&'static str),
    /// Neither a user's nor an application's claims. Only from there, too.
    #[error("the token does not say whether a user or an application is calling: {0}")]
    UnknownCaller(&'static str),
}

impl DecodeError {
    pub(crate) fn from_json(part: Part, error: JsonError) -> Self {
        match error {
            JsonError::Syntax | JsonError::NotAnObject | JsonError::TooLong => Self::Json(part),
            JsonError::Duplicate => Self::Duplicate(part),
            JsonError::CaseVariant(name) => Self::CaseVariant(name),
            JsonError::Type(name) => Self::WrongType { part, name },
            JsonError::Depth => Self::Depth(part),
        }
    }
}
