//! HTTP statuses in transcripts, logs and exceptions: numbers and names that a text introduces.

/// The status of the answer: the last error of the text, else the last status.
pub(crate) fn of(text: &str) -> Option<u16> {
    let (mut found, rest) = of_w3c(text);
    found.extend(all(&rest));
    // A refusal of the past: "the 403 is gone, now it answers 200".
    let lower = text.to_ascii_lowercase();
    let past = ["is gone", "no longer", "fixed", "solved", "resolved"];
    if let Some(last) = found.last().filter(|last| (200..300).contains(*last))
        && past.iter().any(|word| lower.contains(word))
    {
        return Some(*last);
    }
    if is_answered_challenge(&lower, &found) {
        return found.last().copied();
    }
    let error = found.iter().rev().find(|status| **status >= 400);
    error
        .copied()
        .or_else(|| in_words(&rest))
        .or_else(|| found.last().copied())
        .or_else(|| alone(&rest))
}

/// A 401 with a challenge, then a request with a token, then success: how SDKs learn which
/// token a service wants.
fn is_answered_challenge(lower: &str, all: &[u16]) -> bool {
    let succeeded = all.last().is_some_and(|last| (200..300).contains(last));
    let only_challenges = all.iter().all(|status| *status < 400 || *status == 401);
    let sent_after = lower
        .find("www-authenticate")
        .and_then(|at| lower.get(at..))
        .is_some_and(|rest| {
            rest.contains("authorization: bearer") || rest.contains("'authorization'")
        });
    succeeded && only_challenges && all.contains(&401) && sent_after
}

/// `status 'Forbidden'`, `(Unauthorized)`, `"code": "Forbidden"`.
fn in_words(text: &str) -> Option<u16> {
    let lower = text.to_ascii_lowercase();
    [("unauthorized", 401), ("forbidden", 403)]
        .into_iter()
        .find_map(|(word, status)| {
            let introduced = [
                "status '",
                "(",
                "statuscode: ",
                "statuscode.",
                "errorcode: ",
                "code: ",
                "\"code\":\"",
                "\"code\": \"",
                "status: ",
            ];
            introduced
                .iter()
                .any(|mark| lower.contains(&format!("{mark}{word}")))
                .then_some(status)
        })
}

/// The name of a status as a word of its own, where no number is in the text.
fn alone(text: &str) -> Option<u16> {
    let lower = text.to_lowercase();
    [
        ("unauthorized", 401),
        ("nicht autorisiert", 401),
        ("non autoris\u{e9}", 401),
        ("forbidden", 403),
        ("zugriff verweigert", 403),
        ("acc\u{e8}s refus\u{e9}", 403),
    ]
    .into_iter()
    .find_map(|(word, status)| {
        let at = lower.find(word)?;
        let part = |c: char| c.is_alphanumeric() || c == '_';
        let before = lower.get(..at)?.ends_with(part);
        let after = lower.get(at + word.len()..)?.starts_with(part);
        (!before && !after).then_some(status)
    })
}

/// What introduces a status, in lower case. The digits follow at once, after `: = ( " '`.
const MARKS: [&str; 22] = [
    "http/1.0 ",
    "http/1.1 ",
    "http/2 ",
    "http/3 ",
    "http/2.0 ",
    "http status code",
    "http status",
    "http error",
    "http_",
    "http ",
    "status code does not indicate success",
    "response status code",
    "statuscode",
    "status_code",
    "status code",
    "status",
    "error code",
    "responded with",
    "returned",
    "returns",
    "answered",
    "code",
];

/// Words after which a person writes a status.
const WORDS: [&str; 29] = [
    "fehler", "erhalte", "bekomme", "mit", "erreur", "code", "of", "is", "was", "a", "an", "the",
    "get", "gets", "got", "getting", "gives", "give", "receive", "received", "with", "error",
    "always", "still", "only", "shows", "answers", "see", "throws",
];

