//! Redaction in every output: tokens, signatures of links, keys, passwords, refresh tokens, codes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The text with every JSON Web Token, or the beginning of one, replaced by `(token)`.
///
/// `eyJ` is how base64url writes `{"`, with which the header of every such token starts.
pub(crate) fn tokens(text: &str) -> String {
    /// Less than this is nobody's secret, and may be the start of a name.
    const SHORTEST: usize = 12;
    let of_token = |c: char| c.is_ascii_alphanumeric() || "-_.=".contains(c);
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("eyJ") {
        let (before, found) = rest.split_at(at);
        shown.push_str(before);
        let length = found.find(|c| !of_token(c)).unwrap_or(found.len());
        let (run, after) = found.split_at(length);
        let within = before.ends_with(|c: char| c.is_ascii_alphanumeric());
        let secret = run.len() >= SHORTEST && (!within || run.contains('.'));
        shown.push_str(if secret { "(token)" } else { run });
        rest = after;
    }
    shown.push_str(rest);
    shown
}

/// What an output shows of a text that others wrote: no tokens of any form, and no values that
/// stand under the name of a secret.
pub(crate) fn secrets(text: &str) -> String {
    long_runs(&named(&tokens(text)))
}

/// Names of parameters, members and settings whose values are secrets, in lower case.
const NAMES: [&str; 24] = [
    "sig",
    "code",
    "key",
    "password",
    "passwd",
    "pwd",
    "secret",
    "client_secret",
    "clientsecret",
    "client_assertion",
    "assertion",
    "subject_token",
    "actor_token",
    "refresh_token",
    "refreshtoken",
    "access_token",
    "accesstoken",
    "id_token",
    "id_token_hint",
    "device_code",
    "sharedaccesskey",
    "accountkey",
    "subscription-key",
    "code_verifier",
];

/// Header fields whose values are keys.
const FIELDS: [&str; 4] = [
    "api-key",
    "x-api-key",
    "x-functions-key",
    "ocp-apim-subscription-key",
];

/// `name=value`, and `field: value`.
fn named(text: &str) -> String {
    /// Shorter values are words and numbers.
    const SHORTEST: usize = 8;
    let of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['=', ':']) {
        let (before, found) = rest.split_at(at);
        let separator = found.get(..1).unwrap_or_default();
        let start = before.rfind(|c| !of_name(c)).map_or(0, |last| {
            last + before
                .get(last..)
                .and_then(|rest| rest.chars().next())
                .map_or(1, char::len_utf8)
        });
        let name = before.get(start..).unwrap_or_default().to_ascii_lowercase();
        let names: &[&str] = if separator == "=" { &NAMES } else { &FIELDS };
        shown.push_str(before);
        shown.push_str(separator);
        rest = found.get(1..).unwrap_or_default();
        if !names.contains(&name.as_str()) {
            continue;
        }
        let value = rest.trim_start_matches([' ', '"', '\'']);
        let lead = rest.len() - value.len();
        let length = value
            .find(|c: char| c.is_whitespace() || "&;,\"'`<>#)]}".contains(c))
            .unwrap_or(value.len());
        let bare = value.get(..length).unwrap_or_default();
        let plain = bare.starts_with(['$', '(', '{']) || bare.bytes().all(|b| b.is_ascii_digit());
        if bare.len() >= SHORTEST && !plain {
            shown.push_str(rest.get(..lead).unwrap_or_default());
            shown.push_str("(secret)");
            rest = value.get(length..).unwrap_or_default();
        }
    }
    shown.push_str(rest);
    shown
}

/// Runs that are tokens without their usual beginning, refresh tokens, codes and keys: three
/// segments of which the first decodes to JSON, or many characters of all kinds.
fn long_runs(text: &str) -> String {
    let of_run =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | '+' | '=');
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(of_run) {
        let (before, found) = rest.split_at(at);
        let length = found.find(|c| !of_run(c)).unwrap_or(found.len());
        let (run, after) = found.split_at(length);
        shown.push_str(before);
        shown.push_str(if is_token(run) {
            "(token)"
        } else if is_random(run) {
            "(secret)"
        } else {
            run
        });
        rest = after;
    }
    shown.push_str(rest);
    shown
}

