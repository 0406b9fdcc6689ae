//! Assertions signed with a certificate of the app (Entra doc "Certificate credentials").
//!
//! Clients write thumbprints and chains in several ways, and all of them are taken: base64
//! of either alphabet, padded or not; chains with line breaks, as one text, or as PEM.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    prelude::BASE64_URL_SAFE_NO_PAD,
};
use serde_json::Value;

use super::Assertion;
use crate::errors::{AadError, table};
use crate::tokens::jwt::Parsed;
use crate::x509::{Certificate, JwsAlgorithm};

const NOT_FOUND: &str = "The key was not found.";
const UNREGISTERED: &str = "The certificate with identifier used to sign the client assertion is not registered on application.";
const BAD_SIGNATURE: &str = "Client assertion contains an invalid signature.";
const WRONG: &str = "The provided signature value did not match the expected signature value.";

/// Key, validity, signature, time, names, audience, in this order.
pub(in crate::http::token) fn check(
    assertion: &Assertion<'_>,
    token: &Parsed<'_>,
    algorithm: JwsAlgorithm,
) -> Result<(), AadError> {
    let certificate = find(assertion, token)?;
    if !certificate.is_valid_at(assertion.call.now) {
        return Err(AadError::new(table::CERTIFICATE_WINDOW));
    }
    let (message, signature) = token.signed();
    if !certificate.verifies(algorithm, message, signature) {
        return Err(AadError::new(table::CLIENT_SIGNATURE)
            .arg(BAD_SIGNATURE)
            .arg(WRONG)
            .arg(certificate.sha1()));
    }
    assertion.check_time(token)?;
    let id = assertion.client.client_id();
    let named = |claim| {
        token
            .text(claim)
            .is_some_and(|v| v.eq_ignore_ascii_case(id))
    };
    if !named("iss") || !named("sub") {
        return Err(AadError::new(table::CLIENT_ASSERTION_NAME));
    }
    check_audience(assertion, token)
}

/// The certificate that the header names: registered by thumbprint, or by subject name in a
/// chain that a trusted authority signed.
fn find(assertion: &Assertion<'_>, token: &Parsed<'_>) -> Result<Certificate, AadError> {
    let header = |name: &str| token.header.get(name).and_then(Value::as_str);
    let sha1 = header("x5t").and_then(thumbprint);
    let sha256 = header("x5t#S256").and_then(thumbprint);
    let mut registered = assertion.client.certificates.iter().map(|c| &c.parsed);
    let found = registered.find(|c| {
        sha1.as_ref().is_some_and(|t| *t == c.sha1())
            || sha256.as_ref().is_some_and(|t| *t == c.sha256())
    });
    if let Some(found) = found {
        return Ok(found.clone());
    }
    let chain = token.header.get("x5c").map(chain).unwrap_or_default();
    match chain.split_first() {
        Some((leaf, rest)) if !assertion.client.trusted_subjects.is_empty() => {
            trusted(assertion, leaf, rest)
        }
        _ => Err(AadError::new(table::CLIENT_SIGNATURE)
            .arg(UNREGISTERED)
            .arg(NOT_FOUND)
            .arg(sha1.or(sha256).unwrap_or_default())),
    }
}

/// The leaf, if its name is trusted and the authority for that name signed it, through the
/// rest of the chain where there is one.
fn trusted(
    assertion: &Assertion<'_>,
    leaf: &Certificate,
    rest: &[Certificate],
) -> Result<Certificate, AadError> {
    let named = assertion.client.trusted_subjects.iter();
    let named: Vec<_> = named.filter(|t| leaf.has_name(&t.name)).collect();
    if named.is_empty() {
        return Err(AadError::new(table::CERTIFICATE_SUBJECT));
    }
    let reaches = |root: &Certificate| {
        let mut signed = leaf;
        for issuer in rest {
            if root.signed(signed) {
                break;
            }
            if !issuer.signed(signed) || !issuer.is_authority() {
                return false;
            }
            signed = issuer;
        }
        root.signed(signed)
    };
    match named.iter().any(|t| reaches(&t.authority.parsed)) {
        true => Ok(leaf.clone()),
        false => Err(AadError::new(table::CLIENT_SIGNATURE)
            .arg(BAD_SIGNATURE)
            .arg("The certificate chain does not end at a trusted authority.")
            .arg(leaf.sha1())),
    }
}

