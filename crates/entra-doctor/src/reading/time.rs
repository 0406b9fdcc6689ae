//! Times as logs, headers and error texts write them.

use super::scan;

/// Unix seconds from an RFC 3339 time, the date of an HTTP header or a number.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(number) = text.parse::<i64>() {
        // JavaScript counts milliseconds.
        return Some(if number > 100_000_000_000 {
            number / 1000
        } else {
            number
        });
    }
    at(text).map(|(time, _)| time).or_else(|| http_date(text))
}

/// What a time says about the failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    /// Some time in the text.
    Mentioned,
    /// A line of a log.
    Logged,
    /// A line of a log that names a failure.
    Failing,
    /// The time in an answer: `Date`, `Timestamp:`, `"timestamp"`.
    Answered,
}

/// The time of the failure, if the text says so: the latest of the weightiest kind.
pub(crate) fn of_failure(text: &str) -> Option<i64> {
    let mut best: Option<(Weight, i64)> = None;
    for line in text.lines() {
        let mut rest = line;
        while let Some((time, end)) = at(rest) {
            let candidate = (weight(line), time);
            // Times in claims and certificates are no times of a failure.
            if !of_validity(line) {
                best = best.max(Some(candidate));
            }
            rest = rest.get(end..).unwrap_or_default();
        }
        if let Some(time) = http_date_in(line) {
            best = best.max(Some((Weight::Answered, time)));
        }
        if let Some(time) = in_words(line).or_else(|| epoch(line)) {
            best = best.max(Some((weight(line).max(Weight::Logged), time)));
        }
        if let Some(time) = american(line).filter(|_| !of_validity(line)) {
            best = best.max(Some((weight(line), time)));
        }
    }
    best.filter(|(weight, _)| *weight > Weight::Mentioned)
        .map(|(_, time)| time)
}

fn weight(line: &str) -> Weight {
    let lower = line.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if has(&[
        "timestamp",
        "\"date\"",
        "date:",
        "createddatetime",
        "\"time\"",
        "current time",
        "current utc time",
    ]) {
        Weight::Answered
    } else if has(&[
        "401",
        "403",
        "400",
        "error",
        "fail",
        "unauthorized",
        "forbidden",
        "aadsts",
        "denied",
        "exception",
        "warn",
    ]) {
        Weight::Failing
    } else if line
        .trim_start()
        .starts_with(|c: char| c.is_ascii_digit() || c == '[')
    {
        Weight::Logged
    } else {
        Weight::Mentioned
    }
}

fn of_validity(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    [
        "expires",
        "validto",
        "valid to",
        "notafter",
        "not after",
        "enddatetime",
        "startdatetime",
        "api-version",
        "api_version",
        "issued",
        "expiry",
    ]
    .iter()
    .any(|word| lower.contains(word))
        && !lower.contains("timestamp")
        && !lower.contains("current")
}

/// The first `2025-07-07 10:30:48` of a text, with its end: without a zone it is read as UTC.
fn at(text: &str) -> Option<(i64, usize)> {
    let bytes = text.as_bytes();
    let digits = |from: usize, count: usize| {
        let part = text.get(from..from + count)?;
        part.bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| part.parse::<i64>().ok())
            .flatten()
    };
    (0..bytes.len().saturating_sub(18)).find_map(|start| {
        if start > 0 && bytes.get(start - 1).is_some_and(u8::is_ascii_digit) {
            return None;
        }
        let year = digits(start, 4)?;
        let separator =
            |at: usize, allowed: &[u8]| bytes.get(start + at).is_some_and(|b| allowed.contains(b));
        if !separator(4, b"-/") || !separator(7, b"-/") || !separator(10, b"T t_") {
            return None;
        }
        if !separator(13, b":") || !separator(16, b":") {
            return None;
        }
        let (month, day) = (digits(start + 5, 2)?, digits(start + 8, 2)?);
        let (hour, minute, second) = (
            digits(start + 11, 2)?,
            digits(start + 14, 2)?,
            digits(start + 17, 2)?,
        );
        let mut end = start + 19;
        if bytes.get(end).is_some_and(|b| matches!(b, b'.' | b',')) {
            end += 1;
            while bytes.get(end).is_some_and(u8::is_ascii_digit) {
                end += 1;
            }
        }
        let zone = text.get(end..).and_then(offset).unwrap_or(0);
        let time = seconds(year, month, day, hour, minute, second)? - zone;
        Some((time, end))
    })
}

/// `+02:00` or `+0200`, in seconds.
fn offset(rest: &str) -> Option<i64> {
    let rest = rest.trim_start_matches(' ');
    let sign = match rest.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: String = rest
        .get(1..)?
        .chars()
        .filter(|c| *c != ':')
        .take(4)
        .collect();
    if digits.len() != 4 {
        return None;
    }
    let hours: i64 = digits.get(..2)?.parse().ok()?;
    let minutes: i64 = digits.get(2..)?.parse().ok()?;
    (hours < 15).then_some(sign * (hours * 3600 + minutes * 60))
}