fn is_token(run: &str) -> bool {
    let mut segments = run.split('.');
    let header = segments.next().unwrap_or_default();
    let json = URL_SAFE_NO_PAD
        .decode(header)
        .is_ok_and(|bytes| bytes.trim_ascii_start().starts_with(b"{"));
    json && header.len() >= 8 && segments.count() >= 1
}

/// As long and as mixed as no name and no address is.
fn is_random(run: &str) -> bool {
    const SHORTEST: usize = 60;
    let count = |kind: fn(&u8) -> bool| run.bytes().filter(kind).count();
    run.len() >= SHORTEST
        && count(u8::is_ascii_digit) >= 3
        && count(u8::is_ascii_uppercase) >= 6
        && count(u8::is_ascii_lowercase) >= 6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_replaced_wherever_they_stand() {
        let token = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2lnbmF0dXJl";
        for (text, shown) in [
            (token.to_owned(), "(token)"),
            (format!("a '{token}' b"), "a '(token)' b"),
            (format!("Bearer%20{token}"), "Bearer%20(token)"),
            (format!("{{\"a\":\"{token}\"}}"), "{\"a\":\"(token)\"}"),
            (format!("{token} {token}"), "(token) (token)"),
            ("eyJhbGciOiJSUzI1NiJ9".to_owned(), "(token)"),
            // Beginnings of other things.
            ("eyJordan".to_owned(), "eyJordan"),
            (
                "kid-1aeyJ0123456789abcdef".to_owned(),
                "kid-1aeyJ0123456789abcdef",
            ),
            (String::new(), ""),
        ] {
            assert_eq!(tokens(&text), shown, "{text}");
            assert_eq!(secrets(&text), shown, "{text}");
        }
    }

    #[test]
    fn secrets_of_other_forms_are_replaced() {
        // `{ "alg"...`: the header with a blank begins otherwise.
        let spaced = format!(
            "{}.{}.c2lnbmF0dXJl",
            URL_SAFE_NO_PAD.encode("{ \"alg\": \"RS256\" }"),
            URL_SAFE_NO_PAD.encode("{ \"aud\": \"x\" }")
        );
        let refresh = format!("1.AXkAfh1aPLKQRk-KHF0ue58KE.{}", "aB3_".repeat(40));
        for (text, shown) in [
            (spaced.as_str(), "(token)"),
            (refresh.as_str(), "(secret)"),
            (
                "https://a.blob.core.windows.net/c?sv=2024-11-04&sig=abc%2Bdefghij%3D&se=1",
                "https://a.blob.core.windows.net/c?sv=2024-11-04&sig=(secret)&se=1",
            ),
            (
                "Endpoint=sb://a.servicebus.windows.net/;SharedAccessKeyName=r;SharedAccessKey=abcdefgh+/=",
                "Endpoint=sb://a.servicebus.windows.net/;SharedAccessKeyName=r;SharedAccessKey=(secret)",
            ),
            (
                "client_secret=Ab8~aaaaaaaa&x=1",
                "client_secret=(secret)&x=1",
            ),
            ("api-key: 0123456789abcdef0123", "api-key: (secret)"),
            // What is none.
            ("error code=65001, key=value", "error code=65001, key=value"),
            (
                "/subscriptions/x/providers/Microsoft.KeyVault/vaults/a",
                "/subscriptions/x/providers/Microsoft.KeyVault/vaults/a",
            ),
            (
                "mcp-stock.kindsea-1a2b3c4d.westeurope.azurecontainerapps.io",
                "mcp-stock.kindsea-1a2b3c4d.westeurope.azurecontainerapps.io",
            ),
            (
                "Microsoft.IdentityModel.Tokens.SecurityTokenInvalidAudienceException",
                "Microsoft.IdentityModel.Tokens.SecurityTokenInvalidAudienceException",
            ),
        ] {
            assert_eq!(secrets(text), shown, "{text}");
        }
    }
}
