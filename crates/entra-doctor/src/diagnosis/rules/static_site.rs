//! Static Web Apps: a route's roles against the caller's, its session against a bearer token,
//! values where the names of settings belong.

use crate::diagnosis::change::Change;
use crate::diagnosis::code::Code;
use crate::diagnosis::facts::Facts;
use crate::document::{Parsed, Principal, StaticSite};
use crate::finding::{Certainty, Finding};
use crate::reading::scan;

use super::shared::shown;

const CONFIGURE: &str = "Static Web Apps doc \"Configure Azure Static Web Apps\"";
const CUSTOM: &str = "Static Web Apps doc \"Custom authentication\"";

pub(super) fn static_site(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let config = facts.parsed().find_map(|parsed| match parsed {
        Parsed::StaticSite(site) => Some(site),
        _ => None,
    });
    if let Some(config) = config {
        settings(config, found);
        route(facts, config, found);
    }
    let host = facts.host.ends_with(".azurestaticapps.net");
    if host && facts.token().is_some() && facts.status() == Some(401) {
        found.push(
            Finding::new(Code::SessionWanted, Certainty::Likely, "a bearer token was sent to a Static Web App, whose routes look at the session of its own sign-in")
                .why("the session is a cookie of `/.auth/login/aad`; a token of Entra ID is not checked there, whatever its audience")
                .change("sign in at `/.auth/login/aad` and send the cookie, or call the API behind it at its own address, with its own authentication")
                .source_is("Static Web Apps doc \"Authenticate and authorize\""),
        );
    }
}

/// Values where the names of settings belong.
fn settings(config: &StaticSite, found: &mut Vec<Finding>) {
    if scan::is_guid(&config.client_id_setting) {
        found.push(
            Finding::new(Code::SettingHoldsValue, Certainty::Certain, format!("`clientIdSettingName` is `{}`: the client id itself, where the name of an application setting belongs", config.client_id_setting))
                .why("the sign-in looks for a setting of that name, finds none, and fails")
                .change(Change::setting("`clientIdSettingName`", "the name of a setting, `AZURE_CLIENT_ID` for example"))
                .change(Change::run("put the client id into that setting", format!("az staticwebapp appsettings set --name <site> --setting-names AZURE_CLIENT_ID={}", config.client_id_setting)))
                .source_is(CUSTOM),
        );
    }
    let name = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':'))
    };
    let secret = config.secret_setting.as_str();
    if !secret.is_empty() && (!name(secret) || scan::is_guid(secret)) {
        found.push(
            Finding::new(Code::SettingHoldsValue, Certainty::Certain, "`clientSecretSettingName` holds what looks like the secret itself, where the name of an application setting belongs")
                .why("the file is part of the repository: a secret in it has leaked, and the sign-in finds no setting of that name")
                .change(Change::setting("`clientSecretSettingName`", "the name of a setting, `AZURE_CLIENT_SECRET` for example, which holds the secret"))
                .change("make a new secret and delete the one that stands in the file")
                .source_is(CUSTOM),
        );
    }
    let shared = ["/common", "/organizations", "/consumers"]
        .iter()
        .any(|tenant| config.issuer.contains(tenant));
    if shared {
        found.push(
            Finding::new(Code::SiteTenantUnchecked, Certainty::Certain, format!("`openIdIssuer` is `{}`: users of every tenant sign in", shown(&config.issuer)))
                .change(Change::setting("`openIdIssuer`", "`https://login.microsoftonline.com/<tenant id>/v2.0`, unless every tenant is meant"))
                .source_is(CUSTOM),
        );
    }
}

/// The route that was called wants roles that the user does not have.
fn route(facts: &Facts<'_>, config: &StaticSite, found: &mut Vec<Finding>) {
    let Some(route) = config
        .route_of(&facts.path)
        .filter(|route| !route.roles.is_empty())
    else {
        return;
    };
    let refused = matches!(facts.status(), Some(401 | 403 | 404));
    if !refused {
        return;
    }
    let held = facts.parsed().find_map(|parsed| match parsed {
        Parsed::Principal(Principal::StaticWebApp(roles)) => Some(roles),
        _ => None,
    });
    let fits = held.is_some_and(|held| {
        held.iter().any(|role| {
            route
                .roles
                .iter()
                .any(|wanted| wanted.eq_ignore_ascii_case(role))
        })
    });
    if fits {
        return;
    }
    let wanted = route
        .roles
        .iter()
        .map(|role| format!("`{}`", shown(role)))
        .collect::<Vec<_>>()
        .join(" or ");
    let methods = if route.methods.is_empty() {
        String::new()
    } else {
        format!(" ({})", shown(&route.methods.join(", ")))
    };
    let has = match held {
        Some(held) => format!("the user has {}", shown(&held.join(", "))),
        None => "no caller is in the input".to_owned(),
    };
    let certainty = if held.is_some() {
        Certainty::Certain
    } else {
        Certainty::Likely
    };
    let finding = Finding::new(
        Code::RouteRoleMissing,
        certainty,
        format!(
            "the route `{}`{methods} wants the role {wanted}, and {has}",
            shown(&route.path)
        ),
    )
    .why("Static Web Apps compare the roles of their own session; app roles and groups of Entra ID are none of them by themselves");
    found.push(
        if config.roles_source {
            finding.change("have the function of `rolesSource` return the role for this user, then sign out and in again: roles are read at the sign-in")
        } else {
            finding
                .change("invite the user with that role (the site's \"Role management\"), or name a function in `auth.rolesSource` that returns it (Standard plan); then sign out and in again")
        }
        .source_is(CONFIGURE),
    );
}
