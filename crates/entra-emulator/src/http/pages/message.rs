//! Pages that end a sign-in: errors, messages, and the way back to the app, by link or by
//! `response_mode=form_post` (OAuth 2.0 Form Post Response Mode).

use std::sync::{Arc, LazyLock};

use axum::{Extension, http::StatusCode, response::Response};
use url::Url;

use super::shell::{Flow, Page, chip, escape, source_of, two_buttons};
use crate::call::Call;
use crate::errors::{AadError, table};
use crate::http::response::ErrorCode;
use crate::http::sign_in::Chosen;

/// An error that cannot be sent to the client.
pub(in crate::http) fn error(error: &AadError, call: &Call) -> Response {
    let mut page = Page::new(
        "Sign-in failed",
        format!("<p>{}</p>", escape(&error.description(call))),
    );
    page.status = StatusCode::BAD_REQUEST;
    let mut response = page.response();
    response.extensions_mut().insert(ErrorCode(error.code()));
    response
}

/// The directory refuses this account; the person may try another, or tell the app.
pub(in crate::http) fn refused(
    flow: Flow<'_>,
    who: &Chosen<'_>,
    error: &AadError,
    call: &Call,
) -> Response {
    let body = format!(
        "<p class=\"lead\">Your sign-in worked, but <strong>{}</strong> does not let you on.</p>{}<p \
         class=\"note\">{}</p>{}{}",
        escape(&who.tenant.name),
        chip(who.user, &who.tenant.name),
        escape(&error.description(call)),
        flow.form(&two_buttons(
            ("another", "Use another account"),
            ("return", "Return to the app")
        )),
        flow.details(),
    );
    let mut response = Page::new("You cannot get to this", body).response();
    response.extensions_mut().insert(ErrorCode(error.code()));
    response
}

/// `/error?code=`: the text of a number, with its gaps left open.
pub(in crate::http) async fn about_error(Extension(call): Extension<Arc<Call>>) -> Response {
    let code = call.query.get("code").unwrap_or_default();
    let row = code.parse().ok().and_then(table::by_code);
    let text = row.map_or("There is no text for this number.", |row| row.text);
    message(StatusCode::OK, "Error", &format!("AADSTS{code}: {text}"))
}

/// A page that only says something.
pub(in crate::http) fn message(status: StatusCode, title: &str, text: &str) -> Response {
    let mut page = Page::new(title, format!("<p>{}</p>", escape(text)));
    page.status = status;
    page.response()
}

/// Sends the browser to the app.
///
/// Not a redirect: browsers hold the redirects after a form to its page's `form-action`,
/// and where an app sends people next is the app's business.
pub(in crate::http) fn go_on(url: &str, app: &str) -> Response {
    let url = escape(url);
    let body = format!(
        "<p class=\"lead\">Taking you back to <strong>{}</strong>.</p><div class=\"row\"><a \
         class=\"button main\" href=\"{url}\" autofocus>Continue</a></div>",
        escape(app)
    );
    let mut page = Page::new("One moment", body);
    page.head = format!("<meta http-equiv=\"refresh\" content=\"0; url={url}\">");
    page.response()
}

/// Signed out: hidden frames tell the apps, and then the browser goes back to one of them.
pub(in crate::http) fn signed_out(told: &[Url], back: Option<&Url>) -> Response {
    let frames: String = told
        .iter()
        .map(|url| format!("<iframe hidden src=\"{}\"></iframe>", escape(url.as_str())))
        .collect();
    let origins: Vec<String> = told
        .iter()
        .map(|url| url.origin().ascii_serialization())
        .collect();
    let policy = format!("form-action 'self'; frame-src {}", origins.join(" "));
    let link = back.map(|url| {
        format!(
            "<div class=\"row\"><a class=\"button main\" href=\"{}\">Continue</a></div>",
            escape(url.as_str())
        )
    });
    let body = format!(
        "<p>The apps of this session are told.</p>{frames}{}",
        link.unwrap_or_default()
    );
    let mut page = Page::new("You signed out", body);
    if let Some(url) = back {
        page.head = format!(
            "<meta http-equiv=\"refresh\" content=\"2; url={}\">",
            escape(url.as_str())
        );
    }
    page.policy = &policy;
    page.response()
}

/// A form whose sign-in is not there for this browser.
pub(in crate::http) fn stale() -> Response {
    message(
        StatusCode::FORBIDDEN,
        "This page is no longer good",
        "The sign-in has ended, is too old, or was opened by another browser. Go back to the app \
         and start again.",
    )
}

/// The one script of the emulator.
const SUBMIT: &str = "document.forms[0].submit()";

/// No `form-action`: it would also hold the redirects that the app answers with, and where
/// an app sends people next is the app's business. The form's target is registered.
static POLICY: LazyLock<String> = LazyLock::new(|| format!("script-src {}", source_of(SUBMIT)));

/// A form to `url`; a button is there for browsers without scripts.
pub(in crate::http) fn form_post(url: &str, answer: &[(&str, &str)]) -> Response {
    let fields: String = answer
        .iter()
        .map(|(name, value)| {
            format!(
                "<input type=\"hidden\" name=\"{name}\" value=\"{}\">",
                escape(value)
            )
        })
        .collect();
    let body = format!(
        "<p class=\"lead\">Taking you back to the app.</p><form method=\"post\" \
         action=\"{}\">{fields}<div class=\"row\"><button class=\"button main\" \
         autofocus>Continue</button></div></form><script>{SUBMIT}</script>",
        escape(url)
    );
    let mut page = Page::new("One moment", body);
    page.policy = &POLICY;
    page.response()
}
