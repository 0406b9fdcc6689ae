//! The two small pages for people: who are you, and what went wrong.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};

use super::super::{ErrorCode, set};
use crate::call::{Call, Params};
use crate::directory::User;
use crate::errors::AadError;

/// A list of accounts; each is a link to the same request with its `login_hint`.
pub(super) fn picker(users: &[&User], params: &Params, call: &Call) -> Response {
    let items: String = users
        .iter()
        .map(|user| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(params.iter().filter(|(n, _)| n != "login_hint"));
            query.append_pair("login_hint", user.user_principal_name());
            format!(
                "<li><a href=\"{}?{}\">{}</a> {}</li>",
                escape(&call.path),
                escape(&query.finish()),
                escape(user.display_name()),
                escape(user.user_principal_name()),
            )
        })
        .collect();
    page(
        StatusCode::OK,
        "Pick an account",
        &format!("<ul>{items}</ul>"),
    )
}

/// An error that cannot be sent to the client.
pub(super) fn error(error: &AadError, call: &Call) -> Response {
    let text = format!("<p>{}</p>", escape(&error.description(call)));
    let mut response = page(StatusCode::BAD_REQUEST, "Sign-in failed", &text);
    response.extensions_mut().insert(ErrorCode(error.code()));
    response
}

fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <title>{title} - entra-emulator</title><h1>{title}</h1>{body}\
         <p>This is a local emulator, not Microsoft.</p></html>"
    );
    let mut response = (status, html).into_response();
    let headers = response.headers_mut();
    set(headers, header::CONTENT_TYPE, "text/html; charset=utf-8");
    set(headers, header::CACHE_CONTROL, "no-store, no-cache");
    set(
        headers,
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'",
    );
    response
}

fn escape(text: &str) -> String {
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
}
