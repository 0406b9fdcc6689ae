//! What several rules ask of the facts: the API's own registration, audiences and issuers in
//! words, whether the site was invoked, whether a permission is named.

use crate::diagnosis::code::Code;
use crate::diagnosis::facts::Facts;
use crate::finding::{Certainty, Finding};

/// An audience can be any text that somebody put into a token.
/// A query of an address that was put there is not shown: keys and codes stand in queries.
pub(super) fn shown(aud: &str) -> String {
    let bare = match aud.split_once('?') {
        Some((before, _)) if aud.contains("://") => format!("{before}?..."),
        _ => aud.to_owned(),
    };
    bare.chars().take(120).collect()
}

/// The kind of tenant behind an issuer, where its address tells it.
pub(super) fn kind_of_issuer(issuer: &str) -> &'static str {
    if issuer.contains(".ciamlogin.com") {
        " (a tenant of Entra External ID)"
    } else if issuer.contains(".b2clogin.com") {
        " (a tenant of Azure AD B2C)"
    } else {
        ""
    }
}

/// The client id that the API answers to, where something names it.
pub(super) fn registered_as(facts: &Facts<'_>) -> Option<String> {
    let of_site = facts
        .site()
        .map(|site| site.client_id.clone())
        .filter(|id| !id.is_empty());
    let of_challenge = || {
        let id = facts
            .challenge
            .get("resource_id")
            .or_else(|| facts.challenge.get("client_id"))?;
        crate::reading::scan::guid(id)
    };
    let given = || {
        facts
            .accepted()
            .into_iter()
            .find_map(crate::reading::scan::guid)
    };
    facts
        .registration()
        .map(|app| app.app_id.clone())
        .filter(|id| !id.is_empty())
        .or(of_site)
        .or_else(given)
        .or_else(of_challenge)
}

/// The audience to ask for, as far as it is known.
pub(super) fn best_audience(facts: &Facts<'_>) -> String {
    let registered = facts
        .registration()
        .and_then(|app| app.identifier_uris.first().cloned());
    let id = registered_as(facts);
    let given = facts
        .accepted()
        .into_iter()
        .find(|it| it.contains("://"))
        .map(str::to_owned);
    registered
        .or(given)
        .or_else(|| id.map(|id| format!("api://{id}")))
        .unwrap_or_else(|| "api://<client id of the API's registration>".to_owned())
}

/// Container Apps have commands of their own for the same authentication.
pub(super) fn is_container_app(facts: &Facts<'_>) -> bool {
    facts.host.ends_with(".azurecontainerapps.io") || facts.says("az containerapp")
}

/// The command that shows a site's authentication settings.
pub(super) fn auth_show(facts: &Facts<'_>) -> &'static str {
    if is_container_app(facts) {
        "az containerapp auth show"
    } else {
        "az webapp auth show"
    }
}

/// A refusal of a container registry: the address is no endpoint for tokens, the role is.
pub(super) fn registry_refuses(facts: &Facts<'_>) -> bool {
    facts.host.ends_with(".azurecr.io") && matches!(facts.status(), Some(401 | 403))
}

pub(super) fn is_never_invoked(facts: &Facts<'_>) -> bool {
    let fixed = [
        "never invoked",
        "never gets invoked",
        "is not invoked",
        "not invoked",
        "isn't invoked",
        "not being invoked",
        "never called",
        "never reached",
        "never runs",
        "never executed",
        "function is never",
        "function is not hit",
    ];
    facts.says_any(&fixed)
        || facts.status() == Some(404) && counted_none(&facts.lower, "requests =")
        || [
            "invocation",
            "executioncount",
            "execution count",
            "executions",
        ]
        .iter()
        .any(|noun| counted_none(&facts.lower, noun))
}

/// `0 invocations`, `Invocation count: 0`, `invocations stay at zero`, `no invocation`.
fn counted_none(lower: &str, noun: &str) -> bool {
    let none = |word: &str| matches!(word, "0" | "zero" | "no" | "none" | "any" | "without");
    lower.match_indices(noun).any(|(at, _)| {
        let before = lower.get(..at).unwrap_or_default();
        let after = lower.get(at + noun.len()..).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        let words = |text: &str| -> Vec<String> {
            text.split(|c: char| !c.is_ascii_alphanumeric())
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let line = line.rsplit([';', '.', '|', ',']).next().unwrap_or_default();
        let near_before = words(line).iter().rev().take(2).any(|word| none(word));
        let next = after.split(['\n', ';', '>']).next().unwrap_or_default();
        let near_after = words(next)
            .iter()
            .take(7)
            .any(|word| matches!(word.as_str(), "0" | "zero" | "none"));
        near_before || near_after
    })
}

/// A text with which a service refuses the caller and not the token.
pub(super) fn permission_text(facts: &Facts<'_>) -> bool {
    facts.says_any(&[
        "authorization_requestdenied",
        "insufficient privileges",
        "missing scope permissions",
        "requires one of",
        "lacks the required data action",
        "does not have authorization to perform action",
        "authorizationpermissionmismatch",
        "caller is not authorized to perform action",
        "required rbac permissions",
        "featurenotavailable",
        "does not have permission",
    ])
}

pub(super) fn said(code: Code, text: String) -> Finding {
    Finding::new(code, Certainty::Certain, text)
        .said()
        .source_is("the service's own answer")
}
