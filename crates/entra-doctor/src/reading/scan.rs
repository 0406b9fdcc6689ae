//! Substring helpers for texts of unknown form, blind to ASCII case.

/// Where `needle` starts in `text`, whatever the case of ASCII letters.
pub(crate) fn find(text: &str, needle: &str) -> Option<usize> {
    find_from(text, needle, 0)
}

pub(crate) fn find_from(text: &str, needle: &str, from: usize) -> Option<usize> {
    let (text, needle) = (text.as_bytes(), needle.as_bytes());
    let last = text.len().checked_sub(needle.len())?;
    (from..=last).find(|at| {
        text.get(*at..at + needle.len())
            .is_some_and(|window| window.eq_ignore_ascii_case(needle))
    })
}

pub(crate) fn contains(text: &str, needle: &str) -> bool {
    find(text, needle).is_some()
}

/// What stands after `before`, up to `after`.
pub(crate) fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let start = find(text, before)? + before.len();
    let rest = text.get(start..)?;
    rest.get(..find(rest, after)?)
}

/// What stands after `mark`, to the end of the text.
pub(crate) fn after<'t>(text: &'t str, mark: &str) -> Option<&'t str> {
    text.get(find(text, mark)? + mark.len()..)
}

const QUOTES: [char; 3] = ['\'', '"', '`'];

/// The first quoted text after `mark`: `'x'`, `"x"` or `` `x` ``, on one line.
pub(crate) fn quoted_after<'t>(text: &'t str, mark: &str) -> Option<&'t str> {
    quoted(after(text, mark)?)
}

/// The first quoted text, if a quote opens within a few words.
pub(crate) fn quoted(text: &str) -> Option<&str> {
    let start = text.find(QUOTES)?;
    let near = text.get(..start)?;
    if near.len() > 60 || near.contains('\n') {
        return None;
    }
    let quote = text.get(start..)?.chars().next()?;
    let rest = text.get(start + 1..)?;
    let end = rest.find(quote)?;
    rest.get(..end).filter(|found| !found.contains('\n'))
}

/// Everything in quotes after `mark`, up to `end`.
pub(crate) fn all_quoted(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(QUOTES) {
        let Some(quote) = rest.get(start..).and_then(|rest| rest.chars().next()) else {
            break;
        };
        let Some(inner) = rest.get(start + 1..) else {
            break;
        };
        let Some(end) = inner.find(quote) else {
            rest = inner;
            continue;
        };
        found.extend(inner.get(..end).filter(|text| !text.is_empty()));
        rest = inner.get(end + 1..).unwrap_or_default();
    }
    found
}

/// The first word after `mark`: up to a blank, a quote, a comma or the end of a sentence.
pub(crate) fn word_after<'t>(text: &'t str, mark: &str) -> Option<&'t str> {
    let rest = after(text, mark)?.trim_start_matches([' ', '\t', ':', '=', '\'', '"', '`', '(']);
    let end = rest
        .find(|c: char| c.is_whitespace() || "'\"`,;)<>".contains(c))
        .unwrap_or(rest.len());
    let word = rest.get(..end)?.trim_end_matches(['.', ':']);
    (!word.is_empty()).then_some(word)
}

/// Every GUID of the text, in order, in lower case.
pub(crate) fn guids(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at + 36 <= bytes.len() {
        let window = text.get(at..at + 36).filter(|window| is_guid(window));
        let alone = at == 0 || !bytes.get(at - 1).is_some_and(u8::is_ascii_alphanumeric);
        match window {
            Some(guid) if alone => {
                found.push(guid.to_ascii_lowercase());
                at += 36;
            }
            _ => at += 1,
        }
    }
    found
}

pub(crate) fn guid(text: &str) -> Option<String> {
    guids(text).into_iter().next()
}

pub(crate) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// `%41+b` as `A b`: a query or form value.
pub(crate) fn form_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let hex = || {
            let pair = text.get(at + 1..at + 3)?;
            u8::from_str_radix(pair, 16).ok()
        };
        match byte {
            b'+' => out.push(b' '),
            b'%' => match hex() {
                Some(decoded) => {
                    out.push(decoded);
                    at += 2;
                }
                None => out.push(b'%'),
            },
            other => out.push(*other),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_whatever_the_case() {
        let text =
            "The Resource principal NAMED api://x was not found in the tenant named 'Contoso'.";
        assert_eq!(
            between(text, "principal named ", " was not"),
            Some("api://x")
        );
        assert_eq!(quoted_after(text, "tenant named"), Some("Contoso"));
        assert_eq!(
            word_after("audience is: https://a.example.", "audience is"),
            Some("https://a.example")
        );
        assert_eq!(quoted("é 'x'"), Some("x"));
        assert_eq!(all_quoted("'a', \"b\" and `c`"), ["a", "b", "c"]);
        assert_eq!(find("ÄÖÜ abc", "ABC"), Some(7));
        assert_eq!(find("a", "abc"), None);
    }

    #[test]
    fn guids_are_whole() {
        let id = "11112222-BBBB-3333-cccc-4444dddd5555";
        assert_eq!(guids(&format!("api://{id}/x {id}")).len(), 2);
        assert!(guids(&format!("a{id}")).is_empty());
        assert_eq!(
            guid(id).as_deref(),
            Some("11112222-bbbb-3333-cccc-4444dddd5555")
        );
    }

    #[test]
    fn forms_are_decoded() {
        assert_eq!(
            form_decoded("AADSTS50011%3a+The+URI%"),
            "AADSTS50011: The URI%"
        );
    }
}
