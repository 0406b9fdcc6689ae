//! `Retry-After` (RFC 9110, section 10.2.3): seconds or a date.

use std::time::Duration;

use time::{Date, Month, OffsetDateTime, Time};

/// No wait is longer: an endpoint that says a year is not believed.
const LIMIT: Duration = Duration::from_secs(3600);

/// Zero would mean a busy loop.
const LEAST: Duration = Duration::from_secs(1);

/// The wait that a header asks for, between one second and one hour; `None` when it is
/// neither seconds nor a date.
pub(super) fn parse(text: &str, now: OffsetDateTime) -> Option<Duration> {
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
            assert_eq!(parse(text, now), expected, "{text:?}");
        }
    }
}