/// Words that follow the number of a status.
const PHRASES: [(u16, &str); 17] = [
    (200, "ok"),
    (201, "created"),
    (204, "no content"),
    (400, "bad request"),
    (401, "unauthorized"),
    (401, "client error"),
    (401, "access denied"),
    (401, "permissiondenied"),
    (403, "forbidden"),
    (403, "client error"),
    (404, "not found"),
    (404, "resource not found"),
    (404, "client error"),
    (400, "client error"),
    (424, "failed dependency"),
    (429, "too many requests"),
    (500, "internal server error"),
];

pub(crate) fn all(text: &str) -> Vec<u16> {
    let lower = text.to_ascii_lowercase();
    let bytes = lower.as_bytes();
    let mut found = Vec::new();
    for at in 0..lower.len().saturating_sub(2) {
        let digits = lower
            .get(at..at + 3)
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
        let Some(status) = digits.and_then(|digits| digits.parse::<u16>().ok()) else {
            continue;
        };
        let joined =
            |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_'));
        let (next, second) = (bytes.get(at + 3), bytes.get(at + 4));
        let goes_on = match next {
            Some(b'-') => joined(second),
            // "getting 401s"
            Some(b's') => joined(second) || !(400..=504).contains(&status),
            Some(b'.') => second.is_some_and(u8::is_ascii_digit),
            other => joined(other),
        };
        let alone = !goes_on;
        let before = lower.get(..at).unwrap_or_default();
        if !alone || !(200..=599).contains(&status) {
            continue;
        }
        let after = lower.get(at + 3..).unwrap_or_default();
        let words = after.trim_start_matches([' ', '(', ':', '"', '-', ',', '\'', ')']);
        let common = [
            400, 401, 403, 404, 405, 409, 422, 424, 429, 431, 500, 502, 503, 504,
        ]
        .contains(&status);
        let word = before
            .trim_end()
            .rsplit(|c: char| !c.is_ascii_alphabetic())
            .next()
            .unwrap_or_default();
        let line_ends = after
            .split('\n')
            .next()
            .is_some_and(|rest| rest.trim().is_empty());
        let line = before.rsplit('\n').next().unwrap_or_default();
        let first = line.trim().is_empty();
        let capital = text.get(at + 3..).is_some_and(|rest| {
            rest.starts_with(' ') && rest.trim_start().starts_with(char::is_uppercase)
        });
        let after_address = line.contains("://") || line.contains(" /") || line.contains("\"/");
        let ends = line_ends || after.starts_with([' ', ',', '.', ':', ';', '\t']);
        let arrow = ["->", "=>", "\u{2192}"]
            .iter()
            .any(|it| line.trim_end().ends_with(it));
        let told = common
            && before.ends_with([' ', '\t'])
            && (ends && after_address
                || WORDS.contains(&word)
                || word.ends_with("exception")
                || arrow
                || first && capital)
            || common && first && capital;
        let named = PHRASES
            .iter()
            .any(|(number, phrase)| *number == status && words.starts_with(phrase));
        let bare =
            before.trim_end_matches([' ', ':', '=', '(', '"', '\'', '>', '\u{2192}', '[', '<']);
        let introduced = MARKS.iter().any(|mark| bare.ends_with(mark.trim_end()))
            && (before.ends_with("http")
                || !before.ends_with(|c: char| c.is_ascii_alphanumeric() && c != '_'));
        let logged = access_log(before, after);
        let alone_on_line = status >= 400
            && before
                .rsplit('\n')
                .next()
                .is_some_and(|line| line.trim().is_empty())
            && after
                .split('\n')
                .next()
                .is_some_and(|line| line.trim().is_empty() || line.starts_with(": "));
        if named || introduced || told || logged || alone_on_line {
            found.push(status);
        }
    }
    found
}