/// Literally one of the spellings that the documents allow, of the tenant that was asked.
fn check_audience(assertion: &Assertion<'_>, token: &Parsed<'_>) -> Result<(), AadError> {
    let tenant = assertion.tenant;
    let base = &assertion.shared.base_url;
    let mut bases = vec![base.clone()];
    bases.extend(tenant.own_base(base));
    let mut names = vec![tenant.id.as_str(), assertion.segment];
    names.extend(tenant.domains.iter().map(String::as_str));
    let accepted = |aud: &str| {
        let ends = ["oauth2/v2.0/token", "oauth2/token", "v2.0"];
        let named = |base: &String| {
            let mut all = names.iter().flat_map(|name| ends.map(|end| (name, end)));
            all.any(|(name, end)| *aud == format!("{base}/{name}/{end}"))
        };
        bases.iter().any(named)
    };
    match token.is_for(accepted) {
        true => Ok(()),
        false => Err(AadError::new(table::CLIENT_ASSERTION_AUDIENCE)),
    }
}

/// A thumbprint in the one form that ours have.
fn thumbprint(text: &str) -> Option<String> {
    decode(text).map(|bytes| BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// Either alphabet, padded or not, blanks and line breaks ignored.
fn decode(text: &str) -> Option<Vec<u8>> {
    let config =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let clean: String = text
        .chars()
        .filter(|c| !c.is_ascii_whitespace())
        .map(|c| match c {
            '+' => '-',
            '/' => '_',
            c => c,
        })
        .collect();
    GeneralPurpose::new(&alphabet::URL_SAFE, config)
        .decode(clean)
        .ok()
}

/// `x5c`: a list, or one text; each DER, or PEM with any number of certificates.
fn chain(x5c: &Value) -> Vec<Certificate> {
    let texts: Vec<&str> = match x5c {
        Value::String(text) => vec![text],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let read = |bytes: Vec<u8>| match bytes.starts_with(b"-----BEGIN") {
        true => Certificate::chain_from_pem(&bytes),
        false => Certificate::from_der(&bytes).into_iter().collect(),
    };
    texts
        .into_iter()
        .filter_map(decode)
        .flat_map(read)
        .collect()
}

#[cfg(test)]
mod tests {
    use base64::prelude::BASE64_STANDARD;

    use super::*;

    #[test]
    fn every_way_to_write_base64_is_one() {
        for text in ["-_8", "-_8=", "+/8", "+/8=", " +/\n8= "] {
            assert_eq!(decode(text).unwrap(), [0xfb, 0xff], "{text:?}");
        }
        assert_eq!(decode("!"), None);
    }

    #[test]
    fn every_way_to_write_a_chain_is_one() {
        let der = include_bytes!("../../../../keys/test-only-1.cert.der");
        let plain = BASE64_STANDARD.encode(der);
        let broken = plain.replace('A', "A\n");
        let pem = format!("-----BEGIN CERTIFICATE-----\n{plain}\n-----END CERTIFICATE-----\n");
        let pem = BASE64_STANDARD.encode(pem);
        for x5c in [
            Value::from(plain.as_str()),
            Value::from(vec![plain.as_str()]),
            Value::from(vec![broken]),
            Value::from(vec![pem]),
        ] {
            let chain = chain(&x5c);
            assert_eq!(chain.len(), 1, "{x5c}");
            assert_eq!(chain[0].der, der);
        }
    }
}
