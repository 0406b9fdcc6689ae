//! The compact form of a JWS (RFC 7515, section 3.1).

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use crate::keys::SigningKey;

/// A header or a claims set.
pub(crate) type Object = Map<String, Value>;

/// Signs; nothing if the crypto library fails.
pub(crate) fn sign(key: &SigningKey, header: &Object, claims: &Object) -> Option<String> {
    let encode = |object: &Object| serde_json::to_vec(object).ok();
    sign_bytes(key, &encode(header)?, &encode(claims)?)
}

/// Signs bytes as they are, JSON or not.
pub(crate) fn sign_bytes(key: &SigningKey, header: &[u8], payload: &[u8]) -> Option<String> {
    let input = signing_input(header, payload);
    let signature = key.sign(input.as_bytes())?;
    Some(format!(
        "{input}.{}",
        BASE64_URL_SAFE_NO_PAD.encode(signature)
    ))
}

pub(crate) fn signing_input(header: &[u8], payload: &[u8]) -> String {
    let mut input = BASE64_URL_SAFE_NO_PAD.encode(header);
    input.push('.');
    BASE64_URL_SAFE_NO_PAD.encode_string(payload, &mut input);
    input
}

/// A token taken apart; nothing is checked yet but its form.
pub(crate) struct Parsed<'a> {
    pub(crate) header: Object,
    pub(crate) claims: Object,
    input: &'a str,
    signature: Vec<u8>,
}

impl<'a> Parsed<'a> {
    pub(crate) fn read(token: &'a str) -> Option<Self> {
        Self::read_with(token, |text| text)
    }

    /// A client's own assertion, whose segments may be padded: azure-identity for Python pads
    /// them in its asyncio credentials (1.27), and Entra ID takes them.
    pub(crate) fn read_padded(token: &'a str) -> Option<Self> {
        Self::read_with(token, |text| text.trim_end_matches('='))
    }

    fn read_with(token: &'a str, unpad: impl Fn(&str) -> &str) -> Option<Self> {
        let (input, signature) = token.rsplit_once('.')?;
        let (header, payload) = input.split_once('.')?;
        let decode = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(unpad(text)).ok();
        Some(Self {
            header: serde_json::from_slice(&decode(header)?).ok()?,
            claims: serde_json::from_slice(&decode(payload)?).ok()?,
            signature: decode(signature)?,
            input,
        })
    }

    pub(crate) fn kid(&self) -> Option<&str> {
        self.header.get("kid").and_then(Value::as_str)
    }

    /// Whether it says RS256 and this key signed it.
    pub(crate) fn is_signed_by(&self, key: &SigningKey) -> bool {
        self.header.get("alg").and_then(Value::as_str) == Some("RS256")
            && key.verifies(self.input.as_bytes(), &self.signature)
    }

    pub(crate) fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim).and_then(Value::as_str)
    }

    pub(crate) fn alg(&self) -> &str {
        let alg = self.header.get("alg").and_then(Value::as_str);
        alg.unwrap_or_default()
    }

    /// What the signature covers, and the signature.
    pub(crate) fn signed(&self) -> (&[u8], &[u8]) {
        (self.input.as_bytes(), &self.signature)
    }

    /// A date as clients really write it: an integer, a fraction, or either as text.
    pub(crate) fn date(&self, claim: &str) -> Option<i64> {
        let value = self.claims.get(claim)?;
        let text = value.as_str().and_then(|t| t.parse().ok());
        let seconds: f64 = value.as_f64().or(text)?;
        // Saturates, and that is what is wanted of a date out of range.
        #[expect(clippy::cast_possible_truncation, reason = "fractions are dropped")]
        seconds.is_finite().then_some(seconds as i64)
    }

    /// Whether `aud`, one text or a list, has `audience`.
    pub(crate) fn is_for(&self, audience: impl Fn(&str) -> bool) -> bool {
        match self.claims.get("aud") {
            Some(Value::String(aud)) => audience(aud),
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).any(audience),
            _ => false,
        }
    }

    pub(crate) fn number(&self, claim: &str) -> Option<i64> {
        self.claims.get(claim).and_then(Value::as_i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::test_keys;

    #[test]
    fn what_is_signed_is_read_back() {
        let keys = test_keys().unwrap();
        let ring = crate::keys::KeyRing::new(keys);
        let mut header = Object::new();
        header.insert("alg".into(), "RS256".into());
        let mut claims = Object::new();
        claims.insert("exp".into(), 5.into());
        let token = sign(ring.live(), &header, &claims).unwrap();
        let parsed = Parsed::read(&token).unwrap();
        assert_eq!(parsed.number("exp"), Some(5));
        assert!(parsed.is_signed_by(ring.live()));
        assert!(!parsed.is_signed_by(&keys.unpublished));
        header.insert("alg".into(), "none".into());
        let token = sign(ring.live(), &header, &claims).unwrap();
        assert!(!Parsed::read(&token).unwrap().is_signed_by(ring.live()));
    }

    #[test]
    fn other_text_is_not_a_token() {
        for bad in ["", "a.b", "a.b.c", "e30.e30", "e30.W10.AA", "!.e30.AA"] {
            assert!(Parsed::read(bad).is_none(), "{bad}");
        }
        assert!(Parsed::read("e30.e30.AA").is_some());
    }

    #[test]
    fn only_a_clients_own_assertion_may_be_padded() {
        assert!(Parsed::read_padded("e30=.e30=.AQ==").is_some());
        assert!(Parsed::read_padded("e30.e30.AQ").is_some());
        assert!(Parsed::read("e30=.e30=.AQ==").is_none());
    }
}
