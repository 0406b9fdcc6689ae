//! Times in words.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// `2026-01-02T03:04:05Z`, or the number where no date is that far away.
pub(crate) fn date(unix: i64) -> String {
    OffsetDateTime::from_unix_timestamp(unix)
        .ok()
        .and_then(|at| at.format(&Rfc3339).ok())
        .unwrap_or_else(|| unix.to_string())
}

/// `in 59 minutes`, `2 hours ago`.
pub(crate) fn relative(unix: i64, now: i64) -> String {
    let seconds = i128::from(unix) - i128::from(now);
    let text = span(seconds.unsigned_abs());
    match seconds {
        0 => "now".to_owned(),
        1.. => format!("in {text}"),
        _ => format!("{text} ago"),
    }
}

/// The largest unit of which there are two or more.
pub(crate) fn span(seconds: u128) -> String {
    const UNITS: [(u128, &str); 3] = [(86_400, "days"), (3_600, "hours"), (60, "minutes")];
    UNITS
        .iter()
        .find(|(length, _)| seconds >= 2 * length)
        .map_or_else(
            || format!("{seconds} second{}", if seconds == 1 { "" } else { "s" }),
            |(length, name)| format!("{} {name}", seconds / length),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_from_now() {
        for (unix, words) in [
            (1_000, "now"),
            (1_001, "in 1 second"),
            (1_119, "in 119 seconds"),
            (1_120, "in 2 minutes"),
            (1_000 + 7_199, "in 119 minutes"),
            (1_000 + 7_200, "in 2 hours"),
            (1_000 + 172_800, "in 2 days"),
            (999, "1 second ago"),
            (400, "10 minutes ago"),
        ] {
            assert_eq!(relative(unix, 1_000), words);
        }
        assert!(relative(i64::MAX, i64::MIN).starts_with("in "));
        assert!(relative(i64::MIN, i64::MAX).ends_with(" ago"));
    }

    #[test]
    fn dates_far_away_stay_numbers() {
        assert_eq!(date(0), "1970-01-01T00:00:00Z");
        assert_eq!(date(i64::MAX), i64::MAX.to_string());
    }
}
