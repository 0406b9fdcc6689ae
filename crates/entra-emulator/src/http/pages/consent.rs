//! May the app? And is it really you?

use axum::response::Response;

use super::shell::{Flow, Page, chip, escape, two_buttons};
use crate::http::sign_in::{Chosen, Permission};

/// What the app would be allowed, by resource.
pub(in crate::http) fn consent(
    flow: Flow<'_>,
    who: &Chosen<'_>,
    permissions: &[Permission<'_>],
) -> Response {
    let mut groups = String::new();
    for permission in permissions {
        let scopes: String = permission
            .scopes
            .iter()
            .map(|scope| format!("<li><code>{}</code></li>", escape(scope)))
            .collect();
        groups.push_str(&format!(
            "<h2>{}</h2><ul class=\"asks\">{scopes}</ul>",
            escape(permission.resource)
        ));
    }
    let body = format!(
        "<p class=\"lead\"><strong>{}</strong> would like to act for you with:</p>{}{}{}",
        escape(who.app.name()),
        chip(who.user, &who.tenant.name),
        flow.form(&format!(
            "{groups}<p class=\"sub\">Accepting is remembered for this account until the emulator \
             stops or the consent is revoked.</p>{}",
            two_buttons(("decline", "Cancel"), ("accept", "Accept"))
        )),
        flow.details(),
    );
    Page::new("Permissions requested", body).response()
}

/// A second factor, played by a button.
pub(in crate::http) fn second_factor(flow: Flow<'_>, who: &Chosen<'_>, resource: &str) -> Response {
    let body = format!(
        "<p class=\"lead\">{} asks for a second factor before <strong>{}</strong> may be used. \
         Here it is a button.</p>{}{}{}",
        escape(&who.tenant.name),
        escape(resource),
        chip(who.user, &who.tenant.name),
        flow.form(&two_buttons(("deny", "Deny"), ("approve", "Approve"))),
        flow.details(),
    );
    Page::new("Approve the sign-in", body).response()
}
