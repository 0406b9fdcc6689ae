//! HTTP answers of our own: JSON, OAuth errors, CORS, caching.

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW,
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, PRAGMA,
};
use http::{HeaderValue, Method, Response, StatusCode};
use http_body_util::Full;
use serde_json::json;

/// An answer that is made here and not by the guarded service.
pub(crate) type Answer = Response<Full<Bytes>>;

pub(crate) const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

pub(crate) fn empty(status: StatusCode) -> Answer {
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = status;
    answer
}

pub(crate) fn json(status: StatusCode, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

/// `{"error", "error_description"}` (RFC 6749, section 5.2), not to be cached.
pub(crate) fn error(status: StatusCode, error: &str, description: &str) -> Answer {
    let body = json!({"error": error, "error_description": description});
    let mut answer = json(status, body.to_string());
    answer.headers_mut().insert(CACHE_CONTROL, NO_STORE);
    answer
}

/// RFC 6749, section 5.1: token answers are not to be cached, by HTTP/1.0 caches either.
pub(crate) fn never_cached(mut answer: Answer) -> Answer {
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, NO_STORE);
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    answer
}

/// Which methods a public route knows.
#[derive(Clone, Copy)]
pub(crate) enum Methods {
    Read,
    Post,
}

impl Methods {
    pub(crate) fn allow(self, method: &Method) -> bool {
        match self {
            Self::Read => matches!(*method, Method::GET | Method::HEAD),
            Self::Post => *method == Method::POST,
        }
    }

    fn list(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Read => "GET, HEAD, OPTIONS",
            Self::Post => "POST, OPTIONS",
        })
    }
}

/// 204 for `OPTIONS`: any origin, no credentials. The headers are what the MCP SDKs send
/// along; `*` does not cover `Authorization` (Fetch standard, CORS protocol).
pub(crate) fn options(methods: Methods) -> Answer {
    let mut answer = empty(StatusCode::NO_CONTENT);
    let headers = answer.headers_mut();
    headers.insert(ALLOW, methods.list());
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods.list());
    headers.insert(
        ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("*, authorization, content-type, mcp-protocol-version"),
    );
    answer
}

/// 405 with `Allow` (RFC 9110, section 15.5.6).
pub(crate) fn not_allowed(methods: Methods) -> Answer {
    let mut answer = empty(StatusCode::METHOD_NOT_ALLOWED);
    answer.headers_mut().insert(ALLOW, methods.list());
    answer
}

/// What holds for every public route: any origin may read, `HEAD` has no body.
pub(crate) fn public(mut answer: Answer, method: &Method) -> Answer {
    let any = HeaderValue::from_static("*");
    answer
        .headers_mut()
        .insert(ACCESS_CONTROL_ALLOW_ORIGIN, any);
    if *method == Method::HEAD {
        answer = without_body(answer);
    }
    answer
}

/// What `HEAD` gets: the headers that `GET` would get.
pub(crate) fn without_body(answer: Answer) -> Answer {
    let (mut parts, body) = answer.into_parts();
    let length = http_body::Body::size_hint(&body).exact().unwrap_or(0);
    parts.headers.insert(CONTENT_LENGTH, length.into());
    Response::from_parts(parts, Full::default())
}

/// Public documents change with the configuration only.
pub(crate) fn cacheable(mut answer: Answer) -> Answer {
    let hour = HeaderValue::from_static("public, max-age=3600");
    answer.headers_mut().insert(CACHE_CONTROL, hour);
    answer
}
