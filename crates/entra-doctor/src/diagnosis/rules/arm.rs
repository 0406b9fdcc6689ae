//! Azure Resource Manager's refusals that are no missing role: a resource provider that is not
//! registered, a policy, a lock, a subscription of another tenant.

use crate::diagnosis::change::Change;
use crate::diagnosis::code::Code;
use crate::diagnosis::facts::Facts;
use crate::diagnosis::paste;
use crate::finding::{Certainty, Finding};
use crate::reading::scan;

use super::shared::{said, shown};

const SOURCE: &str = "Azure Resource Manager doc \"Troubleshoot common deployment errors\"";

pub(super) fn arm(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    if facts.says_any(&[
        "missingsubscriptionregistration",
        "is not registered to use namespace",
        "noregisteredproviderfound",
        "subscription is not registered",
    ]) {
        found.push(provider(facts));
    }
    if facts.says_any(&["requestdisallowedbypolicy", "was disallowed by policy"]) {
        let policy = scan::after(&facts.said, "policyDefinitionName")
            .or_else(|| scan::after(&facts.said, "\"policyAssignment\""))
            .and_then(scan::quoted);
        let which = policy.map_or_else(String::new, |name| format!(" `{}`", shown(name)));
        found.push(forbids(format!("an Azure policy{which} disallows the change"))
            .change("change the request so that the policy holds (place, kind, tags, public access), or have the policy's owner exempt it; no role helps"));
    }
    if facts.says_any(&["scopelocked", "cannot perform*operation because*locked"]) {
        found.push(
            forbids("a lock on the resource or its group forbids the change".to_owned()).change(
                "have an owner remove the lock (`az lock list --resource-group '<group>'`); no role but Owner and User Access Administrator may",
            ),
        );
    }
    if facts.says_any(&[
        "subscriptionnotfound",
        "invalidsubscriptionid",
        "subscription*could not be found",
    ]) {
        let id = scan::after(&facts.said, "subscription")
            .and_then(|rest| scan::guid(crate::reading::cut(rest, 120)));
        let which = id
            .as_deref()
            .map_or_else(String::new, |id| format!(" {id}"));
        found.push(
            said(Code::TenantWrong, format!("the signed-in account sees no subscription{which}"))
                .why("a token is of one tenant, and shows the subscriptions of that tenant only; a subscription without any role of the caller is not shown either")
                .change(Change::run("sign in to the tenant of the subscription, and list what is there", "az login --tenant <tenant id> && az account list --output table"))
                .source_is(SOURCE),
        );
    }
}

fn forbids(text: String) -> Finding {
    said(Code::ControlPlaneForbids, text)
        .why("the token and the role were accepted")
        .source_is(SOURCE)
}

fn provider(facts: &Facts<'_>) -> Finding {
    let name = ["use namespace", "namespace", "provider"]
        .iter()
        .find_map(|mark| scan::quoted_after(&facts.said, mark))
        .filter(|name| name.contains('.') && name.len() < 80);
    let namespace = paste::word(name.unwrap_or_default(), "resource provider");
    Finding::new(
        Code::ProviderNotRegistered,
        Certainty::Certain,
        format!("the subscription is not registered for the resource provider {namespace}"),
    )
    .why("each subscription registers a provider once before it holds resources of it: token and role were accepted")
    .change(Change::run(
        "register it (some minutes; it takes Contributor or Owner on the subscription)",
        format!("az provider register --namespace {namespace} --wait"),
    ))
    .said()
    .source_is(SOURCE)
}
