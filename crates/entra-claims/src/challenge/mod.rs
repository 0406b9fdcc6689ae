//! Claims challenge: the JSON of a `claims` parameter, from JSON, base64 or `WWW-Authenticate`.

mod header;

use std::fmt;
use std::sync::Arc;

use base64_simd::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// A claims challenge: the JSON object of a `claims` parameter, byte for byte.
///
/// It goes back to the client, which signs the user in with it; the middle tier cannot
/// satisfy it alone (Entra doc "Claims challenges, claims requests, and client
/// capabilities"). It names policies of the tenant and holds no secret.
///
/// ```
/// use entra_claims::ClaimsChallenge;
///
/// let challenge = ClaimsChallenge::from_json(r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#)?;
/// assert!(challenge.as_json().contains("acrs"));
/// assert!(challenge.to_base64().starts_with("eyJhY2Nlc3NfdG9rZW4i"));
/// assert!(ClaimsChallenge::from_json("[]").is_err());
/// # Ok::<(), entra_claims::InvalidChallenge>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ClaimsChallenge(Arc<str>);

impl ClaimsChallenge {
    /// The longest challenge that is taken, in bytes.
    pub const LIMIT: usize = 8 * 1024;

    /// Takes a challenge as JSON text.
    ///
    /// # Errors
    ///
    /// Anything but one JSON object, or more than [`ClaimsChallenge::LIMIT`] bytes.
    pub fn from_json(text: &str) -> Result<Self, InvalidChallenge> {
        if text.len() > Self::LIMIT {
            return Err(InvalidChallenge("it is too long"));
        }
        match serde_json::from_str(text) {
            Ok(serde_json::Value::Object(_)) => Ok(Self(text.into())),
            Ok(_) => Err(InvalidChallenge("it is JSON, but not an object")),
            Err(_) => Err(InvalidChallenge("it is not JSON")),
        }
    }

    /// Takes a challenge as it stands in the `claims` of a `WWW-Authenticate` header:
    /// base64 of the JSON, with either alphabet and with or without padding.
    ///
    /// # Errors
    ///
    /// Text that is no base64, or as [`ClaimsChallenge::from_json`].
    pub fn from_base64(text: &str) -> Result<Self, InvalidChallenge> {
        if text.len() > Self::LIMIT.saturating_mul(2) {
            return Err(InvalidChallenge("it is too long"));
        }
        let text = text.strip_suffix('=').unwrap_or(text);
        let text = text.strip_suffix('=').unwrap_or(text);
        let bytes = STANDARD_NO_PAD
            .decode_to_vec(text)
            .or_else(|_| URL_SAFE_NO_PAD.decode_to_vec(text))
            .map_err(|_| InvalidChallenge("it is not base64"))?;
        let json = String::from_utf8(bytes).map_err(|_| InvalidChallenge("it is not UTF-8"))?;
        Self::from_json(&json)
    }

    /// Reads the challenge of an API's 401 from its `WWW-Authenticate` field (Entra doc
    /// "Claims challenges, claims requests, and client capabilities").
    ///
    /// It is the `claims` of the one `Bearer` challenge that has them. Their `error` is
    /// `insufficient_claims`, or `invalid_token` as Azure Resource Manager writes it after a
    /// revocation.
    ///
    /// ```
    /// use entra_claims::ClaimsChallenge;
    ///
    /// let field = r#"Bearer realm="", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWUiOiIxNjA0MTA2NjUxIn19fQ==""#;
    /// let challenge = ClaimsChallenge::from_www_authenticate(field)?.ok_or("no claims")?;
    /// assert_eq!(challenge.as_json(), r#"{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}"#);
    ///
    /// // The token is refused for another reason.
    /// let field = r#"Bearer error="invalid_token", error_description="expired""#;
    /// assert!(ClaimsChallenge::from_www_authenticate(field)?.is_none());
    ///
    /// // Unquoted JSON, as some middleware sends it, is no header field.
    /// let field = r#"Bearer error="insufficient_claims", claims="{"access_token":{}}""#;
    /// assert!(ClaimsChallenge::from_www_authenticate(field).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A field that is not what RFC 9110, section 11.6.1, describes or is longer than 16 KiB,
    /// claims of two challenges, or claims that [`ClaimsChallenge::from_base64`] refuses.
    pub fn from_www_authenticate(field: &str) -> Result<Option<Self>, InvalidChallenge> {
        let mut found = None;
        for challenge in header::read(field)? {
            if !challenge.scheme.eq_ignore_ascii_case("Bearer") {
                continue;
            }
            let error = challenge.get("error").unwrap_or_default();
            let asks = ["insufficient_claims", "invalid_token"]
                .iter()
                .any(|known| error.eq_ignore_ascii_case(known));
            let Some(claims) = challenge.get("claims").filter(|_| asks) else {
                continue;
            };
            if found.replace(Self::from_base64(claims)?).is_some() {
                return Err(InvalidChallenge::new("two challenges have claims"));
            }
        }
        Ok(found)
    }

