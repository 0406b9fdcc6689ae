//! What all pages have: head, frame, headers, escaping.

use std::sync::LazyLock;

use aws_lc_rs::digest;
use axum::{
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};

use crate::directory::User;
use crate::http::response::set;

const STYLE: &str = include_str!("style.css");

static STYLE_SOURCE: LazyLock<String> = LazyLock::new(|| source_of(STYLE));

/// The mark beside the name: a shield, drawn in place.
const MARK: &str = "<svg viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path fill=\"none\" \
    stroke=\"currentColor\" stroke-width=\"1.8\" stroke-linejoin=\"round\" d=\"M12 2.5l8 3v6c0 \
    5-3.4 8.5-8 10-4.6-1.5-8-5-8-10v-6z\"/><path fill=\"none\" stroke=\"currentColor\" \
    stroke-width=\"1.8\" stroke-linecap=\"round\" stroke-linejoin=\"round\" d=\"M8.5 \
    12.2l2.5 2.5 4.7-5\"/></svg>";

/// A page in the making.
pub(super) struct Page<'a> {
    pub(super) status: StatusCode,
    pub(super) title: &'a str,
    /// Markup; every value in it is escaped.
    pub(super) body: String,
    /// More markup for the head.
    pub(super) head: String,
    /// Added to the content security policy.
    pub(super) policy: &'a str,
}

impl<'a> Page<'a> {
    /// A page whose forms come back to the emulator.
    pub(super) fn new(title: &'a str, body: String) -> Self {
        Self {
            status: StatusCode::OK,
            title,
            body,
            head: String::new(),
            policy: "form-action 'self'",
        }
    }

    pub(super) fn response(self) -> Response {
        let Self {
            title, body, head, ..
        } = &self;
        let html = format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
             content=\"width=device-width, initial-scale=1\">{head}<title>{title} - \
             entra-emulator</title><style>{STYLE}</style></head><body><main><p class=\"brand\">{MARK}\
             entra-emulator</p><h1>{title}</h1>{body}</main><footer>This is a local emulator, not \
             Microsoft. Never enter a real password.</footer></body></html>"
        );
        let mut response = (self.status, html).into_response();
        let headers = response.headers_mut();
        set(headers, header::CONTENT_TYPE, "text/html; charset=utf-8");
        set(headers, header::CACHE_CONTROL, "no-store, no-cache");
        set(headers, header::PRAGMA, "no-cache");
        set(headers, header::X_FRAME_OPTIONS, "DENY");
        set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        set(
            headers,
            header::REFERRER_POLICY,
            "strict-origin-when-cross-origin",
        );
        let mut policy = format!(
            "default-src 'none'; style-src {}; base-uri 'none'; frame-ancestors 'none'",
            *STYLE_SOURCE
        );
        if !self.policy.is_empty() {
            policy.push_str("; ");
            policy.push_str(self.policy);
        }
        set(headers, header::CONTENT_SECURITY_POLICY, &policy);
        response
    }
}

/// How a content security policy names an inline style or script.
pub(super) fn source_of(text: &str) -> String {
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    format!("'sha256-{}'", BASE64_STANDARD.encode(hash))
}

/// A sign-in under way, as the forms of its pages name it.
#[derive(Clone, Copy)]
pub(in crate::http) struct Flow<'a> {
    pub(in crate::http) id: &'a str,
    /// Name and value of each thing that the app asked for, for the developer.
    pub(in crate::http) asked: &'a [(&'static str, String)],
    /// Whether an account counts with the emulator's password only.
    pub(in crate::http) password: bool,
}

impl Flow<'_> {
    /// A form that goes on with the sign-in.
    pub(super) fn form(&self, fields: &str) -> String {
        format!(
            "<form method=\"post\" action=\"/signin\"><input type=\"hidden\" name=\"flow\" \
             value=\"{}\">{fields}</form>",
            escape(self.id)
        )
    }

    pub(super) fn details(&self) -> String {
        let rows: String = self
            .asked
            .iter()
            .map(|(name, value)| format!("<dt>{name}</dt><dd><code>{}</code></dd>", escape(value)))
            .collect();
        format!("<details><summary>What the app asked for</summary><dl>{rows}</dl></details>")
    }
}

/// A button that answers with its `action`. The first of a page is what Enter does.
pub(super) fn button(action: &str, text: &str, class: &str) -> String {
    format!(
        "<button class=\"button {class}\" name=\"action\" value=\"{action}\">{}</button>",
        escape(text)
    )
}

/// Refusing stands left of going on, but Enter goes on.
pub(super) fn two_buttons(no: (&str, &str), yes: (&str, &str)) -> String {
    format!(
        "<div class=\"row\">{}<button class=\"button main\" name=\"action\" value=\"{}\" \
         autofocus>{}</button></div>",
        button(no.0, no.1, ""),
        yes.0,
        escape(yes.1)
    )
}

/// The account that the person chose.
pub(super) fn chip(user: &User, tenant: &str) -> String {
    format!(
        "<div class=\"who\"><span class=\"face\" aria-hidden=\"true\">{}</span><span><span \
         class=\"name\">{}</span><span class=\"sub\">{} · {}</span></span></div>",
        escape(&initials(user.display_name())),
        escape(user.display_name()),
        escape(user.user_principal_name()),
        escape(tenant),
    )
}

pub(super) fn initials(name: &str) -> String {
    let words = name.split_whitespace().filter_map(|w| w.chars().next());
    words.take(2).flat_map(char::to_uppercase).collect()
}

pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_element_or_attribute() {
        assert_eq!(
            escape("<a b=\"c\" d='e'>&é"),
            "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;é"
        );
    }

    #[test]
    fn initials_are_two_at_most() {
        assert_eq!(initials("Alice B. Example"), "AB");
        assert_eq!(initials("ömer"), "Ö");
        assert_eq!(initials(""), "");
    }
}
