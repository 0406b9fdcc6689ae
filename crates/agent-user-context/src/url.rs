//! Names of issuers and addresses of their key sets: https, or http on loopback.

use foundry_scopes::is_loopback_host;

/// Whether the text can name an issuer: it is compared byte for byte and never repaired.
pub(crate) fn is_issuer_url(text: &str) -> bool {
    let clean = text.len() <= 512
        && text.bytes().all(|b| b.is_ascii_graphic())
        && !text.contains(['?', '#', '"', '\\', '@']);
    let (https, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => return false,
    };
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.find(']') {
        Some(end) => authority.get(..=end).unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    clean && !host.is_empty() && (https || is_loopback_host(host))
}

#[cfg(test)]
mod tests {
    use super::is_issuer_url;

    #[test]
    fn https_or_loopback_and_nothing_that_needs_repair() {
        for good in [
            "https://gateway.contoso.example",
            "https://gateway.contoso.example:8443/contexts",
            "http://127.0.0.1:3000",
            "http://localhost",
            "http://[::1]:1",
        ] {
            assert!(is_issuer_url(good), "{good}");
        }
        for bad in [
            "",
            "https://",
            "http://gateway.contoso.example",
            "http://localhost.evil.example",
            "http://127.0.0.1@evil.example",
            "ftp://127.0.0.1",
            "https://a.example?x",
            "https://a.example#x",
            "https://a example",
            "https://a.example\n",
            "gateway.contoso.example",
        ] {
            assert!(!is_issuer_url(bad), "{bad}");
        }
    }
}
