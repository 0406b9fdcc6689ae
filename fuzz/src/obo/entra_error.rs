//! Error answers of the token endpoint.

use std::time::Duration;

use entra_obo::{EntraError, ErrorKind, NextStep};
use serde_json::Value;
use time::OffsetDateTime;

use super::challenge::holds;
use crate::check::prints_safely;

/// `EntraError::from_response` on `data` as the body of several statuses and as the `Retry-After`
/// header.
///
/// Prints one safe line without the answer's prose, gives what the JSON says and nothing else, and
/// never waits longer than an hour.
pub fn entra_error(data: &[u8]) {
    let received = OffsetDateTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    for status in [200, 400, 401, 429, 503] {
        let error = EntraError::from_response(status, None, data, received);
        assert_eq!(error.status(), status);
        holds_for(&error, data, received);
    }
    if let Ok(header) = str::from_utf8(data) {
        let error = EntraError::from_response(429, Some(header), b"", received);
        assert_eq!(error.kind(), ErrorKind::Throttled);
        holds_for(&error, b"", received);
        // A clock at the end of time must not overflow.
        let last = OffsetDateTime::new_utc(time::Date::MAX, time::Time::MIDNIGHT);
        let error = EntraError::from_response(429, Some(header), b"", last);
        holds_for(&error, b"", last);
    }
}

fn holds_for(error: &EntraError, body: &[u8], received: OffsetDateTime) {
    prints_safely(error);
    prose_is_not_printed(error);
    assert!(error.codes().len() <= 16);
    for name in [
        error.error(),
        error.suberror(),
        error.correlation_id(),
        error.trace_id(),
        error.timestamp(),
    ]
    .into_iter()
    .flatten()
    {
        assert!(name.len() <= 128 && name.bytes().all(|b| (0x20..0x7f).contains(&b)));
    }
    if let Some(claims) = error.claims() {
        holds(claims);
    }
    if let Some(name) = error.error() {
        let text = str::from_utf8(body).expect("read, so it is UTF-8");
        let text = text.trim_start_matches('\u{feff}');
        // The second reader may refuse what ours skips, such as a number beyond all range.
        if let Ok(second) = serde_json::from_str::<Value>(text) {
            assert_eq!(second.get("error").and_then(Value::as_str), Some(name));
        }
    }
    if let Some(wait) = error.retry_after() {
        assert!((Duration::from_secs(1)..=Duration::from_secs(3600)).contains(&wait));
    }
    match error.next() {
        NextStep::RetryAt(at) => {
            assert!(at >= received && at - received <= Duration::from_secs(3600));
        }
        NextStep::PassOnClaims => assert!(error.claims().is_some()),
        _ => {}
    }
}

/// The description is the one member that may hold anything, a token that was sent included.
fn prose_is_not_printed(error: &EntraError) {
    let Some(run) = error.description().and_then(|text| text.get(..24)) else {
        return;
    };
    let printed = format!("{error} {error:?}");
    // Unless the same words stand in a member that is printed.
    let told = [
        error.error(),
        error.suberror(),
        error.correlation_id(),
        error.trace_id(),
        error.timestamp(),
        error.claims().map(entra_obo::ClaimsChallenge::as_json),
        error.aadsts().map(entra_obo::aadsts::Aadsts::meaning),
    ];
    let elsewhere = told.into_iter().flatten().any(|text| text.contains(run));
    assert!(elsewhere || !printed.contains(run), "{printed}");
}
