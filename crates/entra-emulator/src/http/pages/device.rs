//! The pages of the device code flow.

use axum::{http::StatusCode, response::Response};

use super::shell::{Flow, Page, chip, escape, two_buttons};
use crate::http::sign_in::Chosen;

/// The field for the code that a device shows.
pub(in crate::http) fn enter_code(code: &str, wrong: Option<&str>) -> Response {
    let complaint = match wrong {
        Some(text) => format!(
            "<p class=\"wrong\" id=\"wrong\" role=\"alert\">{}</p>",
            escape(text)
        ),
        None => String::new(),
    };
    let described = if wrong.is_some() {
        " aria-describedby=\"wrong\" aria-invalid=\"true\""
    } else {
        ""
    };
    let body = format!(
        "<p class=\"lead\">Enter the code that your device or command line shows.</p><form \
         method=\"post\" action=\"/devicelogin\"><label class=\"field\" for=\"code\">Code</label><input \
         type=\"text\" id=\"code\" name=\"user_code\" value=\"{}\" maxlength=\"20\" autocomplete=\"off\" \
         autocapitalize=\"characters\" spellcheck=\"false\" required autofocus{described}>{complaint}<div \
         class=\"row\"><button class=\"button main\">Next</button></div></form>",
        escape(code),
    );
    let mut page = Page::new("Sign in to a device", body);
    if wrong.is_some() {
        page.status = StatusCode::BAD_REQUEST;
    }
    page.response()
}

/// Whoever started the flow may sit elsewhere: the person is asked once more.
pub(in crate::http) fn confirm_device(flow: Flow<'_>, who: &Chosen<'_>) -> Response {
    let body = format!(
        "<p class=\"lead\">You are signing in to <strong>{}</strong> on another device.</p>{}<p \
         class=\"note\">Only continue if you started this yourself. Whoever shows you a code that \
         they made gets your sign-in.</p>{}{}",
        escape(who.app.name()),
        chip(who.user, &who.tenant.name),
        flow.form(&two_buttons(("decline", "Cancel"), ("confirm", "Continue"))),
        flow.details(),
    );
    Page::new("Is this you?", body).response()
}
