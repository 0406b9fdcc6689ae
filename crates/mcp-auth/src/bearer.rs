//! Bearer token extraction from the `Authorization` header (RFC 6750).

use std::fmt;

use http::header::AUTHORIZATION;
use http::{HeaderValue, Request, Uri};
use url::form_urlencoded;

/// A token as the client sent it, not yet looked at.
pub(crate) struct BearerToken {
    header: HeaderValue,
    start: usize,
}

/// Why a request carries no usable token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BearerError {
    /// No credentials, or credentials of a scheme that is not spoken here.
    Absent(Absence),
    /// `Bearer` with nothing or with something that is no token behind it.
    Malformed,
    /// The token stands in quotes.
    Quoted,
    /// `Bearer` stands there twice.
    Doubled,
    /// A token without `Bearer` in front of it.
    Bare,
    /// The header stands there more than once.
    Repeated,
    /// A token in the header and another in the query.
    TwoMethods,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absence {
    NoHeader,
    OtherScheme,
}

/// Removes `Authorization` and gives the token that was in it.
///
/// The header is gone afterwards, whatever the outcome: nothing behind the guard sees it.
/// Tokens in the query or in a form are never read (RFC 6750, section 5.3; MCP: "MUST NOT
/// be included in the URI query string"); a query token beside the header is the "more
/// than one method" of RFC 6750, section 3.1.
pub(crate) fn take<B>(request: &mut Request<B>) -> Result<BearerToken, BearerError> {
    let headers = request.headers_mut();
    // As a rule no header is, and one look at the map is enough.
    let some_repeated = headers.len() > headers.keys_len();
    let repeated = some_repeated && headers.get_all(AUTHORIZATION).iter().nth(1).is_some();
    let header = headers.remove(AUTHORIZATION);
    if repeated {
        return Err(BearerError::Repeated);
    }
    let Some(header) = header else {
        return Err(BearerError::Absent(Absence::NoHeader));
    };
    let start = match token_start(header.as_bytes()) {
        Scheme::Other if looks_like_a_token(header.as_bytes()) => return Err(BearerError::Bare),
        Scheme::Other => return Err(BearerError::Absent(Absence::OtherScheme)),
        Scheme::Bearer(start) => start,
    };
    let token = BearerToken { header, start };
    if has_query_token(request.uri()) {
        return token.check().and(Err(BearerError::TwoMethods));
    }
    Ok(token)
}

impl BearerError {
    /// What stands where a token should: the two mistakes that clients make most.
    fn instead_of_a_token(text: &[u8]) -> Self {
        if text.first().is_some_and(|first| b"\"'".contains(first)) {
            return Self::Quoted;
        }
        match text.split_at_checked(7) {
            Some((scheme, _)) if scheme.eq_ignore_ascii_case(b"bearer ") => Self::Doubled,
            _ => Self::Malformed,
        }
    }
}

impl BearerToken {
    /// Refuses what is no token by the grammar. An accepted token is one, so this is asked of
    /// the others only.
    pub(crate) fn check(&self) -> Result<(), BearerError> {
        let text = self.as_bytes();
        if is_b64token(text) {
            Ok(())
        } else {
            Err(BearerError::instead_of_a_token(text))
        }
    }

    /// Not as text: to look whether 2.7 kB are UTF-8 takes as long as to find them in a cache.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.header.as_bytes().get(self.start..).unwrap_or_default()
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BearerToken(<redacted>)")
    }
}

enum Scheme {
    Bearer(usize),
    Other,
}

/// A JWT where a scheme should stand: `eyJ` is the base64 of `{"`.
fn looks_like_a_token(value: &[u8]) -> bool {
    value.starts_with(b"eyJ") && value.iter().filter(|byte| **byte == b'.').count() == 2
}

/// RFC 9110, section 11.4: `scheme 1*SP token68`, the scheme without regard to case.
fn token_start(value: &[u8]) -> Scheme {
    let end = value.iter().position(|b| *b == b' ').unwrap_or(value.len());
    let (scheme, rest) = value.split_at(end);
    if !scheme.eq_ignore_ascii_case(b"bearer") {
        return Scheme::Other;
    }
    let spaces = rest.iter().take_while(|b| **b == b' ').count();
    Scheme::Bearer(end + spaces)
}

/// RFC 6750, section 2.1: `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`.
fn is_b64token(token: &[u8]) -> bool {
    let padding = token.iter().rev().take_while(|b| **b == b'=').count();
    let (body, _) = token.split_at(token.len() - padding);
    // Without a way out in the middle the loop becomes one over many bytes at a time.
    !body.is_empty() && body.iter().fold(true, |all, b| all & is_token_byte(*b))
}

