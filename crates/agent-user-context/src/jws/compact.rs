//! The three parts of a compact JWS, and base64url without padding.

use base64_simd::URL_SAFE_NO_PAD;

use super::MAX_CONTEXT;
use crate::reason::ContextReason;

/// A context cut at its dots.
pub(crate) struct Compact<'t> {
    pub(crate) header: &'t str,
    pub(crate) payload: &'t str,
    pub(crate) signature: &'t str,
    /// Header, dot, payload: what is signed.
    pub(crate) signing_input: &'t str,
}

impl<'t> Compact<'t> {
    pub(crate) fn split(text: &'t str) -> Result<Self, ContextReason> {
        if text.len() > MAX_CONTEXT {
            return Err(ContextReason::TooLong);
        }
        let malformed = ContextReason::Malformed;
        let (signing_input, signature) = text.rsplit_once('.').ok_or(malformed)?;
        let (header, payload) = signing_input.split_once('.').ok_or(malformed)?;
        if payload.contains('.')
            || [header, payload, signature]
                .iter()
                .any(|part| part.is_empty())
        {
            return Err(malformed);
        }
        Ok(Self {
            header,
            payload,
            signature,
            signing_input,
        })
    }
}

/// Strict: no padding, no blanks, no stray trailing bits, so that a context has one spelling.
pub(crate) fn decode(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode_to_vec(part).ok()
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

/// [`encode`] into a text that has room for it.
pub(crate) fn encode_into(text: &mut String, bytes: impl AsRef<[u8]>) {
    URL_SAFE_NO_PAD.encode_append(bytes, text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_parts_and_nothing_else() {
        let compact = Compact::split("aa.bb.cc").unwrap();
        assert_eq!(
            (compact.header, compact.payload, compact.signature),
            ("aa", "bb", "cc")
        );
        assert_eq!(compact.signing_input, "aa.bb");
        for bad in [
            "",
            "aa",
            "aa.bb",
            "aa.bb.",
            ".bb.cc",
            "aa..cc",
            "aa.bb.cc.dd",
            "aa.bb.cc.dd.ee",
            "...",
        ] {
            assert_eq!(
                Compact::split(bad).err(),
                Some(ContextReason::Malformed),
                "{bad:?}"
            );
        }
        let long = format!("{}.b.c", "a".repeat(MAX_CONTEXT - 4));
        assert!(Compact::split(&long).is_ok());
        assert_eq!(
            Compact::split(&format!("a{long}")).err(),
            Some(ContextReason::TooLong)
        );
    }

    #[test]
    fn base64url_has_one_spelling() {
        assert_eq!(decode("QQ").unwrap(), b"A");
        for bad in ["QQ==", "QR", "Q", "+_8", "Q Q", "QQ\n"] {
            assert_eq!(decode(bad), None, "{bad:?}");
        }
    }
}
