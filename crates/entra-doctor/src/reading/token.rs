//! JSON Web Tokens, whole, folded or shortened, and claims that were decoded elsewhere.

use super::scan;

/// A token or its claims, where it stands.
#[derive(Clone, Debug)]
pub(crate) struct FoundToken {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Three parts that decode, or what is there of them.
    pub(crate) text: String,
    pub(crate) form: Form,
    pub(crate) place: Place,
}

/// How much of a token is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Whole,
    /// Header and claims, without the signature.
    Unsigned,
    /// An ellipsis stands in it; header and claims may be there.
    Shortened,
    /// Claims as JSON or as lines of names and values.
    Decoded,
}

/// What stands in front of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Authorization,
    /// `Bearer Bearer`.
    DoubledScheme,
    /// A header that is for keys.
    KeyHeader,
    IdToken,
    AccessToken,
    Assertion,
    /// A header that a site's sign-in hands on.
    SiteHeader,
    Elsewhere,
}

/// As long as 256 bytes are in base64url: for tokens that came without a signature.
pub(super) const SIGNATURE_LENGTH: usize = 342;
/// No Entra ID token is longer.
const LONGEST: usize = 48 * 1024;

const ELLIPSES: [&str; 6] = ["...", "\u{2026}", "[...]", "<snip", "***", "<redacted"];

pub(crate) fn find(text: &str) -> Vec<FoundToken> {
    let mut found: Vec<FoundToken> = Vec::new();
    for (at, _) in text.match_indices("eyJ") {
        let within = found.last().is_some_and(|last| at < last.end);
        let continued = text
            .get(..at)
            .is_some_and(|before| before.ends_with(|c: char| of_token(c) && c != '='));
        if !within && !continued {
            found.extend(at_start(text, at));
        }
    }
    found
}

fn of_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '=')
}

fn at_start(text: &str, start: usize) -> Option<FoundToken> {
    let (mut run, mut end, mut folded) = (String::new(), start, false);
    // A caller that a site hands on is base64 of JSON as well.
    let line = text.get(..start)?.rsplit('\n').next()?.to_ascii_lowercase();
    if line.contains("x-ms-client-principal") {
        return None;
    }
    loop {
        let rest = text.get(end..)?;
        let length = rest.find(|c| !of_token(c)).unwrap_or(rest.len());
        run.push_str(rest.get(..length)?);
        end += length;
        match next_line(text, end, &run).or_else(|| next_string(text, end, &run)) {
            Some(next) if run.len() < LONGEST => {
                end = next;
                folded = true;
            }
            _ => break,
        }
    }
    let after = text.get(end..)?;
    let cut_off = ELLIPSES.iter().any(|mark| after.starts_with(mark));
    // The end of a sentence is none of the token's.
    let bare = run.trim_end_matches('.');
    let shortened = cut_off || bare.contains("..") || run.len() > bare.len() + 1;
    if cut_off {
        // What follows the ellipsis belongs to it.
        let skip = after.find(|c: char| of_token(c) && c != '.').unwrap_or(0);
        let tail = after.get(skip..).unwrap_or_default();
        let near = after
            .get(..skip)
            .is_some_and(|gap| !gap.contains(['\n', '"', '\'']));
        if near && skip > 0 {
            end += skip + tail.find(|c| !of_token(c)).unwrap_or(tail.len());
        }
    }
    if bare.len() < 12 {
        return None;
    }
    let form = match bare.split('.').filter(|part| !part.is_empty()).count() {
        _ if shortened => Form::Shortened,
        2 => Form::Unsigned,
        // Where a fold ends is not sure enough to judge the signature by its length.
        3 if folded => Form::Unsigned,
        _ => Form::Whole,
    };
    let text_of = match form {
        Form::Unsigned if folded => bare.to_owned(),
        Form::Unsigned => format!("{bare}.{}", "A".repeat(SIGNATURE_LENGTH)),
        Form::Shortened => {
            let whole = bare.split("..").next().unwrap_or(bare);
            let mut parts = whole.split('.');
            let (header, claims) = (
                parts.next().unwrap_or_default(),
                parts.next().unwrap_or_default(),
            );
            format!("{header}.{claims}.{}", "A".repeat(SIGNATURE_LENGTH))
        }
        _ => bare.to_owned(),
    };
    Some(FoundToken {
        start,
        end,
        text: text_of,
        form,
        place: place(text.get(..start)?),
    })
}

/// Where the token goes on, if its line was folded at `end`.
fn next_line(text: &str, end: usize, run: &str) -> Option<usize> {
    let rest = text.get(end..)?;
    let gap = rest.len()
        - rest
            .trim_start_matches([' ', '\t', '\r', '\n', '\\', '>', '|'])
            .len();
    let (between, after) = rest.split_at(gap);
    if !between.contains('\n') || run.len() < 20 || run.ends_with("..") {
        return None;
    }
    let length = after.find(|c| !of_token(c)).unwrap_or(after.len());
    let chunk = after.get(..length)?;
    let ended = after
        .get(length..)?
        .starts_with(|c: char| !c.is_whitespace() && !"\"',\\`)".contains(c));
    let dots = run.matches('.').count();
    let has = |test: fn(&char) -> bool| chunk.chars().any(|c| test(&c));
    let random =
        has(char::is_ascii_digit) && has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase);
    let signed = dots == 2 && matches!(run.rsplit('.').next().map_or(0, str::len), 342 | 512 | 683);
    let goes_on = chunk.len() >= 4
        && !chunk.starts_with("eyJ")
        && !ended
        && !signed
        && (random || (dots < 2 && chunk.len() >= 40))
        || dots < 2 && run.ends_with('.') && chunk.starts_with("eyJ") && !ended;
    goes_on.then_some(end + gap)
}

