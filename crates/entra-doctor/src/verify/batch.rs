//! `verify --batch`: one token, key set and policy per line of JSON.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};

use entra_claims::{KeySet, KeySetError, Policy};
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// The longest line that is read: a token and a key set of the largest size fit many times.
const LIMIT: u64 = 32 * 1024 * 1024;

/// Answers one line of JSON with one line of JSON, in order, until the input ends.
///
/// In: `{"id", "token", "now": UNIX_SECONDS, "jwks": {"keys": [...]}, "policy": {...}}`, the
/// policy as [`Policy`](entra_claims::Policy) describes it. Out: `{"id", "outcome": "accept",
/// "principal": {"tid", "oid", "kind"}}` or `{"id", "outcome": "reject", "reason",
/// "message"}`; and for a line that is not valid input `{"id": null, "outcome": "error",
/// "message"}`.
///
/// ```
/// let mut out = Vec::new();
/// entra_doctor::batch(&mut &b"no JSON\n"[..], &mut out)?;
/// assert!(String::from_utf8_lossy(&out).contains("\"outcome\":\"error\""));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// An input that cannot be read, or an output that cannot be written.
pub fn batch(input: &mut dyn Read, out: &mut dyn Write) -> io::Result<()> {
    let mut input = BufReader::new(input);
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        let read = (&mut input).take(LIMIT + 1).read_until(b'\n', &mut bytes)?;
        if read == 0 {
            return Ok(());
        }
        let ended = bytes.last() == Some(&b'\n');
        let answer = if !ended && read as u64 > LIMIT {
            skip_line(&mut input)?;
            error("the line is too long")
        } else {
            answer(&bytes)
        };
        writeln!(out, "{}", crate::render::safe_json(&answer.to_string()))?;
        // Whoever feeds lines one by one waits for each answer.
        out.flush()?;
    }
}

fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        let (used, ended) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(end) => (end + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        input.consume(used);
        if ended {
            return Ok(());
        }
    }
}

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
fn answer(line: &[u8]) -> Value {
    match ask(line) {
        Ok(answer) => answer,
        Err(message) => error(&message),
    }
}

/// A line that is not valid input.
fn error(message: &str) -> Value {
    let message = crate::redact::secrets(message);
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