fn seconds(year: i64, month: i64, day: i64, hour: i64, minute: i64, second: i64) -> Option<i64> {
    if !(1970..=2200).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // Days from the civil calendar, March first.
    let years = if month <= 2 { year - 1 } else { year };
    let months = (month + 9) % 12;
    let days = 365 * years + years / 4 - years / 100 + years / 400 + (153 * months + 2) / 5 + day
        - 1
        - 719_468;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// `Date: Mon, 07 Jul 2025 10:30:48 GMT`, and the form of access logs.
fn http_date_in(line: &str) -> Option<i64> {
    let after = scan::after(line, "date:").or_else(|| line.contains(" GMT").then_some(line));
    after.and_then(http_date).or_else(|| {
        // 07/Jul/2025:10:30:48 +0000
        let inner = scan::between(line, "[", "]").unwrap_or(line);
        http_date(
            inner
                .split_once('/')
                .map(|_| inner.replace(['/', ':'], " "))?
                .as_str(),
        )
    })
}

/// `Mon Jul  7 10:50:00 UTC 2025`, as date(1) prints it.
fn in_words(line: &str) -> Option<i64> {
    let words: Vec<&str> = line
        .split(|c: char| c.is_whitespace() || c == ':')
        .filter(|word| !word.is_empty())
        .collect();
    words.windows(7).find_map(|window| {
        let [month, day, hour, minute, second, zone, year] = window else {
            return None;
        };
        let month = MONTHS
            .iter()
            .position(|name| month.eq_ignore_ascii_case(name))?;
        let (year, zone) = match year.parse::<i64>() {
            Ok(year) if year > 1999 => (year, *zone),
            _ => (zone.parse::<i64>().ok().filter(|year| *year > 1999)?, "UTC"),
        };
        let utc = matches!(zone, "UTC" | "GMT" | "Z");
        let number = |text: &str| text.parse::<i64>().ok();
        let month = i64::try_from(month).ok()? + 1;
        utc.then(|| {
            seconds(
                year,
                month,
                number(day)?,
                number(hour)?,
                number(minute)?,
                number(second)?,
            )
        })?
    })
}

/// `1751885000 POST /api`: a log that counts seconds.
fn epoch(line: &str) -> Option<i64> {
    let word = line.split_whitespace().next()?;
    let whole = word.split('.').next()?;
    let digits = whole.len() == 10 && whole.bytes().all(|b| b.is_ascii_digit());
    let alone = line.trim() == word;
    (digits && !alone).then(|| whole.parse().ok())?
}

/// `7/30/2025 11:30:48 AM`, as .NET writes times: the last one of the line.
fn american(line: &str) -> Option<i64> {
    let words: Vec<&str> = line
        .split(|c: char| c.is_whitespace() || "'\",()".contains(c))
        .filter(|word| !word.is_empty())
        .collect();
    let number = |text: &str| text.parse::<i64>().ok();
    let read = |at: usize| {
        let date: Vec<_> = words.get(at)?.split('/').filter_map(number).collect();
        let time: Vec<_> = words.get(at + 1)?.split(':').filter_map(number).collect();
        let ([month, day, year], [hour, minute, second]) = (date.as_slice(), time.as_slice())
        else {
            return None;
        };
        let half = words.get(at + 2).map(|word| word.to_ascii_uppercase());
        let hour = match half.as_deref() {
            Some("AM") => hour % 12,
            Some("PM") => hour % 12 + 12,
            _ => *hour,
        };
        seconds(*year, *month, *day, hour, *minute, *second)
    };
    (0..words.len()).rev().find_map(read)
}

fn http_date(text: &str) -> Option<i64> {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '-' | ':'))
        .filter(|word| !word.is_empty())
        .collect();
    words.windows(6).find_map(|window| {
        let [day, month, year, hour, minute, second] = window else {
            return None;
        };
        let month = MONTHS
            .iter()
            .position(|name| month.get(..3).is_some_and(|m| m.eq_ignore_ascii_case(name)))?;
        let number = |text: &str| text.parse::<i64>().ok();
        seconds(
            number(year)?,
            i64::try_from(month).ok()? + 1,
            number(day)?,
            number(hour)?,
            number(minute)?,
            number(second)?,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_their_notations() {
        for text in [
            "1751884248",
            "1751884248000",
            "2025-07-07T10:30:48Z",
            "2025-07-07 10:30:48Z",
            "2025-07-07T12:30:48.123+02:00",
            "2025-07-07 10:30:48,991",
            "Mon, 07 Jul 2025 10:30:48 GMT",
        ] {
            assert_eq!(parse(text), Some(1_751_884_248), "{text}");
        }
        assert_eq!(parse("yesterday"), None);
        assert_eq!(parse("2025-13-07T10:30:48Z"), None);
    }

    #[test]
    fn the_answers_time_is_the_failures() {
        let text = "2025-07-07 09:00:00 started\n2025-07-07 10:30:47 401 Unauthorized\nTrace ID: x Timestamp: 2025-07-07 10:30:48Z\n2025-07-07 11:00:00 done";
        assert_eq!(of_failure(text), Some(1_751_884_248));
        assert_eq!(
            of_failure("< Date: Mon, 07 Jul 2025 10:30:48 GMT"),
            Some(1_751_884_248)
        );
        assert_eq!(
            of_failure("1.2.3.4 - - [07/Jul/2025:10:30:48 +0000] \"GET /x\" 401"),
            Some(1_751_884_248)
        );
        assert_eq!(of_failure("the secret expires 2025-07-07 10:30:48"), None);
    }
}
