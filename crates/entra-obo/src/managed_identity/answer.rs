//! Token response of a managed identity endpoint: numbers may be strings.

use std::borrow::Cow;
use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::response::{LONGEST, seconds};
use crate::secret::Secret;

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow)]
    access_token: Option<Cow<'a, str>>,
    #[serde(borrow)]
    expires_in: Option<&'a RawValue>,
    #[serde(borrow)]
    expires_on: Option<&'a RawValue>,
    #[serde(borrow)]
    refresh_in: Option<&'a RawValue>,
}

#[derive(Debug)]
pub(super) struct Given {
    pub(super) token: Secret,
    pub(super) lasts: Duration,
    pub(super) refresh_in: Option<Duration>,
}

/// A token with more life than this is renewed at half of it.
const LONG: Duration = Duration::from_secs(2 * 3600);

/// Reads the body of a 200. App Service says `expires_on` only, in Unix seconds; the
/// metadata service says both, and `expires_in` needs no clock.
pub(super) fn parse(body: &[u8], now: i64) -> Result<Given, &'static str> {
    let wire: Wire<'_> = serde_json::from_slice(body)
        .map_err(|_| "it is not the JSON object of a token response")?;
    let token = wire.access_token.unwrap_or_default();
    if token.is_empty() || token.len() > 64 * 1024 {
        return Err("it has no access token, or one that is too long");
    }
    if !token.bytes().all(|b| b.is_ascii_graphic()) {
        return Err("its access token holds characters that no token has");
    }
    let until = |raw: &RawValue| {
        let on = i64::try_from(seconds(raw)?.as_secs()).ok()?;
        u64::try_from(on.checked_sub(now)?)
            .ok()
            .map(Duration::from_secs)
    };
    let lasts = wire.expires_in.and_then(seconds);
    let lasts = lasts.or_else(|| wire.expires_on.and_then(until));
    let lasts = lasts
        .filter(|lasts| !lasts.is_zero())
        .ok_or("it does not say how long the token lasts, or the token has expired")?
        .min(LONGEST);
    let told = wire.refresh_in.and_then(seconds);
    Ok(Given {
        token: Secret::new(token),
        lasts,
        refresh_in: told.or((lasts > LONG).then_some(lasts / 2)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000;

    #[test]
    fn both_shapes_are_read() {
        let imds = br#"{"access_token":"t","refresh_token":"","expires_in":"86399","expires_on":"1700086399","not_before":"1","resource":"r","token_type":"Bearer"}"#;
        let given = parse(imds, NOW).unwrap();
        assert_eq!(given.lasts.as_secs(), 86_399);
        assert_eq!(given.refresh_in, Some(Duration::from_secs(86_399) / 2));
        let app = br#"{"access_token":"t","client_id":"c","expires_on":"1700003600","resource":"r","token_type":"Bearer"}"#;
        let given = parse(app, NOW).unwrap();
        assert_eq!(given.lasts.as_secs(), 3600);
        assert_eq!(given.refresh_in, None);
        assert!(!format!("{given:?}").contains("\"t\""));
        // What lasts for ever is not believed.
        let ever = br#"{"access_token":"t","expires_in":"1e18"}"#;
        assert_eq!(parse(ever, NOW).unwrap().lasts, LONGEST);
    }

    #[test]
    fn what_cannot_be_used_says_why() {
        for (body, why) in [
            ("<html>", "JSON"),
            (r#"{"expires_in":"1"}"#, "no access token"),
            (r#"{"access_token":"a b","expires_in":"1"}"#, "characters"),
            (r#"{"access_token":"a"}"#, "how long"),
            (r#"{"access_token":"a","expires_in":"0"}"#, "how long"),
            (
                r#"{"access_token":"a","expires_on":"1699999999"}"#,
                "expired",
            ),
            (
                r#"{"access_token":"a","expires_on":"06/20/2024 02:57:58 +00:00"}"#,
                "how long",
            ),
            (r#"{"access_token":"a","expires_on":-1}"#, "how long"),
        ] {
            let reason = parse(body.as_bytes(), NOW).unwrap_err();
            assert!(reason.contains(why), "{body}: {reason}");
        }
    }
}
