//! May the app? And is it really you?

use axum::response::Response;

use super::shell::{Flow, Page, chip, escape, two_buttons};
use crate::http::sign_in::{Chosen, Demand, Permission};

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

/// What policies ask for, played by a button.
pub(in crate::http) fn policy(
    flow: Flow<'_>,
    who: &Chosen<'_>,
    resource: &str,
    demands: &[Demand],
) -> Response {
    let asks: String = demands
        .iter()
        .map(|demand| format!("<li>{}</li>", escape(demand.text())))
        .collect();
    let body = format!(
        "<p class=\"lead\">Before <strong>{}</strong> may be used, {} asks for:</p><ul \
         class=\"asks\">{asks}</ul>{}{}{}",
        escape(resource),
        escape(&who.tenant.name),
        chip(who.user, &who.tenant.name),
        flow.form(&format!(
            "<p class=\"sub\">Here a button answers it.</p>{}",
            two_buttons(("deny", "Cancel"), ("approve", "Approve"))
        )),
        flow.details(),
    );
    Page::new("Approve the sign-in", body).response()
}
