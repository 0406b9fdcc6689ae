//! The headers that App Service authentication adds.

use http::{HeaderMap, HeaderName};

/// `X-MS-CLIENT-PRINCIPAL` and `-ID`, `-NAME`, `-IDP`; `X-MS-TOKEN-<provider>-ACCESS-TOKEN`,
/// `-ID-TOKEN`, `-REFRESH-TOKEN`, `-EXPIRES-ON` (App Service doc "Work with user identities").
const PREFIXES: [&str; 2] = ["x-ms-client-principal", "x-ms-token-"];

/// Removes them. Where App Service is not in front, whoever calls can write them, and they
/// say who is calling.
pub(crate) fn strip(headers: &mut HeaderMap) {
    let added = |name: &&HeaderName| PREFIXES.iter().any(|p| name.as_str().starts_with(p));
    // None, as a rule: then nothing is copied.
    let found: Vec<_> = headers.keys().filter(added).cloned().collect();
    for name in found {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::strip;

    #[test]
    fn all_of_them_go_and_nothing_else() {
        let mut headers = HeaderMap::new();
        for name in [
            "x-ms-client-principal",
            "x-ms-client-principal-id",
            "x-ms-client-principal-name",
            "x-ms-client-principal-idp",
            "x-ms-token-aad-access-token",
            "x-ms-token-aad-id-token",
            "x-ms-token-aad-refresh-token",
            "x-ms-token-aad-expires-on",
            "x-ms-token-google-access-token",
            "x-ms-request-id",
            "x-ms-client-request-id",
            "accept",
        ] {
            let value = HeaderValue::from_static("x");
            headers.append(HeaderName::from_static(name), value.clone());
            headers.append(HeaderName::from_static(name), value);
        }
        strip(&mut headers);
        let left: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        assert_eq!(left.len(), 3, "{left:?}");
        assert!(headers.contains_key("x-ms-client-request-id"));
    }
}
