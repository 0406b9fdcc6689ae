//! May the app?

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
