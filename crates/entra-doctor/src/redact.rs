//! Redaction of tokens in every output.

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

#[cfg(test)]
mod tests {
    use super::tokens;

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
        }
    }
}
