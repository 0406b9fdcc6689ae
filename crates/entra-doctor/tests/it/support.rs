//! What the tests have in common.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// 256 bytes, as many as a key of Entra ID gives: `secret-signature--` 14 times, and zeros.
pub(crate) const SIGNATURE: &str = concat!(
    "c2VjcmV0LXNpZ25hdHVyZS0tc2VjcmV0LXNpZ25hdHVyZS0tc2VjcmV0LXNpZ25hdHVyZS0tc2VjcmV0LXNpZ25hdHVyZS0t",
    "c2VjcmV0LXNpZ25hdHVyZS0tc2VjcmV0LXNpZ25hdHVyZS0tc2VjcmV0LXNpZ25hdHVyZS0tc2VjcmV0LXNpZ25hdHVyZS0t",
    "c2VjcmV0LXNpZ25hdHVyZS0tc2VjcmV0LXNpZ25hdHVyZS0tc2VjcmV0LXNpZ25hdHVyZS0tc2VjcmV0LXNpZ25hdHVyZS0t",
    "c2VjcmV0LXNpZ25hdHVyZS0tc2VjcmV0LXNpZ25hdHVyZS0tAAAAAA",
);

pub(crate) fn doctor(args: &[&str], stdin: &[u8]) -> Output {
    doctor_with(args, &[], stdin)
}

/// With these variables in its environment.
pub(crate) fn doctor_with(args: &[&str], env: &[(&str, &str)], stdin: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_entra-doctor"))
        .args(args)
        .envs(env.iter().copied())
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses its arguments does not read; that is its right.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    child.wait_with_output().unwrap()
}

pub(crate) fn token(header: &Value, claims: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{SIGNATURE}", encode(header), encode(claims))
}

/// Valid until the year 2200.
pub(crate) fn good_claims() -> Value {
    json!({
        "aud": "https://ai.azure.com",
        "iss": "https://sts.windows.net/8eaef023-2b34-4da1-9baa-8bc8c9d6a490/",
        "tid": "8eaef023-2b34-4da1-9baa-8bc8c9d6a490",
        "oid": "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb",
        "appid": "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
        "scp": "user_impersonation",
        "nbf": 1_000_000_000,
        "exp": 7_258_118_400_i64,
        "ver": "1.0",
        "own_claim": { "a": 1 },
    })
}

pub(crate) fn good() -> String {
    token(
        &json!({ "alg": "RS256", "kid": "k1", "typ": "JWT" }),
        &good_claims(),
    )
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Unix seconds of `2026-01-31T12:00:00Z`, or of Unix seconds.
pub(crate) fn unix(text: &str) -> i64 {
    if let Ok(seconds) = text.parse() {
        return seconds;
    }
    let mut parts = text.split(|c: char| !c.is_ascii_digit());
    let mut next = || parts.next().unwrap().parse::<i64>().unwrap();
    let (year, month, day) = (next(), next(), next());
    let (year, month) = (year - i64::from(month <= 2), (month + 9) % 12);
    let days =
        year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 719_469;
    days * 86_400 + next() * 3_600 + next() * 60 + next()
}