/// The statuses of W3C extended logs: by the `#Fields` line, else the first status after the
/// method that more numbers follow. The second text is what is left of the paste.
fn of_w3c(text: &str) -> (Vec<u16>, String) {
    let (mut found, mut rest) = (Vec::new(), String::new());
    let mut column = None;
    for line in text.lines() {
        if let Some(fields) = line.strip_prefix("#Fields:") {
            column = fields
                .split_whitespace()
                .position(|name| name == "sc-status");
            continue;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        let dated = words.first().is_some_and(|day| is_date(day)) && words.len() > 8;
        let method = words.iter().position(|word| {
            matches!(
                *word,
                "GET" | "POST" | "PUT" | "DELETE" | "PATCH" | "OPTIONS" | "HEAD"
            )
        });
        let (true, Some(method)) = (dated, method) else {
            rest.push_str(line);
            rest.push('\n');
            continue;
        };
        let is_status = |word: &&str| word.len() == 3 && word.starts_with(['2', '3', '4', '5']);
        let by_column = column
            .and_then(|column| words.get(column))
            .filter(|word| is_status(word));
        let by_place = || {
            (method + 2..words.len()).rev().find_map(|at| {
                let word = words.get(at).filter(|word| is_status(word))?;
                let numbers = words.get(at + 1..at + 4)?;
                let host = words.get(at - 1)?.contains(|c: char| !c.is_ascii_digit());
                let follow = numbers
                    .iter()
                    .all(|it| it.bytes().all(|b| b.is_ascii_digit()));
                (host && follow).then_some(word)
            })
        };
        found.extend(
            by_column
                .or_else(by_place)
                .and_then(|word| word.parse::<u16>().ok()),
        );
    }
    (found, rest)
}

fn is_date(word: &str) -> bool {
    word.len() == 10
        && word.bytes().enumerate().all(|(at, b)| {
            if at == 4 || at == 7 {
                b == b'-'
            } else {
                b.is_ascii_digit()
            }
        })
}

/// `"POST /api HTTP/1.1" 401 0`
fn access_log(before: &str, after: &str) -> bool {
    before.trim_end().ends_with("http/1.1\"")
        || before.trim_end().ends_with("http/2.0\"")
        || (after.starts_with(' ') && before.trim_end().ends_with('"') && before.contains(" http/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_introduced() {
        for (text, expected) in [
            ("HTTP/1.1 401 Unauthorized", Some(401)),
            ("< HTTP/2 403 ", Some(403)),
            ("Error code: 401 - {'error'", Some(401)),
            ("openai.AuthenticationError: Error code: 401 - x", Some(401)),
            (
                "Response status code does not indicate success: 403 (Forbidden).",
                Some(403),
            ),
            ("Status: 401 (PermissionDenied)", Some(401)),
            ("{\"statusCode\": 401, \"message\": \"x\"}", Some(401)),
            (
                "httpx.HTTPStatusError: Client error '401 Unauthorized' for url",
                Some(401),
            ),
            ("status=403", Some(403)),
            ("\"POST /mcp HTTP/1.1\" 401 0", Some(401)),
            (
                "it answers 401 Unauthorized and a retry HTTP/1.1 200 OK",
                Some(401),
            ),
            ("401", Some(401)),
            ("HTTP_403", Some(403)),
            ("https://localhost:7071/api/orders 401 eyJ", Some(401)),
            ("403 InsufficientPrivileges", Some(403)),
            ("call -> 401", Some(401)),
            ("we keep getting 401s from it", Some(401)),
            (
                "2026-11-30 10:00:00 SITE POST /api - 443 - 20.1.2.3 - - - site.example 403 60 0 388 401 15",
                Some(403),
            ),
            (
                "#Fields: date time cs-method cs-uri-stem sc-status sc-bytes x y z\n2026-11-30 10:00:00 GET /a 401 500 1 2 3",
                Some(401),
            ),
            ("port 443 and 500 rows, api 2024-10-21, 4010", None),
            ("invocation count 0 in 200 days", None),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
    }
}
