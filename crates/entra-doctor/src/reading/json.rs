//! JSON anywhere in a text, and what Python and JavaScript print in its place.

use serde_json::Value;

/// A value with the bytes of the text that it was read from.
pub(super) struct Found {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) value: Value,
}

/// More openings than this are not tried.
const TRIES: usize = 400;
/// How deep JSON within the strings of JSON is followed.
const DEPTH: usize = 3;

/// The outermost objects, and lists of objects.
pub(super) fn find(text: &str) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut tries = 0;
    for (at, _) in text.match_indices(['{', '[']) {
        if found.last().is_some_and(|last| at < last.end) {
            continue;
        }
        tries += 1;
        if tries > TRIES {
            break;
        }
        if let Some(one) = at_opening(text, at).filter(|one| is_structure(&one.value)) {
            found.push(one);
        }
    }
    found
}

fn is_structure(value: &Value) -> bool {
    match value {
        Value::Object(members) => !members.is_empty(),
        Value::Array(list) => list.iter().any(Value::is_object),
        _ => false,
    }
}

fn at_opening(text: &str, start: usize) -> Option<Found> {
    let rest = text.get(start..)?;
    let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
    if let Some(Ok(value)) = values.next() {
        let end = start + values.byte_offset();
        return Some(Found { start, end, value });
    }
    let region = balanced(rest)?;
    let value = serde_json::from_str(&strict(region)).ok()?;
    Some(Found {
        start,
        end: start + region.len(),
        value,
    })
}

/// From the opening bracket to the one that closes it.
fn balanced(rest: &str) -> Option<&str> {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut escaped = false;
    for (at, char) in rest.char_indices().take(64 * 1024) {
        if let Some(open) = quote {
            match char {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                _ if char == open && closes(rest, at) => quote = None,
                _ => {}
            }
            continue;
        }
        match char {
            '"' | '\'' => quote = Some(char),
            '{' | '[' => depth += 1,
            '}' | ']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return rest.get(..=at);
                }
            }
            _ => {}
        }
    }
    None
}

/// A quote ends a string where a separator follows: `'it doesn't'` has one that does not.
fn closes(rest: &str, at: usize) -> bool {
    let after = rest.get(at + 1..).unwrap_or_default().trim_start();
    after.is_empty() || after.starts_with([',', '}', ']', ':', ')'])
}

/// Python's and JavaScript's notation as JSON.
fn strict(region: &str) -> String {
    let mut out = String::with_capacity(region.len());
    let mut rest = region;
    while let Some(char) = rest.chars().next() {
        match char {
            '"' | '\'' => {
                let end = string_end(rest, char);
                let inner = rest.get(1..end).unwrap_or_default();
                out.push_str(&as_string(inner));
                rest = rest.get(end + 1..).unwrap_or_default();
                continue;
            }
            '/' if rest.starts_with("//") => {
                rest = rest
                    .get(rest.find('\n').unwrap_or(rest.len())..)
                    .unwrap_or_default();
                continue;
            }
            ',' => {
                let after = rest.get(1..).unwrap_or_default().trim_start();
                if !after.starts_with(['}', ']']) {
                    out.push(',');
                }
            }
            _ if char.is_ascii_alphabetic() || char == '_' || char == '$' => {
                let word = |c: char| c.is_ascii_alphanumeric() || "_$.-".contains(c);
                let end = rest.find(|c| !word(c)).unwrap_or(rest.len());
                let (name, after) = rest.split_at(end);
                match name {
                    "True" | "true" => out.push_str("true"),
                    "False" | "false" => out.push_str("false"),
                    "None" | "null" | "undefined" => out.push_str("null"),
                    _ => out.push_str(&as_string(name)),
                }
                rest = after;
                continue;
            }
            _ => out.push(char),
        }
        rest = rest.get(char.len_utf8()..).unwrap_or_default();
    }
    out
}

fn string_end(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, char) in rest.char_indices().skip(1) {
        match char {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if char == quote && closes(rest, at) => return at,
            _ => {}
        }
    }
    rest.len().saturating_sub(1)
}

fn as_string(inner: &str) -> String {
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\\' => match chars.next() {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('r') | None => {}
                Some(other) => text.push(other),
            },
            // A terminal folded the line.
            '\n' => {
                while chars.next_if(|c| c.is_whitespace()).is_some() {}
                text.push(' ');
            }
            other => text.push(other),
        }
    }
    Value::from(text).to_string()
}

/// Every text below, with the JSON inside of texts as well, in order.
pub(super) fn texts(value: &Value) -> Vec<String> {
    let mut out = Vec::new();
    add(value, &mut out, DEPTH);
    out
}

fn add(value: &Value, out: &mut Vec<String>, depth: usize) {
    match value {
        Value::String(text) => {
            if depth > 0 && text.contains('{') {
                for inner in find(text) {
                    add(&inner.value, out, depth - 1);
                }
            }
            out.push(text.clone());
        }
        Value::Array(list) => list.iter().for_each(|value| add(value, out, depth)),
        Value::Object(members) => members.values().for_each(|value| add(value, out, depth)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_is_found_within_other_text() {
        for text in [
            r#"Error code: 401 - {"error": {"code": "401", "message": "it doesn't fit"}} at x"#,
            r#"Error code: 401 - {'error': {'code': '401', 'message': "it doesn't fit"}}"#,
            "{ error: { code: '401', message: 'it doesn\\'t fit', } // why\n}",
            "{'error': {'code': '401', 'message': 'it doesn't fit'}}",
            "[1] {\"error\": {\"code\": \"401\",\n \"message\": \"it doesn't\n   fit\"}}",
        ] {
            let found = find(text);
            assert_eq!(found.len(), 1, "{text}");
            let expected = json!({"error": {"code": "401", "message": "it doesn't fit"}});
            assert_eq!(found[0].value, expected, "{text}");
        }
        assert!(find("{ not json ] [2025-01-02] {}").is_empty());
        assert_eq!(find("{\"a\":1} {'b': None, 'c': True}").len(), 2);
    }

    #[test]
    fn json_within_strings_is_read() {
        let value = json!({"Content": "{\"error\":\"invalid_grant\"}"});
        assert!(texts(&value).contains(&"invalid_grant".to_owned()));
    }
}
