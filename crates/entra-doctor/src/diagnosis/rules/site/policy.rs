//! Whom a site lets in: allowed applications, principals and tenants, against the token, the
//! caller's ids in the text, or the refusal alone.

use crate::diagnosis::change::Change;
use crate::diagnosis::code::Code;
use crate::diagnosis::facts::Facts;
use crate::document::Site;
use crate::finding::{Certainty, Finding};
use crate::reading::fragment::Caller;

use super::{SOURCE, hands_on_graph};

/// Who may call, beyond the audience: answered with 403.
pub(in crate::diagnosis::rules) fn policy(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    if let (Some(site), Some(registration)) = (facts.site(), facts.registration())
        && !site.client_id.is_empty()
        && site.client_id != registration.app_id
    {
        found.push(
            Finding::new(Code::SiteClientMismatch, Certainty::Certain, "the site's client id is not the registration's")
                .change("give the manifest of the registration that the site names, or correct the site's client id")
                .source_is(SOURCE),
        );
    }
    if let Some(site) = facts.site().filter(|_| facts.claims().is_none()) {
        restricted(facts, site, found);
    }
    let Some(claims) = facts.claims() else { return };
    // Such a token was not sent to the site, it came from there.
    if facts.site().is_some_and(|site| hands_on_graph(facts, site)) {
        return;
    }
    let has = |list: &[String], value: Option<&str>| {
        list.is_empty()
            || value.is_some_and(|value| list.iter().any(|entry| entry.eq_ignore_ascii_case(value)))
    };
    let mut add = |code, text: String, change: Change| {
        found.push(
            Finding::new(code, Certainty::Certain, text)
                .why("the site's own policy answers 403")
                .change(change)
                .source_is(SOURCE),
        );
    };
    // A user's object id stays out of the output, an application's ids do not.
    let ids = |list: &[String], own: Option<&str>, shown: bool| {
        let own = own.filter(|_| shown).unwrap_or("<the caller's id>");
        let all = list.iter().map(String::as_str).chain([own]);
        let all: Vec<_> = all
            .map(|id| format!("\"{}\"", crate::diagnosis::paste::word(id, "id")))
            .collect();
        all.join(",")
    };
    if let Some(site) = facts.site() {
        if !has(&site.applications, claims.azp_or_appid()) {
            let caller = claims.azp_or_appid().unwrap_or_default();
            let list = ids(&site.applications, claims.azp_or_appid(), true);
            add(
                Code::SiteClientNotAllowed,
                format!(
                    "the caller's client id {} is not in `allowedApplications`",
                    crate::diagnosis::paste::word(caller, "client id")
                ),
                Change::paste_setting(
                    "`defaultAuthorizationPolicy.allowedApplications` (client ids, not object ids)",
                    "a list that keeps what is there and includes the caller's",
                    format!(
                        "{{\"validation\":{{\"defaultAuthorizationPolicy\":{{\"allowedApplications\":[{list}]}}}}}}"
                    ),
                ),
            );
        }
        if !has(&site.principals, claims.oid()) {
            let list = ids(&site.principals, claims.oid(), facts.app_only());
            add(
                Code::SitePrincipalNotAllowed,
                "the caller's object id is not in `allowedPrincipals`".to_owned(),
                Change::paste_setting(
                    "`defaultAuthorizationPolicy.allowedPrincipals.identities`",
                    "a list that keeps what is there and includes the caller's",
                    format!(
                        "{{\"validation\":{{\"defaultAuthorizationPolicy\":{{\"allowedPrincipals\":{{\"identities\":[{list}]}}}}}}}}"
                    ),
                ),
            );
        }
    }
    if let Some(settings) = facts.settings()
        && !has(&settings.allowed_tenants, claims.tid())
    {
        let tenant = crate::diagnosis::paste::word(claims.tid().unwrap_or_default(), "tenant id");
        add(
            Code::SiteTenantNotAllowed,
            format!("the caller's tenant {tenant} is not in WEBSITE_AUTH_AAD_ALLOWED_TENANTS"),
            Change::setting(
                "WEBSITE_AUTH_AAD_ALLOWED_TENANTS, keeping what is there",
                format!("a list that includes {tenant}, if callers of that tenant may come in"),
            ),
        );
    }
}

/// A 403 of a site that lets only some callers in, without the caller's token.
fn restricted(facts: &Facts<'_>, site: &Site, found: &mut Vec<Finding>) {
    if facts.status() != Some(403) {
        return;
    }
    if let Some(caller) = facts.caller() {
        return told(site, caller, found);
    }
    let (code, list, place) = if !site.applications.is_empty() {
        (
            Code::SiteClientNotAllowed,
            &site.applications,
            "`allowedApplications`",
        )
    } else if !site.principals.is_empty() {
        (
            Code::SitePrincipalNotAllowed,
            &site.principals,
            "`allowedPrincipals`",
        )
    } else {
        return;
    };
    let ids: Vec<_> = list
        .iter()
        .map(|id| crate::diagnosis::paste::word(id, "id"))
        .collect();
    found.push(
        Finding::new(code, Certainty::Likely, format!("the site lets in only what {place} lists ({}), and answers 403", ids.join(", ")))
            .why("the audience and the issuer were accepted, and the caller is not in the list")
            .change(Change::setting(format!("{place} of the site, keeping what is there"), "a list that includes the id of the agent's or project's identity: its client id for applications, its object id for principals"))
            .source_is(SOURCE),
    );
}

/// The lists of the site against ids of the caller that the text names.
fn told(site: &Site, caller: &Caller, found: &mut Vec<Finding>) {
    let lists = [
        (
            Code::SiteClientNotAllowed,
            &site.applications,
            caller.client.as_deref(),
            caller.object.as_deref(),
            "`allowedApplications`",
            "client ids (`appId`)",
            "its object id stands there",
        ),
        (
            Code::SitePrincipalNotAllowed,
            &site.principals,
            caller.object.as_deref(),
            caller.client.as_deref(),
            "`allowedPrincipals.identities`",
            "object ids",
            "its client id stands there",
        ),
    ];
    for (code, list, right, other, place, kind, swapped) in lists {
        let has = |id: Option<&str>| {
            id.is_some_and(|id| list.iter().any(|it| it.eq_ignore_ascii_case(id)))
        };
        let Some(right) = right.filter(|_| !list.is_empty() && !has(right)) else {
            continue;
        };
        let seen = if has(other) {
            format!("the caller {right} is not in {place}: {swapped}")
        } else {
            format!("the caller {right} is not in {place}")
        };
        found.push(
            Finding::new(code, Certainty::Certain, seen)
                .why(format!(
                    "the site answers 403: {place} is compared with {kind}"
                ))
                .change(Change::setting(
                    format!("{place} of the site, keeping what is there"),
                    format!("a list that includes {right}"),
                ))
                .source_is(SOURCE),
        );
    }
}