fn is_token_byte(byte: u8) -> bool {
    let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    let digit_or_slash = byte.wrapping_sub(b'/') < 11;
    let dash_or_dot = byte.wrapping_sub(b'-') < 2;
    letter | digit_or_slash | dash_or_dot | (byte == b'_') | (byte == b'~') | (byte == b'+')
}

fn has_query_token(uri: &Uri) -> bool {
    uri.query().is_some_and(|query| {
        form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "access_token")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take_from(values: &[&[u8]], uri: &str) -> Result<String, BearerError> {
        let mut request = Request::new(());
        *request.uri_mut() = uri.parse().unwrap();
        for value in values {
            let value = HeaderValue::from_bytes(value).unwrap();
            request.headers_mut().append(AUTHORIZATION, value);
        }
        let taken = take(&mut request).and_then(|token| token.check().map(|()| token));
        let left = request.headers().contains_key(AUTHORIZATION);
        assert!(!left, "the header must go");
        taken.map(|token| String::from_utf8(token.as_bytes().to_vec()).unwrap())
    }

    #[test]
    fn the_scheme_has_no_case_and_any_number_of_spaces() {
        for value in [
            "Bearer abc.d-e_f~+/==",
            "bearer abc.d-e_f~+/==",
            "BEARER   abc.d-e_f~+/==",
        ] {
            let token = take_from(&[value.as_bytes()], "/mcp").unwrap();
            assert_eq!(token, "abc.d-e_f~+/==", "{value}");
        }
    }

    #[test]
    fn the_characters_of_a_token_are_those_of_the_grammar() {
        for byte in 0..=u8::MAX {
            let expected = byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
            assert_eq!(is_token_byte(byte), expected, "{byte}");
        }
    }

    #[test]
    fn no_credentials_and_other_schemes_are_absent() {
        let absent = |why| Err(BearerError::Absent(why));
        assert_eq!(take_from(&[], "/mcp"), absent(Absence::NoHeader));
        assert_eq!(
            take_from(&[], "/mcp?access_token=abc"),
            absent(Absence::NoHeader)
        );
        for value in [
            "Basic abc",
            "DPoP abc",
            "abc",
            "",
            "Bearer\tabc",
            "Bearerx abc",
            " Bearer abc",
        ] {
            let found = take_from(&[value.as_bytes()], "/mcp");
            assert_eq!(found, absent(Absence::OtherScheme), "{value:?}");
        }
    }

    #[test]
    fn what_is_no_b64token_is_malformed() {
        for value in [
            &b"Bearer"[..],
            b"Bearer ",
            b"Bearer a b",
            b"Bearer a ",
            b"Bearer a, Bearer b",
            b"Bearer a=b",
            b"Bearer ===",
            b"Bearer \xe2\x82\xac",
            b"Bearer a\xff",
            b"Bearer a\tb",
        ] {
            assert_eq!(
                take_from(&[value], "/mcp"),
                Err(BearerError::Malformed),
                "{value:?}"
            );
        }
    }

    #[test]
    fn a_quoted_a_doubled_and_a_bare_token_are_named() {
        for (value, error) in [
            ("Bearer \"a.b.c\"", BearerError::Quoted),
            ("Bearer 'a.b.c'", BearerError::Quoted),
            ("Bearer Bearer a.b.c", BearerError::Doubled),
            ("bearer  BEARER a.b.c", BearerError::Doubled),
            ("Bearer a Bearer b", BearerError::Malformed),
            ("eyJhbGciOiJSUzI1NiJ9.e30.c2ln", BearerError::Bare),
        ] {
            assert_eq!(
                take_from(&[value.as_bytes()], "/mcp"),
                Err(error),
                "{value}"
            );
        }
    }

    #[test]
    fn a_second_header_is_refused_whatever_it_says() {
        for second in ["Bearer a", "Bearer b", "Basic x", ""] {
            let found = take_from(&[b"Bearer a", second.as_bytes()], "/mcp");
            assert_eq!(found, Err(BearerError::Repeated), "{second}");
        }
    }

    #[test]
    fn a_query_token_beside_the_header_is_refused() {
        for uri in [
            "/mcp?access_token=b",
            "/mcp?x=1&access%5Ftoken=b",
            "/mcp?access_token",
        ] {
            assert_eq!(
                take_from(&[b"Bearer a"], uri),
                Err(BearerError::TwoMethods),
                "{uri}"
            );
        }
        assert!(take_from(&[b"Bearer a"], "/mcp?my_access_token=b").is_ok());
    }

    #[test]
    fn debug_shows_no_token() {
        let mut request = Request::new(());
        let value = HeaderValue::from_static("Bearer s3cret");
        request.headers_mut().insert(AUTHORIZATION, value);
        let token = take(&mut request).unwrap();
        assert!(!format!("{token:?}").contains("s3cret"));
    }
}
