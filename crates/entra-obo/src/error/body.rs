//! Entra ID's error response: its JSON body (read tolerantly) and its `Retry-After` header.

use std::borrow::Cow;
use std::collections::HashMap;
use std::time::Duration;

use serde_json::value::RawValue;
use time::{Date, Month, OffsetDateTime, Time};

use entra_claims::ClaimsChallenge;

/// Larger error bodies are not looked at.
const BODY_LIMIT: usize = 64 * 1024;
const DESCRIPTION_LIMIT: usize = 4 * 1024;
const NAME_LIMIT: usize = 128;
const CODES_LIMIT: usize = 16;

/// What an error response says (RFC 6749, section 5.2, and the members that Entra ID
/// adds). Only `error` has to be there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ErrorBody {
    pub(super) error: String,
    pub(super) suberror: Option<String>,
    pub(super) codes: Vec<u64>,
    pub(super) claims: Option<ClaimsChallenge>,
    pub(super) description: Option<String>,
    pub(super) correlation_id: Option<String>,
    pub(super) trace_id: Option<String>,
    pub(super) timestamp: Option<String>,
}

impl ErrorBody {
    /// Reads a body, or says why it is no error response.
    pub(super) fn parse(body: &[u8]) -> Result<Self, &'static str> {
        if body.len() > BODY_LIMIT {
            return Err("the body is too large");
        }
        let text = std::str::from_utf8(body).map_err(|_| "the body is not UTF-8")?;
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() {
            return Err("the body is empty");
        }
        let members: HashMap<Cow<'_, str>, &RawValue> =
            serde_json::from_str(text).map_err(|_| "the body is not a JSON object")?;
        let member = |name: &str| members.get(name).map(|raw| raw.get());
        let string = |name| member(name).and_then(|raw| serde_json::from_str::<String>(raw).ok());
        let name = |key| string(key).filter(|text| is_name(text));

        let error = name("error").ok_or("the body has no error member")?;
        let description = string("error_description").map(|text| cut(&text).to_owned());
        let codes = match member("error_codes").map(codes) {
            Some(codes) if !codes.is_empty() => codes,
            _ => description
                .as_deref()
                .and_then(leading_code)
                .into_iter()
                .collect(),
        };
        Ok(Self {
            error,
            suberror: name("suberror"),
            codes,
            claims: member("claims").and_then(claims),
            description,
            correlation_id: name("correlation_id"),
            trace_id: name("trace_id"),
            timestamp: name("timestamp"),
        })
    }
}

/// `claims` is a string with JSON in it, as a rule; some answers hold the object itself.
/// An empty object asks for nothing.
fn claims(raw: &str) -> Option<ClaimsChallenge> {
    let challenge = match serde_json::from_str::<String>(raw) {
        Ok(text) => ClaimsChallenge::from_json(&text),
        Err(_) => ClaimsChallenge::from_json(raw),
    };
    let asks = |c: &ClaimsChallenge| {
        c.as_json()
            .bytes()
            .filter(|b| !b.is_ascii_whitespace())
            .count()
            > 2
    };
    challenge.ok().filter(asks)
}

/// Numbers, or numbers as text; anything else in the list is skipped.
fn codes(raw: &str) -> Vec<u64> {
    let list: Vec<&RawValue> = serde_json::from_str(raw).unwrap_or_default();
    let number = |raw: &&RawValue| raw.get().trim_matches('"').parse().ok();
    list.iter().filter_map(number).take(CODES_LIMIT).collect()
}

/// The number in front of a description: `AADSTS50079: Due to ...`.
fn leading_code(description: &str) -> Option<u64> {
    let rest = description.strip_prefix("AADSTS")?;
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    rest.get(..end)?.parse().ok()
}

/// Short and printable: these reach logs and messages.
fn is_name(text: &str) -> bool {
    let printable = |b: u8| b == b' ' || b.is_ascii_graphic();
    !text.is_empty() && text.len() <= NAME_LIMIT && text.bytes().all(printable)
}

