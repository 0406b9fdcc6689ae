//! The sign-in log: whose application it was, and what Conditional Access said.

use foundry_scopes::{ClientId, catalogue};

use crate::diagnosis::code::Code;
use crate::diagnosis::facts::Facts;
use crate::document::SignIn;
use crate::finding::{Certainty, Finding};

/// Applications of Microsoft's that show up in customers' logs.
const FIRST_PARTY: &[&str] = &[
    "cb2ff863-7f30-4ced-ab89-a00194bcf6d9",
    "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
    "1950a258-227b-4e31-a9cf-717495945fc2",
    "c44b4083-3bb0-49c1-b47d-974e53cbdf3c",
    "00000003-0000-0000-c000-000000000000",
];

/// Names of such applications, where the entry has no id.
const NAMES: &[&str] = &[
    "azure ai studio",
    "azure ai foundry",
    "microsoft foundry",
    "azure portal",
    "microsoft azure cli",
    "azure cli",
    "azure powershell",
    "microsoft teams",
    "azure machine learning",
    "microsoft azure powershell",
    "visual studio",
];

/// Whether the entry is of an application that the customer did not register.
pub(super) fn is_microsofts(entry: &SignIn) -> bool {
    let known = ClientId::parse(&entry.app_id)
        .ok()
        .and_then(catalogue::client)
        .is_some();
    let name = entry.app.to_ascii_lowercase();
    known
        || FIRST_PARTY.contains(&entry.app_id.as_str())
        || NAMES.iter().any(|known| name.starts_with(known))
}

pub(in crate::diagnosis::rules) fn sign_ins(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    for entry in facts.sign_ins() {
        if is_microsofts(entry) {
            let app = if entry.app.is_empty() {
                String::new()
            } else {
                format!(" ({})", entry.app)
            };
            let resource = if entry.resource.is_empty() {
                "not named"
            } else {
                &entry.resource
            };
            found.push(
                Finding::new(
                    Code::SignInNotYours,
                    Certainty::Certain,
                    format!("the application{app} is one of Microsoft's, and the resource is {resource}"),
                )
                .why("its registration is not the customer's to change: no redirect URI, secret or permission there can be at fault")
                .change("look for the entry of your own application at the same time, if there is one")
                .source_is("Entra doc \"Verify first-party Microsoft applications in sign-in reports\"")
                .remark(),
            );
        }
        if entry.conditional_access == "failure" {
            found.push(
                Finding::new(
                    Code::ConditionalAccess,
                    Certainty::Certain,
                    "the log says that Conditional Access failed",
                )
                .change("look at the policies that the entry names")
                .said()
                .source_is("Entra doc \"Sign-in logs\""),
            );
        }
    }
}

/// A published agent that stays silent: "Waiting for Foundry login to complete".
pub(in crate::diagnosis::rules) fn published(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let waits = facts.says_any(&[
        "waiting for foundry login",
        "foundry login to complete",
        "agent-oauth",
    ]);
    let channel = facts.says_any(&[
        "teams",
        "microsoft 365",
        "m365",
        "copilot",
        "activity protocol",
        "activityprotocol",
    ]);
    let silent = facts.says_any(&[
        "never answers",
        "no response",
        "does not answer",
        "doesn't answer",
        "doesn't respond",
        "does not respond",
        "never responds",
        "no reply",
        "stays silent",
        "no answer",
        "does not get an answer",
        "nothing happens",
    ]);
    let scheme = facts.says("botservicerbac");
    if !(waits || scheme || channel && silent && facts.says("publish")) {
        return;
    }
    found.push(
        Finding::new(Code::PublishedAgentSilent, if scheme { Certainty::Likely } else { Certainty::Possible }, "the agent was published to a channel, and its sign-in or answer does not arrive there")
            .changes_from(scheme.then(|| "with the scheme `BotServiceRbac` everybody who talks to the agent needs the role Foundry Agent Consumer on the project: assign it to those who get no answer".into()))
            .why("the sign-in of a published agent runs in Microsoft's service, with applications of Microsoft's: the customer's registration is not at fault")
            .change("check the address in the channel's settings: one of an Agent Application (legacy) wants to be published again as an agent")
            .change("check the publishing scheme: with `BotServiceRbac` everybody who talks to the agent needs the role Foundry Agent Consumer on the project; `BotServiceTenant` lets the whole tenant in")
            .change("check the channel's limits: tools with OAuth sign-in or with approvals do not work there, and the project's managed identity needs Foundry User, formerly Azure AI User, on the project")
            .change("if the sign-in page reports a code redeemed twice: record the browser's traffic (HAR); with one request for the redirect, open a support case with the correlation id")
            .source_is("Foundry doc \"Publish agents to Microsoft 365 Copilot and Teams\""),
    );
}

/// The traffic of a browser: one code that came back twice.
pub(in crate::diagnosis::rules) fn traffic(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let Some(har) = facts.har() else { return };
    let ids = if har.correlation_ids.is_empty() {
        String::new()
    } else {
        format!(" (ids for the ticket: {})", har.correlation_ids.join(", "))
    };
    if har.redirects >= 2 {
        found.push(
            Finding::new(Code::RedirectTwice, Certainty::Certain, format!("`{}` was fetched {} times with one code", har.redirect, har.redirects))
                .why("a code can be redeemed once; the second fetch is the browser's, an extension's or a link scanner's")
                .change("sign in once in a private window without extensions, and without a scanner that opens links")
                .said()
                .source_is("RFC 6749, section 4.1.2"),
        );
    } else if har.redirects == 1 && har.failing().is_some() {
        found.push(
            Finding::new(Code::CodeRedeemedTwice, Certainty::Likely, format!("the browser fetched `{}` once{ids}", har.redirect))
                .why("so a second redemption of the code happened in the service, and not in the browser")
                .change("open a support case with these ids and the time of the failing answer")
                .source_is("RFC 6749, section 4.1.2"),
        );
    }
}
