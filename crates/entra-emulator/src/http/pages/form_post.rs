//! `response_mode=form_post` (OAuth 2.0 Form Post Response Mode): the answer as a form that
//! sends itself.

use std::sync::LazyLock;

use axum::response::Response;

use super::shell::{Page, escape, source_of};

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
