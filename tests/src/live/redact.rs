//! What a report must not show, looked for in its text.

/// The first thing of the tenant that the text holds.
pub(super) fn leak(text: &str, secrets: &[String]) -> Option<&'static str> {
    let lower = text.to_ascii_lowercase();
    // One letter is in every text.
    let mut known = secrets.iter().filter(|s| s.len() > 3);
    if known.any(|secret| lower.contains(&secret.to_ascii_lowercase())) {
        return Some("a secret, a token or an id");
    }
    if text.split(|c: char| !c.is_ascii_graphic()).any(is_guid) {
        return Some("a GUID");
    }
    if text.contains("eyJ") {
        return Some("a token");
    }
    text.contains('@').then_some("an address")
}

/// Whether a word holds the form of a GUID.
fn is_guid(word: &str) -> bool {
    let bytes = word.as_bytes();
    bytes.windows(36).any(|window| {
        window.iter().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_a_tenant_is_found() {
        let secrets = vec!["The-Secret".to_owned(), "Ada".to_owned()];
        assert_eq!(leak("{\"error\":\"invalid_grant\"}", &secrets), None);
        for text in [
            "x the-secret x",
            "(0a1b2c3d-0000-4000-8000-000000000001)",
            "eyJhbGciOi",
            "ada@contoso.example",
        ] {
            assert!(leak(text, &secrets).is_some(), "{text}");
        }
    }
}
