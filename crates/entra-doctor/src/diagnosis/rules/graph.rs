//! Microsoft Graph's refusals: permissions, kinds of callers, malformed tokens.

use crate::diagnosis::code::Code;
use crate::diagnosis::facts::Facts;
use crate::finding::{Certainty, Finding};
use crate::reading::scan;

const SOURCE: &str = "Microsoft Graph doc \"Resolve authorization errors\"";

pub(super) fn graph(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let said = |code, text: String| {
        Finding::new(code, Certainty::Certain, text)
            .said()
            .source_is(SOURCE)
    };
    let read =
        "Graph answers 403 after it accepted the token, so audience, issuer and expiry are right";
    if facts.says("only valid with delegated") {
        found.push(
            said(Code::DelegatedOnly, "`/me` was called with an application's own token".to_owned())
                .why("`/me` is the signed-in user, and a token of client credentials has none")
                .change("call `/users/{id or user principal name}` with the application permission, or sign a user in and use a delegated permission"),
        );
        return;
    }
    if facts.says("cannot be performed for the specified calling identity type") {
        found.push(
            said(Code::GraphRefusesClient, "the operation is refused for this kind of caller".to_owned())
                .why(read)
                .change("call it with the other kind of token: delegated, with a user, where an application called, and the other way round; the operation's page lists which permissions it takes")
                .change("APIs for agent identities and blueprints refuse tokens of the Azure CLI and other clients of Microsoft's: use a registration of your own with the permissions for agent identities"),
        );
        return;
    }
    if let Some(names) = required(facts) {
        let list = names.join("`, `");
        let held = scan::after(&facts.said, "Scopes on the request").map(scan::all_quoted);
        let delegated = !facts.app_only();
        let mut finding = said(Code::PermissionMissing, format!("the token lacks the permission `{list}`{}", if names.len() > 1 { " (one of these is enough)" } else { "" }))
            .why(read)
            .change(if delegated {
                format!("add the delegated permission `{}` to the client's registration, consent to it, and get a new token: `scp` must hold it", names.first().map_or("", String::as_str))
            } else {
                format!("add the application permission `{}` to the registration, have an administrator consent, and get a new token: `roles` must hold it", names.first().map_or("", String::as_str))
            });
        if held.is_some_and(|held| held.iter().any(|it| names.iter().any(|name| name == it))) {
            finding = finding.change("the token holds the permission by name: it is of the other kind (delegated or application) than the operation takes");
        }
        found.push(finding);
        return;
    }
    let denied = facts.says_any(&[
        "authorization_requestdenied",
        "insufficient privileges to complete",
        "erroraccessdenied",
        "nopermissionsinaccesstoken",
    ]);
    // Exchange's own restriction, which is said by its name.
    if denied && !facts.says_any(&["accesspolicy", "[raop]"]) {
        let kind = if facts.token().is_none() {
            "delegated (`scp`) for a signed-in user, application (`roles`) for client credentials"
        } else if facts.app_only() {
            "application (`roles`): the token is an application's own"
        } else {
            "delegated (`scp`): a user is in the token, whose own rights in the directory count as well"
        };
        let held = held(facts);
        found.push(
            said(Code::PermissionMissing, match super::host::graph_permission(&facts.path) {
                Some(least) => format!("Graph took the token{held} and misses a permission: reading this wants at least `{least}`, writing more"),
                None => format!("Graph took the token{held} and misses a permission"),
            })
                .why(read)
                .change(format!("look up the operation's permissions in its Graph page, and compare with the token: {kind}"))
                .change("add the least of them to the client's registration, have an administrator consent, and get a new token"),
        );
    }
}

/// The permissions that the token has.
fn held(facts: &Facts<'_>) -> String {
    let Some(claims) = facts.claims() else {
        return String::new();
    };
    let (name, list): (_, Vec<_>) = if facts.app_only() {
        ("roles", claims.roles().take(12).collect())
    } else {
        ("scp", claims.scopes().take(12).collect())
    };
    if list.is_empty() {
        return format!(" (it has no `{name}`)");
    }
    let list: Vec<_> = list.into_iter().map(super::shared::shown).collect();
    format!(" (`{name}`: {})", list.join(", "))
}

/// The permissions after "requires one of" and "Required scopes".
fn required(facts: &Facts<'_>) -> Option<Vec<String>> {
    let rest = [
        "requires one of the following scopes",
        "requires one of",
        "one of the following permissions",
        "required scopes are",
        "missing role permissions on the request. api requires one of",
    ]
    .iter()
    .find_map(|mark| scan::after(&facts.said, mark))?;
    let end = rest.find(['\n', '"', '{']).unwrap_or(rest.len());
    let rest = rest.get(..end)?;
    let rest = rest.get(
        ..scan::find(rest, "scopes on the request")
            .or_else(|| scan::find(rest, "roles on the request"))
            .unwrap_or(rest.len()),
    )?;
    let names: Vec<String> = rest
        .split(|c: char| c.is_whitespace() || ",;'`:[]()|".contains(c))
        .map(|word| word.trim_end_matches('.'))
        .filter(|word| word.contains('.') && word.len() > 5 && !word.contains("://"))
        .take(6)
        .map(str::to_owned)
        .collect();
    (!names.is_empty()).then_some(names)
}