/// Where the token goes on in the next of several strings that code joins: `"eyJ..." + "..."`.
fn next_string(text: &str, end: usize, run: &str) -> Option<usize> {
    let rest = text.get(end..)?;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let inner = rest.get(1..)?;
    let gap = inner.len()
        - inner
            .trim_start_matches([' ', '\t', '\r', '\n', '+', '&', '\\'])
            .len();
    let after = inner.get(gap..)?.strip_prefix(quote)?;
    let length = after.find(|c| !of_token(c)).unwrap_or(after.len());
    let chunk = after.get(..length)?;
    let closed = after.get(length..)?.starts_with(quote);
    let goes_on = gap > 0
        && closed
        && chunk.len() >= 4
        && run.len() >= 20
        && run.matches('.').count() + chunk.matches('.').count() <= 2;
    goes_on.then_some(end + 1 + gap + 1)
}

fn place(before: &str) -> Place {
    let start = before.len().saturating_sub(80);
    let start = (start..=before.len())
        .find(|at| before.is_char_boundary(*at))
        .unwrap_or(before.len());
    let near = before.get(start..).unwrap_or_default().to_ascii_lowercase();
    let last = |mark: &str| near.rfind(mark);
    let line = near.rsplit('\n').next().unwrap_or_default();
    if line.trim_end().ends_with("bearer bearer") {
        return Place::DoubledScheme;
    }
    let places = [
        (
            Place::KeyHeader,
            last("api-key")
                .or(last("api_key"))
                .or(last("apikey"))
                .or(last("subscription-key")),
        ),
        (
            Place::IdToken,
            last("id_token")
                .or(last("idtoken"))
                .or(last("id token"))
                .or(last("id-token")),
        ),
        (Place::SiteHeader, last("x-ms-token-aad-access-token")),
        (Place::Assertion, last("assertion")),
        (
            Place::AccessToken,
            last("access_token")
                .or(last("accesstoken"))
                .or(last("access token")),
        ),
        (
            Place::Authorization,
            last("authorization").or(last("bearer")),
        ),
    ];
    places
        .into_iter()
        .filter_map(|(place, at)| Some((at?, place)))
        .max_by_key(|(at, _)| *at)
        .map_or(Place::Elsewhere, |(_, place)| place)
}

/// Whether a text that holds no token at all looks like a shortened one.
pub(crate) fn is_shortened(text: &str) -> bool {
    scan::contains(text, "eyJ") && ELLIPSES.iter().any(|mark| text.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9";
    const CLAIMS: &str = "eyJhdWQiOiJodHRwczovL2FpLmF6dXJlLmNvbSIsImV4cCI6MTcwMDAwMDAwMH0";

    #[test]
    fn tokens_are_found_in_their_places() {
        let whole = format!("{HEADER}.{CLAIMS}.c2lnbmF0dXJl");
        for (text, place) in [
            (
                format!("Authorization: Bearer {whole}"),
                Place::Authorization,
            ),
            (
                format!("-H 'authorization: bearer Bearer {whole}'"),
                Place::DoubledScheme,
            ),
            (format!("api-key: {whole}"), Place::KeyHeader),
            (
                format!("{{\"accessToken\": \"{whole}\"}}"),
                Place::AccessToken,
            ),
            (
                format!("{{'access_token': 'x', 'id_token': '{whole}'}}"),
                Place::IdToken,
            ),
            (format!("my token {whole}."), Place::Elsewhere),
        ] {
            let found = find(&text);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(
                (found[0].place, found[0].text.as_str(), found[0].form),
                (place, whole.as_str(), Form::Whole),
                "{text}"
            );
        }
    }

    #[test]
    fn folded_and_shortened_tokens_are_told_apart() {
        let signature = "c2lnbmF0dXJlX0FCQ0RFRjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5";
        let folded = format!(
            "{HEADER}.\n{}\n{}.{signature}\nUnauthorized",
            &CLAIMS[..40],
            &CLAIMS[40..]
        );
        let found = find(&folded);
        assert_eq!(found[0].text, format!("{HEADER}.{CLAIMS}.{signature}"));
        for shortened in [
            format!("{HEADER}.{CLAIMS}.abc...xyz"),
            format!("{HEADER}.{CLAIMS}.abcd\u{2026}"),
            "eyJ0eXAiOiJKV1Qi...Zk9w".to_owned(),
        ] {
            let found = find(&shortened);
            assert_eq!(
                (found.len(), found[0].form),
                (1, Form::Shortened),
                "{shortened}"
            );
        }
        assert_eq!(find(&format!("{HEADER}.{CLAIMS}"))[0].form, Form::Unsigned);
    }

    #[test]
    fn decoded_claims_are_a_token() {
        for text in [
            "{\"typ\":\"JWT\",\"alg\":\"RS256\"}.{\"aud\":\"https://ai.azure.com\",\"tid\":\"t\",\"exp\":1}",
            "aud: https://ai.azure.com\noid: 11112222-bbbb-3333-cccc-4444dddd5555",
            "  \"aud\": \"https://ai.azure.com\",\n  \"appid\": \"x\",",
        ] {
            let found = crate::reading::single::one(text).unwrap();
            let token = entra_claims::UnverifiedToken::decode(&found.text).unwrap();
            assert_eq!(token.claims().aud(), Some("https://ai.azure.com"), "{text}");
        }
        assert!(crate::reading::single::one("audience is wrong").is_none());
    }
}
