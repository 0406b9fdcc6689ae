//! Claims of a token that was decoded elsewhere, as JSON or as lines of names and values.

use serde_json::{Map, Value, json};

use super::token::{Form, FoundToken, Place, SIGNATURE_LENGTH};

/// Claims of access tokens that a person copies out of a decoder.
const CLAIMS: [&str; 20] = [
    "aud",
    "iss",
    "tid",
    "oid",
    "sub",
    "appid",
    "azp",
    "azpacr",
    "appidacr",
    "scp",
    "roles",
    "ver",
    "exp",
    "iat",
    "nbf",
    "idtyp",
    "upn",
    "preferred_username",
    "idp",
    "name",
];

/// An object that is the claims of a token.
pub(super) fn is_claims(value: &Value) -> bool {
    let Some(members) = value.as_object() else {
        return false;
    };
    let text = |name: &str| {
        members
            .get(name)
            .is_some_and(|value| value.is_string() || value.is_array())
    };
    let known = CLAIMS
        .iter()
        .filter(|name| members.contains_key(**name))
        .count();
    text("aud") && known >= 2 || known >= 4 && members.contains_key("iss")
}

/// Claims as a token: nothing of it was signed, and nothing of the header is known.
pub(super) fn from_claims(value: &Value, start: usize, end: usize) -> FoundToken {
    let mut claims = value.clone();
    if let Some(members) = claims.as_object_mut() {
        // Decoders print times as dates beside the number.
        members
            .retain(|name, value| !is_time(name) || value.is_number() || numbers(value).is_some());
        for name in ["exp", "iat", "nbf"] {
            if let Some(number) = members.get(name).and_then(numbers) {
                members.insert(name.to_owned(), number.into());
            }
        }
    }
    FoundToken {
        start,
        end,
        text: encoded(&claims),
        form: Form::Decoded,
        place: Place::Elsewhere,
    }
}

fn is_time(name: &str) -> bool {
    matches!(name, "exp" | "iat" | "nbf")
}

fn numbers(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| {
        let text = value.as_str()?.trim();
        text.parse().ok().or_else(|| super::time::parse(text))
    })
}

fn encoded(claims: &Value) -> String {
    let header = json!({ "alg": "RS256", "typ": "JWT" });
    let part = |value: &Value| base64url(value.to_string().as_bytes());
    format!(
        "{}.{}.{}",
        part(&header),
        part(claims),
        "A".repeat(SIGNATURE_LENGTH)
    )
}

/// Lines such as `aud: https://...`, as people copy them.
pub(super) fn from_lines(text: &str, taken: &[super::json::Found]) -> Option<FoundToken> {
    let mut claims = Map::new();
    let (mut start, mut end, mut at) = (usize::MAX, 0, 0);
    for line in text.split_inclusive('\n') {
        let here = at;
        at += line.len();
        if taken
            .iter()
            .any(|json| here >= json.start && here < json.end)
        {
            continue;
        }
        for part in line.split([';', '|']) {
            if let Some((name, value)) = claim(part)
                && !claims.contains_key(name)
            {
                claims.insert(name.to_owned(), value);
                start = start.min(here);
                end = at;
            }
        }
    }
    let claims = Value::Object(claims);
    let named = claims
        .get("aud")
        .is_some_and(|aud| aud.as_str().is_some_and(|aud| aud.len() > 6));
    (named && claims.as_object().map_or(0, Map::len) >= 2).then(|| from_claims(&claims, start, end))
}

/// `aud: x`, `"aud": "x",`, `aud = x`, `- aud → x`.
fn claim(line: &str) -> Option<(&'static str, Value)> {
    let line = line
        .trim()
        .trim_start_matches(['-', '*', '"', '\'', '`', ' ', '>']);
    let name = CLAIMS.iter().find(|name| {
        let rest = line.strip_prefix(**name);
        rest.is_some_and(|rest| {
            rest.trim_start_matches(['"', '\'', '`', ' '])
                .starts_with([':', '=', '\u{2192}'])
        })
    })?;
    let (_, value) = line.split_once([':', '=', '\u{2192}'])?;
    let value = value
        .trim()
        .trim_end_matches([',', ';'])
        .trim()
        .trim_matches(['"', '\'', '`']);
    let first = value.split_whitespace().next()?;
    if first.starts_with(['<', '(']) {
        return None;
    }
    if matches!(*name, "scp" | "name") {
        return Some((name, Value::from(value)));
    }
    if *name == "roles" {
        let roles: Vec<_> = value
            .split([',', ' ', '[', ']', '"'])
            .filter(|role| !role.is_empty())
            .collect();
        return Some((name, json!(roles)));
    }
    let first = first
        .trim_end_matches([',', ')'])
        .trim_matches(['"', '\'', '`']);
    Some((
        name,
        if is_time(name) {
            Value::from(value)
        } else {
            Value::from(first)
        },
    ))
}

fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::with_capacity(bytes.len() * 4 / 3 + 3);
    for chunk in bytes.chunks(3) {
        let word = chunk
            .iter()
            .fold(0_u32, |word, byte| word << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for at in 0..=chunk.len() {
            let six = usize::try_from(word >> (18 - 6 * at) & 63).unwrap_or_default();
            out.extend(ALPHABET.get(six).map(|byte| char::from(*byte)));
        }
    }
    out
}

/// The text in base64 of either alphabet.
pub(super) fn base64_text(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let (mut word, mut bits) = (0_u32, 0_u32);
    for byte in text.trim().trim_end_matches('=').bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        word = (word << 6 | u32::from(six)) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(word >> bits & 0xff).unwrap_or_default());
        }
    }
    String::from_utf8(bytes).ok()
}
