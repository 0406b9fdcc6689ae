//! Pages that end something: an error, a farewell, the way back.

use axum::{http::StatusCode, response::Response};

use super::super::ErrorCode;
use super::shell::{Flow, Page, chip, escape, two_buttons};
use crate::call::Call;
use crate::errors::AadError;
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

/// A form whose sign-in is not there for this browser.
pub(in crate::http) fn stale() -> Response {
    message(
        StatusCode::FORBIDDEN,
        "This page is no longer good",
        "The sign-in has ended, is too old, or was opened by another browser. Go back to the app \
         and start again.",
    )
}
