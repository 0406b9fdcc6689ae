//! Versions of access tokens, `ver`.

/// The version of an access token, `ver`. The API's registration decides it
/// (`requestedAccessTokenVersion`), and not the endpoint that the client used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "Entra ID knows these two")]
pub enum TokenVersion {
    /// `1.0`, with the issuer `https://sts.windows.net/{tenant}/` in the public cloud.
    V1,
    /// `2.0`, with the issuer `https://login.microsoftonline.com/{tenant}/v2.0` there.
    V2,
}

impl TokenVersion {
    /// The version that `ver` names, in exactly this spelling.
    ///
    /// ```
    /// use entra_claims::TokenVersion;
    ///
    /// assert_eq!(TokenVersion::from_claim("2.0"), Some(TokenVersion::V2));
    /// assert_eq!(TokenVersion::from_claim("2"), None);
    /// ```
    #[must_use]
    pub fn from_claim(ver: &str) -> Option<Self> {
        match ver {
            "1.0" => Some(Self::V1),
            "2.0" => Some(Self::V2),
            _ => None,
        }
    }

    /// The value of `ver`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "1.0",
            Self::V2 => "2.0",
        }
    }
}