    /// Whether a field of a 401 says that the token itself is not valid any more (RFC 6750,
    /// section 3.1).
    #[must_use]
    pub fn is_invalid_token(field: &str) -> bool {
        header::read(field).is_ok_and(|challenges| {
            challenges.iter().any(|challenge| {
                challenge.scheme.eq_ignore_ascii_case("Bearer")
                    && challenge.get("error") == Some("invalid_token")
            })
        })
    }

    /// The JSON text, as Entra ID sent it.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.0
    }

    /// Base64 of the JSON text, for `claims="..."` of a `WWW-Authenticate` header, where
    /// raw JSON would break the quoting.
    #[must_use]
    pub fn to_base64(&self) -> String {
        STANDARD.encode_to_string(self.0.as_bytes())
    }
}

impl fmt::Debug for ClaimsChallenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `{:?}` of the text: the challenge comes from outside and may end up in a log.
        f.debug_tuple("ClaimsChallenge").field(&&*self.0).finish()
    }
}

/// A claims challenge that cannot be one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a claims challenge: {0}")]
pub struct InvalidChallenge(&'static str);

impl InvalidChallenge {
    const fn new(reason: &'static str) -> Self {
        Self(reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = r#"{"access_token":{"polids":{"essential":true,"values":["9ab03e19"]}}}"#;

    #[test]
    fn the_text_comes_back_byte_for_byte() {
        let spaced = format!(" {} ", JSON.replace(':', " : "));
        let challenge = ClaimsChallenge::from_json(&spaced).unwrap();
        assert_eq!(challenge.as_json(), spaced);
        let again = ClaimsChallenge::from_base64(&challenge.to_base64()).unwrap();
        assert_eq!(again, challenge);
    }

    #[test]
    fn base64_is_read_in_every_spelling() {
        let text = r#"{"a":"??>>~~"}"#;
        for encoded in [
            STANDARD.encode_to_string(text),
            STANDARD_NO_PAD.encode_to_string(text),
            base64_simd::URL_SAFE.encode_to_string(text),
            URL_SAFE_NO_PAD.encode_to_string(text),
        ] {
            let challenge = ClaimsChallenge::from_base64(&encoded).unwrap();
            assert_eq!(challenge.as_json(), text, "{encoded}");
        }
    }

    #[test]
    fn only_a_json_object_of_moderate_size_is_a_challenge() {
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(ClaimsChallenge::LIMIT));
        for text in ["", "null", "[]", "\"{}\"", "{", "{} {}", &long] {
            assert!(ClaimsChallenge::from_json(text).is_err(), "{text}");
        }
        assert!(ClaimsChallenge::from_json("{}").is_ok());
        for text in ["*", "bnVsbA==", "//8="] {
            assert!(ClaimsChallenge::from_base64(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_claims_of_a_field_are_those_of_its_bearer_challenge() {
        let encoded = ClaimsChallenge::from_json(JSON).unwrap().to_base64();
        let unpadded = encoded.trim_end_matches('=');
        let read = |field: &str| ClaimsChallenge::from_www_authenticate(field);
        for field in [
            format!(r#"Bearer error="insufficient_claims", claims="{encoded}""#),
            format!(r#"bearer CLAIMS="{unpadded}",Error=Insufficient_Claims"#),
            format!(
                r#"Bearer realm="", authorization_uri="https://login.windows.net/", error="invalid_token", error_description="User session has been revoked, claims=\"x\"", claims="{encoded}""#
            ),
            format!(
                r#"Negotiate, Basic realm="a", Bearer claims={unpadded}, error=insufficient_claims, PoP nonce="n""#
            ),
        ] {
            assert_eq!(read(&field).unwrap().unwrap().as_json(), JSON, "{field}");
        }
        for field in [
            "Bearer".to_owned(),
            r#"Bearer error="insufficient_claims""#.to_owned(),
            // Claims without an error, or with another one, ask for nothing.
            format!(r#"Bearer claims="{encoded}""#),
            format!(r#"Bearer error="insufficient_scope", claims="{encoded}""#),
            format!(r#"PoP error="insufficient_claims", claims="{encoded}""#),
            format!(r#"Bearer error="insufficient_claims", realm="claims=\"{encoded}\"""#),
        ] {
            assert_eq!(read(&field).unwrap(), None, "{field}");
        }
        for field in [
            r#"Bearer error="insufficient_claims", claims="*""#.to_owned(),
            r#"Bearer error="insufficient_claims", claims="""#.to_owned(),
            format!(
                r#"Bearer error="insufficient_claims", claims="{encoded}", claims="{encoded}""#
            ),
            format!(
                r#"Bearer error="insufficient_claims", claims="{encoded}", Bearer error="invalid_token", claims="{encoded}""#
            ),
            format!(r#"Bearer error="insufficient_claims", claims="{encoded}""#) + " x",
        ] {
            assert!(read(&field).is_err(), "{field}");
        }
    }
}
