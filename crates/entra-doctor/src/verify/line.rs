//! One line of a batch: what is asked, and the answer.

use std::fmt;

use entra_claims::{KeySet, KeySetError, Policy};
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};
use serde_json::value::RawValue;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question<'l> {
    id: Value,
    token: AnyText,
    now: i64,
    #[serde(borrow)]
    jwks: &'l RawValue,
    policy: Policy,
}

/// The answer to one line, which is JSON as well.
pub(super) fn answer(line: &[u8]) -> Value {
    match ask(line) {
        Ok(answer) => answer,
        Err(message) => error(&message),
    }
}

/// A line that is not valid input.
pub(super) fn error(message: &str) -> Value {
    let message = crate::redact::tokens(message);
    json!({ "id": null, "outcome": "error", "message": message })
}

fn ask(line: &[u8]) -> Result<Value, String> {
    let text = str::from_utf8(line).map_err(|_| "the line is not UTF-8".to_owned())?;
    let question: Question<'_> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let keys = match KeySet::from_json(question.jwks.get().as_bytes()) {
        Ok(keys) => keys,
        // A key set, and the token's key is not in it.
        Err(KeySetError::NoUsableKey) => KeySet::empty(),
        Err(error) => return Err(error.to_string()),
    };
    let Question {
        id,
        token,
        now,
        policy,
        ..
    } = question;
    Ok(match super::decide(&token.0, &policy, &keys, now) {
        Ok(principal) => json!({
            "id": id,
            "outcome": "accept",
            "principal": {
                "tid": principal.tenant().to_string(),
                "oid": principal.object().to_string(),
                "kind": super::kind(&principal),
            },
        }),
        Err(rejection) => json!({
            "id": id,
            "outcome": "reject",
            "reason": rejection.code(),
            "message": super::message(&rejection),
        }),
    })
}

/// Any JSON string. One with half of a surrogate pair is no text: it becomes another one
/// that is no token either.
struct AnyText(String);

impl<'de> Deserialize<'de> for AnyText {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_bytes(Bytes)
    }
}

struct Bytes;

impl<'de> Visitor<'de> for Bytes {
    type Value = AnyText;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<AnyText, E> {
        Ok(AnyText(String::from_utf8_lossy(bytes).into_owned()))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<AnyText, E> {
        Ok(AnyText(text.to_owned()))
    }
}
