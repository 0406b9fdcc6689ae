//! HTTP in transcripts, logs and exceptions: header fields and request lines.

use serde_json::Value;

use super::scan;

/// A header field, as curl, browsers and logs print it.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// In lower case.
    pub(crate) name: String,
    pub(crate) value: String,
}

const NAMES: [&str; 24] = [
    "www-authenticate",
    "authorization",
    "api-key",
    "x-api-key",
    "ocp-apim-subscription-key",
    "x-functions-key",
    "host",
    "date",
    "origin",
    "location",
    "metadata",
    "x-identity-header",
    "x-ms-token-aad-access-token",
    "x-ms-token-aad-id-token",
    "x-ms-client-principal",
    "x-ms-client-principal-id",
    "x-ms-client-principal-idp",
    "x-ms-client-principal-name",
    "x-ms-error-code",
    "x-ms-request-id",
    "x-ms-user-identity",
    "apim-request-id",
    "mcp-protocol-version",
    "content-type",
];

/// Header fields that stand as members of JSON: logs of gateways, run histories, traffic.
pub(crate) fn members(value: &Value) -> Vec<(String, String)> {
    fn add(value: &Value, depth: usize, found: &mut Vec<(String, String)>) {
        match value {
            Value::Object(members) if depth < 6 => {
                for (name, value) in members {
                    let name = name.to_ascii_lowercase();
                    let plain = matches!(
                        name.as_str(),
                        "host" | "date" | "origin" | "location" | "metadata" | "content-type"
                    );
                    match value.as_str() {
                        Some(text) if NAMES.contains(&name.as_str()) && !plain => {
                            found.push((name, text.to_owned()));
                        }
                        _ => add(value, depth + 1, found),
                    }
                }
            }
            Value::Array(list) if depth < 6 => {
                list.iter()
                    .take(64)
                    .for_each(|value| add(value, depth + 1, found));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    add(value, 0, &mut found);
    found
}

pub(crate) fn headers(text: &str) -> Vec<Header> {
    let mut found: Vec<Header> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        // A folded field goes on in the next line, which starts with a blank.
        if let Some(folded) = found.last_mut().filter(|header| header.end == start)
            && line.starts_with([' ', '\t'])
            && folded.name == "www-authenticate"
            && line.contains('=')
        {
            folded.value.push_str(", ");
            folded.value.push_str(line.trim().trim_end_matches(','));
            folded.end = at;
            continue;
        }
        // One line of a shell can hold several `-H`.
        for part in parts(line) {
            let bare = part
                .trim()
                .trim_start_matches(['<', '>', '*', '|', '-', ' ', '\'', '"', '[', '$', '(', '{'])
                .trim_start();
            let Some((name, value)) = bare.split_once(':') else {
                continue;
            };
            let name = name.trim_end_matches(['"', '\'', ' ']).to_ascii_lowercase();
            if !NAMES.contains(&name.as_str()) {
                continue;
            }
            let value = value
                .trim()
                .trim_end_matches(['\\', ' '])
                .trim_end_matches([',', ';']);
            let value = unwrapped(value).trim().replace("\\\"", "\"");
            if !value.is_empty() {
                found.push(Header {
                    start,
                    end: at,
                    name,
                    value,
                });
            }
        }
    }
    found
}

/// The line itself, or what follows each `-H` of a shell command.
fn parts(line: &str) -> Vec<&str> {
    let marks = ["-H ", "--header ", "-H'", "-H\""];
    let Some(first) = marks.iter().filter_map(|mark| line.find(mark)).min() else {
        return vec![line];
    };
    let mut rest = line.get(first..).unwrap_or_default();
    let mut found = Vec::new();
    while let Some((at, mark)) = marks
        .iter()
        .filter_map(|mark| Some((rest.find(mark)?, *mark)))
        .min()
    {
        let length = mark.trim_end_matches(['\'', '"']).len();
        let after = rest.get(at + length..).unwrap_or_default();
        found.push(
            scan::quoted(after)
                .filter(|_| after.trim_start().starts_with(['\'', '"']))
                .unwrap_or(after),
        );
        rest = after;
    }
    found
}

fn unwrapped(value: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(inner) = value.strip_prefix(quote) {
            return inner.strip_suffix(quote).unwrap_or(inner);
        }
        // The opening quote stood in front of the name.
        if value.matches(quote).count() % 2 == 1
            && let Some(inner) = value.strip_suffix(quote)
        {
            return inner;
        }
    }
    value
}

/// Method and path of request lines, with the `Host` where there is one.
pub(crate) fn request_targets(text: &str, headers: &[Header]) -> Vec<String> {
    let host = headers
        .iter()
        .find(|header| header.name == "host")
        .map(|header| header.value.as_str());
    let mut found = Vec::new();
    for line in text.lines() {
        let line = line.trim_start_matches(['>', ' ', '"', '*']);
        for method in ["GET ", "POST ", "PUT ", "DELETE ", "PATCH "] {
            let Some(rest) = line.strip_prefix(method) else {
                continue;
            };
            let target = rest.split_whitespace().next().unwrap_or_default();
            if target.starts_with("http") {
                found.push(target.to_owned());
            } else if let (Some(host), true) = (host, target.starts_with('/')) {
                found.push(format!("https://{host}{target}"));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_fields_are_read_as_tools_print_them() {
        for text in [
            "< WWW-Authenticate: Bearer error=\"invalid_token\"\r\n",
            "curl -s -H 'accept: x' -H 'www-authenticate: Bearer error=\"invalid_token\"' https://x",
            "'www-authenticate': 'Bearer error=\"invalid_token\"',",
            "\"WWW-Authenticate\": \"Bearer error=\"invalid_token\"\",",
        ] {
            let found = headers(text);
            let value = found
                .iter()
                .find(|header| header.name == "www-authenticate")
                .map(|h| h.value.as_str());
            assert_eq!(value, Some("Bearer error=\"invalid_token\""), "{text}");
        }
        let text = "> POST /mcp HTTP/1.1\n> Host: api.contoso.example\n";
        assert_eq!(
            request_targets(text, &headers(text)),
            ["https://api.contoso.example/mcp"]
        );
    }
}
