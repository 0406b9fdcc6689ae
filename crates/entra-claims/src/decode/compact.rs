//! The three segments of a compact JWS (RFC 7515, section 7.1).

use super::DecodeError;

/// The largest token that is looked at.
pub(crate) const MAX_TOKEN: usize = 32 * 1024;

/// A token cut at its dots, nothing decoded.
#[derive(Clone, Copy)]
pub(crate) struct Compact<'t> {
    pub(crate) header: &'t str,
    pub(crate) payload: &'t str,
    pub(crate) signature: &'t str,
    /// Header, dot, payload: what is signed.
    #[cfg_attr(
        not(any(feature = "validate", test)),
        expect(dead_code, reason = "no crypto here")
    )]
    pub(crate) signing_input: &'t str,
}

impl<'t> Compact<'t> {
    pub(crate) fn split(token: &'t str) -> Result<Self, DecodeError> {
        if token.len() > MAX_TOKEN {
            return Err(DecodeError::TooLarge { bytes: token.len() });
        }
        if starts_with_scheme(token) {
            return Err(DecodeError::BearerPrefix);
        }
        // At most six pieces are cut off, however many dots there are.
        let mut pieces = token.splitn(6, '.');
        let (Some(header), Some(payload), Some(signature)) =
            (pieces.next(), pieces.next(), pieces.next())
        else {
            return Err(not_compact(token));
        };
        match pieces.count() {
            0 => {}
            2 => return Err(DecodeError::Encrypted),
            _ => return Err(not_compact(token)),
        }
        if header.is_empty() || payload.is_empty() {
            return Err(not_compact(token));
        }
        let signing_input = token
            .get(..header.len() + 1 + payload.len())
            .unwrap_or_default();
        Ok(Self {
            header,
            payload,
            signature,
            signing_input,
        })
    }
}

/// A whole `Authorization` header was pasted.
fn starts_with_scheme(token: &str) -> bool {
    let scheme = token.get(..7).unwrap_or_default();
    scheme.eq_ignore_ascii_case("bearer ")
}

fn not_compact(token: &str) -> DecodeError {
    if token.trim_start().starts_with("-----BEGIN") {
        DecodeError::Pem
    } else {
        DecodeError::NotCompact
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_segments_and_nothing_else() {
        let compact = Compact::split("aa.bb.cc").unwrap();
        assert_eq!(
            (compact.header, compact.payload, compact.signature),
            ("aa", "bb", "cc")
        );
        assert_eq!(compact.signing_input, "aa.bb");
        for (token, expected) in [
            ("", DecodeError::NotCompact),
            ("aa", DecodeError::NotCompact),
            ("aa.bb", DecodeError::NotCompact),
            (".bb.cc", DecodeError::NotCompact),
            ("aa..cc", DecodeError::NotCompact),
            ("aa.bb.cc.dd", DecodeError::NotCompact),
            ("aa.bb.cc.dd.ee", DecodeError::Encrypted),
            ("aa.bb.cc.dd.ee.ff", DecodeError::NotCompact),
            ("Bearer aa.bb", DecodeError::BearerPrefix),
            ("-----BEGIN CERTIFICATE-----", DecodeError::Pem),
        ] {
            assert_eq!(Compact::split(token).err(), Some(expected), "{token}");
        }
        let dots = ".".repeat(1000);
        assert_eq!(Compact::split(&dots).err(), Some(DecodeError::NotCompact));
    }

    #[test]
    fn the_size_is_looked_at_first() {
        let fits = format!("{}.b.c", "a".repeat(MAX_TOKEN - 4));
        assert!(Compact::split(&fits).is_ok());
        let too_large = format!("a{fits}");
        assert_eq!(
            Compact::split(&too_large).err(),
            Some(DecodeError::TooLarge {
                bytes: MAX_TOKEN + 1
            })
        );
    }
}
