//! HTML and security headers of the consent pages.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, PRAGMA, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderName, HeaderValue, StatusCode};

use crate::metadata::answer::{self, Answer, NO_STORE};

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;margin:10vh auto;max-width:34rem;\
     padding:0 1rem;color-scheme:light dark}h1{font-size:1.4rem}button{font:inherit;\
     padding:.5rem 1.5rem}";

/// Nothing is loaded, nothing is framed, and the one form goes to this server.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = BASE64_STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
    )
});

/// A page with a title and paragraphs; each is escaped here.
pub(super) fn page(status: StatusCode, title: &str, paragraphs: &[&str]) -> Answer {
    let body: String = paragraphs.iter().map(|text| paragraph(text)).collect();
    document(status, title, "", &body)
}

/// A page with a button that posts to its own address.
pub(super) fn button(title: &str, paragraphs: &[&str], label: &str) -> Answer {
    let mut body: String = paragraphs.iter().map(|text| paragraph(text)).collect();
    body += &format!(
        "<form method=\"post\"><button>{}</button></form>",
        escape(label)
    );
    document(StatusCode::OK, title, "", &body)
}

/// A page that sends the browser on by itself. Not a redirect: `form-action` would hold for
/// wherever that leads, and Entra ID may lead on to the organization's own sign-in.
pub(super) fn go_on(url: &str) -> Answer {
    let url = escape(url);
    let head = format!("<meta http-equiv=\"refresh\" content=\"0; url={url}\">");
    let body = format!("<p><a href=\"{url}\">Continue to Microsoft Entra ID</a></p>");
    document(StatusCode::OK, "One moment", &head, &body)
}

fn paragraph(text: &str) -> String {
    format!("<p>{}</p>", escape(text))
}

fn document(status: StatusCode, title: &str, head: &str, body: &str) -> Answer {
    let title = escape(title);
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><meta name=\"robots\" \
         content=\"noindex\">{head}<title>{title}</title><style>{STYLE}</style></head>\
         <body><h1>{title}</h1>{body}</body></html>"
    );
    let mut answer = answer::json(status, html);
    let headers = answer.headers_mut();
    let fixed: [(HeaderName, &'static str); 7] = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (PRAGMA, "no-cache"),
        (X_FRAME_OPTIONS, "DENY"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // The address is not for others; `no-referrer` would make the form's origin null.
        (REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(CACHE_CONTROL, NO_STORE);
    if let Ok(policy) = HeaderValue::try_from(POLICY.as_str()) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    answer
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
