//! Answers of an API's own code and of the host in front of it: a stopped site, address
//! restrictions, function keys, scopes and app roles that the code misses.

use crate::diagnosis::change::Change;
use crate::diagnosis::code::Code;
use crate::diagnosis::facts::Facts;
use crate::finding::{Certainty, Finding};
use crate::reading::scan;

const APP_SERVICE: &str = "App Service doc \"Set up access restrictions\"";
const WEB_API: &str = "Entra doc \"Protected web API: Verify scopes and app roles\"";

/// What App Service and the Functions host answer before any code of the app runs.
pub(super) fn host(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    if facts.says_any(&[
        "web app is stopped",
        "site is stopped",
        "this web app is currently stopped",
        "web app - unavailable",
    ]) {
        found.push(
            Finding::new(
                Code::ServiceFailed,
                Certainty::Certain,
                "App Service says that the web app is stopped",
            )
            .why("a stopped app answers 403 to every call, before it looks at a token")
            .change(Change::run(
                "start it",
                "az webapp start --name <site> --resource-group <group>",
            ))
            .said()
            .source_is("App Service doc \"Troubleshoot HTTP errors\""),
        );
    }
    if facts.says_any(&[
        "ip forbidden",
        "x-ms-forbidden-ip",
        "has blocked your access",
    ]) {
        let address = scan::word_after(&facts.said, "x-ms-forbidden-ip")
            .map_or_else(String::new, |ip| {
                format!(" for the address {}", super::shared::shown(ip))
            });
        found.push(
            Finding::new(Code::NetworkClosed, Certainty::Certain, format!("the site's access restrictions answer 403{address}"))
                .why("access restrictions (IP restrictions) stand in front of the authentication: no token was looked at")
                .change(Change::run("see the rules", "az webapp config access-restriction show --name <site> --resource-group <group>"))
                .change("allow the caller's address or virtual network, or call from one that is allowed")
                .said()
                .source_is(APP_SERVICE),
        );
    }
    let function = facts.says_any(&[
        "authorizationlevel.function",
        "authorizationlevel.admin",
        "authlevel\": \"function",
        "authlevel\":\"function",
        "auth_level=func.authlevel.function",
    ]);
    if function && facts.status() == Some(401) {
        found.push(
            Finding::new(Code::FunctionKeyMissing, Certainty::Likely, "the function wants a key (`AuthorizationLevel.Function`), in `x-functions-key` or `?code=`")
                .why("the Functions host compares keys and looks at no token of Entra ID; only the site's authentication does")
                .change("send the function key in `x-functions-key`, or set the level to Anonymous and let the site's authentication check tokens")
                .source_is("Functions doc \"Work with access keys\""),
        );
    }
}

/// A scope or an app role that the API's own code misses in the token.
pub(super) fn permissions(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let scope = [
        "does not contain scopes",
        "does not contain the scope",
        "missing scope",
        "missing required scope",
        "requires scope",
        "scope required:",
    ]
    .iter()
    .find_map(|mark| named(facts, mark));
    let role = [
        "missing role",
        "missing app role",
        "missing required role",
        "requires role",
        "requires the role",
        "required role",
        "does not contain roles",
        "does not contain the role",
    ]
    .iter()
    .find_map(|mark| named(facts, mark));
    if let Some(scope) = scope {
        let app = facts.app_only()
            || facts
                .claims()
                .is_some_and(|claims| claims.scopes().next().is_none());
        let mut finding = Finding::new(
            Code::ScopeMissing,
            Certainty::Certain,
            format!(
                "the API wants the delegated scope `{}` in `scp`{}",
                super::shared::shown(&scope),
                if app {
                    ", and the token has no `scp`: it is an application's own"
                } else {
                    ""
                }
            ),
        )
        .why("the token was accepted, and the API's code looks for the scope in it");
        finding = if app {
            finding
                .change(format!("sign a user in and request `{}/{}`", super::shared::best_audience(facts), super::shared::shown(&scope)))
                .change("or let the API accept an app role for applications, and assign it to the caller")
        } else {
            finding.change(format!(
                "request `{}/{}`, consent to it, and get a new token",
                super::shared::best_audience(facts),
                super::shared::shown(&scope)
            ))
        };
        found.push(finding.said().source_is(WEB_API));
    }
    if let Some(role) = role {
        let role = super::shared::shown(&role);
        let has = facts
            .claims()
            .is_some_and(|claims| claims.roles().any(|it| it == role));
        let finding = Finding::new(
            Code::PermissionMissing,
            Certainty::Certain,
            format!("the API wants the app role `{role}` in `roles`"),
        )
        .why("the token was accepted, and the API's code looks for the role in it");
        let finding = if has {
            finding.change(
                "the token has the role: the API compares another claim or another spelling",
            )
        } else {
            finding
                .change(format!("assign the app role `{role}` of the API's registration to the calling application (or user), then get a new token: a token holds the roles of the time when it was issued, and a managed identity's is kept for up to a day"))
        };
        found.push(finding.said().source_is(WEB_API));
    }
    if facts.says("idw10201") && !matches!(facts.kind, Some(entra_claims::KindGuess::IdToken(_))) {
        found.push(
            Finding::new(Code::PermissionMissing, Certainty::Certain, "the API found neither `scp` nor `roles` in the token")
                .why("a token without both says only that some application of the tenant asked for it")
                .change("give the calling application an app role of the API, or sign a user in and request a scope of the API; then get a new token")
                .said()
                .source_is(WEB_API),
        );
    }
}

/// The name after a phrase, where it looks like one of a permission.
fn named(facts: &Facts<'_>, mark: &str) -> Option<String> {
    let rest = scan::after(&facts.said, mark)?;
    let word = rest
        .split(|c: char| c.is_whitespace() || "'\"`,;:()[]{}".contains(c))
        .find(|word| !word.is_empty())?
        .trim_end_matches('.');
    let name =
        word.contains(['.', '_', '/']) || rest.trim_start().starts_with(['\'', '"', '`', ':']);
    (name && word.len() < 120).then(|| word.to_owned())
}

/// Least permissions of Microsoft Graph by the first segments of a path.
pub(super) fn graph_permission(path: &str) -> Option<&'static str> {
    const PATHS: [(&str, &str); 18] = [
        ("/me/messages", "Mail.Read"),
        ("/me/mailfolders", "Mail.Read"),
        ("/me/sendmail", "Mail.Send"),
        ("/me/events", "Calendars.Read"),
        ("/me/calendar", "Calendars.Read"),
        ("/me/chats", "Chat.Read"),
        ("/me/drive", "Files.Read"),
        ("/me", "User.Read"),
        ("/users", "User.Read.All"),
        ("/groups", "Group.Read.All"),
        ("/applications", "Application.Read.All"),
        ("/serviceprincipals", "Application.Read.All"),
        ("/sites", "Sites.Read.All"),
        ("/drives", "Files.Read.All"),
        ("/auditlogs/signins", "AuditLog.Read.All"),
        ("/teams", "Team.ReadBasic.All"),
        ("/organization", "Organization.Read.All"),
        ("/devices", "Device.Read.All"),
    ];
    let bare = ["/v1.0", "/beta"]
        .iter()
        .find_map(|version| path.strip_prefix(version))?;
    let fits = |start: &str| {
        bare.strip_prefix(start)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '(']))
    };
    PATHS
        .iter()
        .find(|(start, _)| fits(start))
        .map(|(_, permission)| *permission)
}
