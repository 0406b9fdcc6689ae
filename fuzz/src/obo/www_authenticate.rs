//! Claims challenges in the header field of an API's answer.

use entra_obo::ClaimsChallenge;

use super::challenge::holds;
use crate::check::prints_safely;

/// `ClaimsChallenge::from_www_authenticate`.
///
/// What comes out stands in the field, in base64, and is a challenge of limited size; put into
/// a field of its own, or after another challenge, it is read back byte for byte.
pub fn www_authenticate(data: &[u8]) {
    let Ok(field) = str::from_utf8(data) else {
        return;
    };
    let found = match ClaimsChallenge::from_www_authenticate(field) {
        Ok(Some(found)) => found,
        Ok(None) => return,
        Err(error) => return prints_safely(&error),
    };
    holds(&found);
    assert!(field.len() <= 16 * 1024);
    let lower = field.to_ascii_lowercase();
    for part in ["bearer", "claims", "error"] {
        assert!(lower.contains(part), "{part} is not there: {field:?}");
    }
    let claims = found.to_base64();
    for field in [
        format!(r#"Bearer error="insufficient_claims", claims="{claims}""#),
        format!(r#"Basic realm="x", Bearer claims="{claims}", error=invalid_token"#),
    ] {
        let again = ClaimsChallenge::from_www_authenticate(&field);
        assert_eq!(again, Ok(Some(found.clone())));
    }
    let twice = format!(r#"{field}, Bearer error=invalid_token, claims="{claims}""#);
    assert!(ClaimsChallenge::from_www_authenticate(&twice).is_err());
}