fn cut(text: &str) -> &str {
    let mut end = text.len().min(DESCRIPTION_LIMIT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// No wait is longer: an endpoint that says a year is not believed.
const LIMIT: Duration = Duration::from_secs(3600);

/// Zero would mean a busy loop.
const LEAST: Duration = Duration::from_secs(1);

/// The wait that a header asks for, between one second and one hour; `None` when it is
/// neither seconds nor a date.
pub(super) fn retry_after(text: &str, now: OffsetDateTime) -> Option<Duration> {
    let text = text.trim();
    let wait = if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        // More digits than a u64 holds is also "long".
        text.parse().map_or(LIMIT, Duration::from_secs)
    } else {
        let wait = date(text)? - now;
        Duration::from_secs(u64::try_from(wait.whole_seconds()).unwrap_or(0))
    };
    Some(wait.clamp(LEAST, LIMIT))
}

/// The preferred form of RFC 9110, section 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`.
fn date(text: &str) -> Option<OffsetDateTime> {
    let (_, rest) = text.split_once(", ")?;
    let mut parts = rest.split(' ');
    let day = parts.next()?.parse().ok()?;
    let month = match parts.next()? {
        "Jan" => Month::January,
        "Feb" => Month::February,
        "Mar" => Month::March,
        "Apr" => Month::April,
        "May" => Month::May,
        "Jun" => Month::June,
        "Jul" => Month::July,
        "Aug" => Month::August,
        "Sep" => Month::September,
        "Oct" => Month::October,
        "Nov" => Month::November,
        "Dec" => Month::December,
        _ => return None,
    };
    let date = Date::from_calendar_date(parts.next()?.parse().ok()?, month, day).ok()?;
    let mut clock = parts.next()?.splitn(3, ':').map(|n| n.parse::<u8>().ok());
    let time = Time::from_hms(clock.next()??, clock.next()??, clock.next()??).ok()?;
    (parts.next()? == "GMT" && parts.next().is_none()).then(|| OffsetDateTime::new_utc(date, time))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(body: &str) -> Result<ErrorBody, &'static str> {
        ErrorBody::parse(body.as_bytes())
    }

    #[test]
    fn the_documented_shape_is_read_whole() {
        let body = parse(
            r#"{"error":"interaction_required","error_description":"AADSTS50079: Due to ...\r\nTrace ID: t","error_codes":[50079],"timestamp":"2017-05-01 22:43:20Z","trace_id":"b72a68c3-0926-4b8e-bc35-3150069c2800","correlation_id":"73d656cf-54b1-4eb2-b429-26d8165a52d7","claims":"{\"access_token\":{\"polids\":{\"essential\":true,\"values\":[\"9ab03e19\"]}}}"}"#,
        )
        .unwrap();
        assert_eq!(body.error, "interaction_required");
        assert_eq!(body.codes, [50079]);
        assert_eq!(body.suberror, None);
        assert_eq!(
            body.claims.unwrap().as_json(),
            r#"{"access_token":{"polids":{"essential":true,"values":["9ab03e19"]}}}"#
        );
        assert_eq!(body.timestamp.unwrap(), "2017-05-01 22:43:20Z");
        assert_eq!(
            body.correlation_id.unwrap(),
            "73d656cf-54b1-4eb2-b429-26d8165a52d7"
        );
        assert_eq!(
            body.trace_id.unwrap(),
            "b72a68c3-0926-4b8e-bc35-3150069c2800"
        );
        assert!(body.description.unwrap().starts_with("AADSTS50079"));
    }

    #[test]
    fn codes_come_as_numbers_as_text_or_only_in_the_description() {
        let codes = |body: &str| parse(body).unwrap().codes;
        assert_eq!(
            codes(r#"{"error":"e","error_codes":[7500529, "50013", {}, 1e99, -1]}"#),
            [7_500_529, 50013]
        );
        assert_eq!(
            codes(r#"{"error":"e","error_description":"AADSTS65001: The user"}"#),
            [65001]
        );
        assert_eq!(
            codes(r#"{"error":"e","error_codes":null,"error_description":"see AADSTS1"}"#),
            [0_u64; 0]
        );
        // Entra ID numbers some errors with more digits than 32 bits have.
        assert_eq!(
            codes(r#"{"error":"e","error_codes":[5000224999,65001]}"#),
            [5_000_224_999, 65001]
        );
        assert_eq!(
            codes(r#"{"error":"e","error_description":"AADSTS5000224999: x"}"#),
            [5_000_224_999]
        );
    }

    #[test]
    fn claims_come_as_text_or_as_an_object() {
        let claims = |body: &str| parse(body).unwrap().claims.map(|c| c.as_json().to_owned());
        let object = r#"{"access_token": {"acrs":1}}"#;
        assert_eq!(
            claims(&format!(r#"{{"error":"e","claims":{object}}}"#)).unwrap(),
            object
        );
        for nothing in [
            "\"\"",
            "\"{}\"",
            "{ }",
            "null",
            "7",
            "\"[1]\"",
            "\"{broken\"",
        ] {
            assert_eq!(
                claims(&format!(r#"{{"error":"e","claims":{nothing}}}"#)),
                None,
                "{nothing}"
            );
        }
    }

    #[test]
    fn what_is_no_error_response_says_why() {
        let huge = format!(
            r#"{{"error":"e","error_description":"{}"}}"#,
            "x".repeat(BODY_LIMIT)
        );
        for (body, why) in [
            ("", "empty"),
            ("  \r\n", "empty"),
            ("<html>502</html>", "JSON object"),
            ("[]", "JSON object"),
            ("{}", "no error"),
            (r#"{"error":{"code":"x"}}"#, "no error"),
            (r#"{"error":""}"#, "no error"),
            ("{\"error\":\"a\\r\\nb\"}", "no error"),
            (&huge, "too large"),
        ] {
            let reason = parse(body).unwrap_err();
            assert!(reason.contains(why), "{reason}");
        }
        assert_eq!(ErrorBody::parse(&[0xff]), Err("the body is not UTF-8"));
    }

    #[test]
    fn wrong_types_and_odd_characters_beside_error_are_dropped() {
        let body = parse("\u{feff}{\"error\":\"e\",\"suberror\":7,\"trace_id\":\"a\\u001b[31m\",\"timestamp\":[],\"unknown\":1}").unwrap();
        assert_eq!(body.suberror, None);
        assert_eq!(body.trace_id, None);
        assert_eq!(body.timestamp, None);
    }

    #[test]
    fn a_long_description_is_cut_between_characters() {
        let text = "\u{e9}".repeat(DESCRIPTION_LIMIT);
        let body = parse(&format!(r#"{{"error":"e","error_description":"x{text}"}}"#)).unwrap();
        assert!(body.description.unwrap().len() <= DESCRIPTION_LIMIT);
    }

    #[test]
    fn both_forms_are_read_and_bounded() {
        let now = date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        assert_eq!(now.unix_timestamp(), 784_111_777);
        let cases = [
            ("30", Some(30)),
            (" 30 ", Some(30)),
            ("0", Some(1)),
            ("3600", Some(3600)),
            ("3601", Some(3600)),
            ("99999999999999999999999", Some(3600)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
            ("Sun, 06 Nov 1994 08:49:00 GMT", Some(1)),
            ("Fri, 06 Nov 2093 08:49:00 GMT", Some(3600)),
            ("Sun, 06 Nov 1994 08:50:07 CET", None),
            ("Sun, 31 Feb 1994 08:50:07 GMT", None),
            ("Sun, 06 Nov 1994 24:50:07 GMT", None),
            ("-1", None),
            ("1e12", None),
            ("30s", None),
            ("", None),
        ];
        for (text, seconds) in cases {
            let expected = seconds.map(Duration::from_secs);
            assert_eq!(retry_after(text, now), expected, "{text:?}");
        }
    }
}
