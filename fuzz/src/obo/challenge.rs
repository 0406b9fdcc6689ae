//! Claims challenges.

use entra_obo::ClaimsChallenge;
use serde_json::Value;

use crate::check::{one_line, prints_safely};

/// `ClaimsChallenge::from_json` and `from_base64`.
///
/// A challenge is a JSON object of limited size, is kept byte for byte, and comes back from the
/// base64 of a header.
pub fn challenge(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    match ClaimsChallenge::from_json(text) {
        Ok(challenge) => {
            assert_eq!(challenge.as_json(), text);
            holds(&challenge);
        }
        Err(error) => prints_safely(&error),
    }
    match ClaimsChallenge::from_base64(text) {
        Ok(challenge) => {
            let again = ClaimsChallenge::from_json(challenge.as_json());
            assert_eq!(again.as_ref(), Ok(&challenge));
            holds(&challenge);
        }
        Err(error) => prints_safely(&error),
    }
}

pub(super) fn holds(challenge: &ClaimsChallenge) {
    let json = challenge.as_json();
    assert!(json.len() <= ClaimsChallenge::LIMIT);
    let value: Value = serde_json::from_str(json).expect("a challenge is JSON");
    assert!(value.is_object());
    one_line(&format!("{challenge:?}"));
    let header = challenge.to_base64();
    assert!(
        header
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b))
    );
    assert_eq!(
        ClaimsChallenge::from_base64(&header).as_ref(),
        Ok(challenge)
    );
}
