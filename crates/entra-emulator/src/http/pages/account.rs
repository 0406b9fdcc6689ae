//! Who are you?

use axum::response::Response;

use super::shell::{Flow, Page, button, escape, initials};
use crate::directory::{Tenant, User};

/// A button for each account, and a way out.
pub(in crate::http) fn picker(
    flow: Flow<'_>,
    app: &str,
    accounts: &[(&Tenant, &User)],
    password: bool,
) -> Response {
    let first = accounts.first().map(|(t, _)| t.id());
    let several = accounts.iter().any(|(t, _)| Some(t.id()) != first);
    let rows: String = accounts
        .iter()
        .enumerate()
        .map(|(i, (tenant, user))| {
            let tenant_name = if several {
                format!(" · {}", escape(&tenant.name))
            } else {
                String::new()
            };
            format!(
                "<li><button class=\"account\" name=\"account\" value=\"{}/{}\"{}><span class=\"face\" \
                 aria-hidden=\"true\">{}</span><span><span class=\"name\">{}</span><span \
                 class=\"sub\">{}{tenant_name}</span></span></button></li>",
                tenant.id(),
                user.object_id(),
                if i == 0 { " autofocus" } else { "" },
                escape(&initials(user.display_name())),
                escape(user.display_name()),
                escape(user.user_principal_name()),
            )
        })
        .collect();
    let list = if accounts.is_empty() {
        "<p class=\"note\">No enabled user of this directory can sign in here.</p>".to_owned()
    } else {
        format!("<ul class=\"list\">{rows}</ul>")
    };
    let list = match password {
        true => format!(
            "<p><label>The emulator's password <input type=\"password\" name=\"password\" \
             autocomplete=\"off\" required></label></p>{list}"
        ),
        false => list,
    };
    let body = format!(
        "<p class=\"lead\">to continue to <strong>{}</strong></p>{}{}",
        escape(app),
        flow.form(&format!(
            "{list}<div class=\"row\">{}</div>",
            button("cancel", "Cancel", "")
        )),
        flow.details(),
    );
    Page::new("Pick an account", body).response()
}
