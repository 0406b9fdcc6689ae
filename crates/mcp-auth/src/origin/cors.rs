//! CORS for the origins that may call (Fetch standard, CORS protocol).

use std::collections::BTreeSet;

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use crate::metadata::answer::{self, Answer};

/// What MCP clients in browsers send. `*` would not cover `Authorization` (Fetch standard,
/// CORS-safelisted and wildcard request headers), so they are listed.
const ALLOWED: &str = "authorization, content-type, accept, last-event-id, mcp-protocol-version, \
                       mcp-session-id, mcp-method, mcp-name";

/// Without these a browser's client cannot read the challenge, its session or an incident.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "www-authenticate, mcp-session-id, mcp-protocol-version, last-event-id, retry-after, x-incident-id",
);

/// Parameters that a tool mirrors into headers (MCP 2026-07-28, Streamable HTTP).
const MIRRORED: &str = "mcp-param-";

/// How many of them one preflight may ask for, and how long each may be.
const MOST_MIRRORED: usize = 32;
const LONGEST: usize = 128;

/// What goes onto the answer of a request that was let in or refused by its token.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cors {
    /// An allowed origin, as the request named it.
    origin: Option<HeaderValue>,
    /// Whether another origin would have been answered otherwise.
    varies: bool,
}

impl Cors {
    /// Where no page may call from elsewhere, and nothing has to be said.
    pub(crate) fn silent() -> Self {
        Self::default()
    }

    pub(crate) fn of(origin: Option<HeaderValue>) -> Self {
        Self {
            origin,
            varies: true,
        }
    }

    pub(crate) fn apply(&self, headers: &mut HeaderMap) {
        if self.varies {
            headers.append(VARY, HeaderValue::from_name(ORIGIN));
        }
        if let Some(origin) = &self.origin {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        }
    }
}

/// `OPTIONS` alone is an ordinary request: a preflight also says for which method.
pub(super) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    *method == Method::OPTIONS && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// The answer to the preflight of an allowed origin, which carries no credentials and asks
/// for none.
pub(super) fn preflight(
    origin: HeaderValue,
    methods: &'static str,
    requested: &HeaderMap,
) -> Answer {
    let mut answer = answer::empty(StatusCode::NO_CONTENT);
    let headers = answer.headers_mut();
    let day = HeaderValue::from_static("86400");
    let methods = HeaderValue::from_static(methods);
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, allowed_headers(requested));
    headers.insert(ACCESS_CONTROL_MAX_AGE, day);
    let vary = "origin, access-control-request-method, access-control-request-headers";
    headers.insert(VARY, HeaderValue::from_static(vary));
    answer
}

/// The list, and of what was asked for the mirrored parameters.
fn allowed_headers(requested: &HeaderMap) -> HeaderValue {
    let asked = requested.get_all(ACCESS_CONTROL_REQUEST_HEADERS).iter();
    let mirrored: BTreeSet<_> = asked
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|name| name.len() <= LONGEST)
        // A header's name has no character that could leave the list.
        .filter_map(|name| HeaderName::try_from(name).ok())
        .filter(|name| name.as_str().starts_with(MIRRORED))
        .map(|name| name.as_str().to_owned())
        .take(MOST_MIRRORED)
        .collect();
    let names = mirrored.iter().map(String::as_str);
    let all: Vec<_> = [ALLOWED].into_iter().chain(names).collect();
    HeaderValue::try_from(all.join(", ")).unwrap_or(HeaderValue::from_static(ALLOWED))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(requested: &str) -> String {
        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_str(requested).unwrap();
        headers.insert(ACCESS_CONTROL_REQUEST_HEADERS, value);
        let value = allowed_headers(&headers);
        value.to_str().unwrap().to_owned()
    }

    #[test]
    fn mirrored_parameters_are_allowed_and_nothing_else_that_was_asked_for() {
        assert_eq!(
            allowed(
                "authorization, Mcp-Param-Region,mcp-param-a, x-secret, mcp-param-a b, mcp-param-(x)"
            ),
            format!("{ALLOWED}, mcp-param-a, mcp-param-region")
        );
        assert_eq!(allowed(""), ALLOWED);
        assert_eq!(allowed("*"), ALLOWED);
        assert_eq!(allowed("cookie, x-ms-client-principal"), ALLOWED);
    }

    #[test]
    fn the_list_has_an_end() {
        let many: Vec<_> = (0..500).map(|n| format!("mcp-param-{n}")).collect();
        assert!(allowed(&many.join(",")).matches("mcp-param-").count() <= MOST_MIRRORED);
        assert_eq!(allowed(&format!("mcp-param-{}", "x".repeat(200))), ALLOWED);
    }
}
