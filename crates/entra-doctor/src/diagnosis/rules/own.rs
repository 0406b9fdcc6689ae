//! An API of one's own: sites, gateways, servers on a domain of one's own or on localhost.
//! Its audience is its registration's, and a token for a service of Microsoft's is none.

use foundry_scopes::catalogue::GRAPH;

use crate::diagnosis::accept;
use crate::diagnosis::change::Change;
use crate::diagnosis::code::Code;
use crate::diagnosis::facts::Facts;
use crate::finding::{Certainty, Finding};
use crate::target::OwnKind;

use super::shared::{best_audience, is_never_invoked, registered_as, shown};

const SOURCE: &str = "Entra doc \"Protected web API: app registration\"";

/// What the address is: a remark, since nothing is wrong with it.
pub(super) fn address(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let Some(kind) = facts.own() else { return };
    if super::shared::registry_refuses(facts) {
        return;
    }
    if is_git(facts) {
        found.push(
            Finding::new(Code::EndpointCustomApi, Certainty::Certain, "the host serves git, with accounts and access tokens of its own: no token of Entra ID goes there (Azure DevOps takes them, at `dev.azure.com`)")
                .remark()
                .source_is("the table of hosts in foundry-scopes"),
        );
        return;
    }
    let (code, text) = match kind {
        OwnKind::Gateway => (
            Code::EndpointGateway,
            "the host is a gateway: its policy decides which audience it takes, and which key it wants besides",
        ),
        OwnKind::Site => (
            Code::EndpointCustomApi,
            "the host is an app's: its audience is the identifier URI or client id of its app registration",
        ),
        OwnKind::Local => (
            Code::EndpointCustomApi,
            "the host is local: its audience is what the API there is configured with, the client id or identifier URI of its registration",
        ),
        OwnKind::Domain => (
            Code::EndpointCustomApi,
            "the host is none of Microsoft's: an API of one's own, whose audience is the identifier URI or client id of its app registration",
        ),
    };
    found.push(
        Finding::new(code, Certainty::Certain, text)
            .remark()
            .source_is("the table of hosts in foundry-scopes"),
    );
}

/// `https://git.contoso.com/infra.git`, or what git says of an address.
pub(super) fn is_git(facts: &Facts<'_>) -> bool {
    let path = facts.path.split('?').next().unwrap_or_default();
    path.trim_end_matches('/').ends_with(".git")
        || path.contains(".git/")
        || facts.says("fatal: unable to access")
        || facts.says("fatal: authentication failed for")
}

/// A token for one of Microsoft's services at an API of one's own.
pub(super) fn audience(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let (Some(kind), Some((aud, from))) = (facts.own(), facts.audience()) else {
        return;
    };
    let allowed = facts.site().is_some_and(|site| site.allows(&aud));
    let id = registered_as(facts);
    let best = best_audience(facts);
    if let Some(name) = accept::named(&aud).filter(|_| !allowed) {
        // What a gateway takes can be the backend's token.
        let certainty = if kind == OwnKind::Gateway {
            Certainty::Possible
        } else {
            Certainty::Certain
        };
        let mut finding = Finding::new(
            Code::AudienceWrong,
            certainty,
            format!("{from} is `{}` ({name}), and `{}` is no service of Microsoft's", shown(&aud), facts.host),
        )
        .why("an API accepts tokens for its own registration only; nobody can check or exchange a token that was issued for another service")
        .change(Change::scope(format!("{best}/.default")));
        if accept::resources(&aud).contains(&&GRAPH) {
            finding = finding.change("clients that sign in without a scope of the API get a token for Microsoft Graph: ask for `<identifier URI>/<scope>`");
        } else if accept::resources(&aud).iter().any(|it| it.code() == "arm") {
            finding = finding.change(format!("`az account get-access-token` gives a token for Azure Resource Manager unless it is asked for another: add `--scope {best}/.default`"));
        }
        if kind == OwnKind::Gateway {
            finding = finding.change("where the gateway is API Management: look at the audiences of its policy (`validate-jwt` or `validate-azure-ad-token`); it may also pass the token on to a backend that wants another one");
        }
        found.push(finding.source_is(SOURCE));
        return;
    }
    if let Some(finding) = otherwise_registered(facts, &aud, from) {
        found.push(finding);
        return;
    }
    let token = facts.token().is_some();
    let Some(id) = id.filter(|_| token && facts.registration().is_none() && facts.site().is_none())
    else {
        return;
    };
    // The challenge of a site names the client id that it expects.
    let meant = aud.to_ascii_lowercase();
    if !meant.contains(&id) && facts.status() == Some(401) {
        found.push(
            Finding::new(Code::AudienceWrong, Certainty::Likely, format!("{from} is `{}`, and the challenge names the registration {id}", shown(&aud)))
                .why("the site takes tokens for its own registration, and for what its `allowedAudiences` list")
                .change(Change::scope(format!("{best}/.default")))
                .source_is("App Service doc \"Configure your app to use Microsoft Entra sign-in\""),
        );
    }
}

/// The audience of the token against those that the API's settings or the user name.
fn otherwise_registered(facts: &Facts<'_>, aud: &str, from: &str) -> Option<Finding> {
    let accepted = facts.accepted();
    let id = |text: &str| crate::reading::scan::guid(text);
    let same = |it: &&str| {
        it.trim_end_matches('/')
            .eq_ignore_ascii_case(aud.trim_end_matches('/'))
    };
    if accepted.is_empty() || accepted.iter().any(same) || facts.status().is_some_and(|it| it < 400)
    {
        return None;
    }
    let spelled = accepted
        .iter()
        .find(|it| id(it).is_some() && id(it) == id(aud));
    let list = accepted
        .iter()
        .map(|it| format!("`{}`", shown(it)))
        .collect::<Vec<_>>()
        .join(" or ");
    Some(match spelled {
        // The user named the registration, and not what its validation compares.
        Some(_) if facts.case.audience.is_some() => return None,
        Some(_) => Finding::new(Code::AudienceNotAccepted, Certainty::Likely, format!("{from} is `{}`, and the API is configured with {list}", shown(aud)))
            .why("both are names of one registration: version 2 tokens carry the client id, version 1 tokens the identifier URI that was requested (api://...)")
            .change(Change::setting("the audiences that the API's validation accepts", format!("`{}` and {list}", shown(aud))))
            .source_is(SOURCE),
        None => Finding::new(Code::AudienceWrong, Certainty::Certain, format!("{from} is `{}`, and the API accepts {list}", shown(aud)))
            .why("an API accepts tokens for its own registration only")
            .change(Change::scope(format!("{}/.default", best_audience(facts))))
            .source_is(SOURCE),
    })
}

/// What the policy of a gateway lets in, against the token.
pub(super) fn policy(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let (Some(policy), Some(claims)) = (facts.policy(), facts.claims()) else {
        return;
    };
    const POLICY: &str = "API Management doc \"Validate Microsoft Entra token\"";
    let aud = claims.aud().unwrap_or_default();
    if !policy.audiences.is_empty() && !policy.audiences.iter().any(|it| it == aud) {
        let list = policy
            .audiences
            .iter()
            .map(|it| format!("`{}`", shown(it)))
            .collect::<Vec<_>>()
            .join(" or ");
        let id = |text: &str| crate::reading::scan::guid(text);
        let spelled = policy
            .audiences
            .iter()
            .any(|it| id(it).is_some() && id(it) == id(aud));
        let finding = Finding::new(
            Code::AudienceNotAccepted,
            Certainty::Certain,
            format!(
                "the token's `aud` is `{}`, and the gateway's policy lists {list}",
                shown(aud)
            ),
        );
        found.push(if spelled {
            finding
                .why("both are names of one registration: version 2 tokens carry the client id, version 1 tokens the identifier URI")
                .change(Change::setting("`audiences` of the policy, keeping what is there", format!("`<audience>{}</audience>` as well", shown(aud))))
                .source_is(POLICY)
        } else {
            let wanted = policy.audiences.first().cloned().unwrap_or_default();
            let wanted = if crate::reading::scan::is_guid(&wanted) { format!("api://{wanted}") } else { wanted };
            finding
                .why("the gateway lets in tokens for the audiences of its policy only")
                .change(Change::scope(format!("{}/.default", wanted.trim_end_matches('/'))))
                .source_is(POLICY)
        });
    }
    let client = claims.azp_or_appid().unwrap_or_default();
    if !policy.applications.is_empty()
        && !policy
            .applications
            .iter()
            .any(|it| it.eq_ignore_ascii_case(client))
    {
        let client = crate::diagnosis::paste::word(client, "client id");
        found.push(
            Finding::new(Code::SiteClientNotAllowed, Certainty::Certain, format!("the calling application {client} is not in the policy's `client-application-ids`"))
                .why("audience and tenant are compared first, then the application that calls")
                .change(Change::setting("`client-application-ids` of the policy, keeping what is there", format!("`<application-id>{client}</application-id>` as well, if it may call")))
                .source_is(POLICY),
        );
    }
    if let (Some(wanted), Some(tid)) = (&policy.tenant, claims.tid())
        && !wanted.eq_ignore_ascii_case(tid)
    {
        found.push(
            Finding::new(
                Code::TenantWrong,
                Certainty::Certain,
                format!(
                    "the token is of the tenant {}, and the policy names {wanted}",
                    crate::diagnosis::paste::word(tid, "tenant id")
                ),
            )
            .change(Change::run(
                "get the token in the policy's tenant",
                format!("az login --tenant {wanted}"),
            ))
            .source_is(POLICY),
        );
    }
}

/// A function or tool that is "never invoked": three causes, told apart by the site's log.
pub(super) fn never_invoked(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    // The HTTP log of the site, given without a word.
    let log = facts.says_any(&["s-sitename", "appservicehttplogs", "csuristem", "scstatus"])
        && matches!(facts.status(), Some(401 | 403));
    if !is_never_invoked(facts) && !log {
        return;
    }
    let best = best_audience(facts);
    let logged = facts.status().filter(|status| matches!(status, 401 | 403));
    let sign_in_page =
        facts.says("redirecttologinpage") || facts.site().is_some_and(|site| site.redirects);
    if logged.is_none() && sign_in_page {
        found.push(
            Finding::new(Code::SiteRedirectsCallers, Certainty::Likely, "the site sends callers without a token that it accepts to its sign-in page (`RedirectToLoginPage`), so the tool gets HTML and the code is not invoked")
                .why("a redirect means that the request came without a token, or with one that the site does not accept")
                .change(Change::setting("`unauthenticatedClientAction` of the site", "`Return401`, which an API's callers understand"))
                .change(format!("have the tool send a token: its audience is `{best}`"))
                .said()
                .source_is("App Service doc \"Configure your app to use Microsoft Entra sign-in\""),
        );
        return;
    }
    if facts.status() == Some(404) {
        found.push(
            Finding::new(Code::InvocationsNone, Certainty::Likely, "the site answers 404: the request arrives, and no route of the code has this path and method")
                .why("authentication answers before the routes do, so it let the call through; audience and roles are ruled out")
                .change("compare the path and method of the tool's specification with the function's route (`host.json` may add the prefix `/api`)")
                .said()
                .source_is("Functions doc \"HTTP trigger\""),
        );
        return;
    }
    let no_line = facts.says_any(&[
        "no line",
        "no entry in the",
        "nothing in the http log",
        "no requests in the",
        "log is empty",
        "logs are empty",
        "no rows",
        "no row",
        "no entries",
        "no entry",
        "no lines",
        "no log line",
        "no requests",
        "no request",
        "requests 0",
        "requests: 0",
        "0 requests",
        "nothing in apphttplogs",
        "nothing in appservicehttplogs",
        "nothing arrives",
        "nothing reaches",
        "no request reaches",
    ]);
    let mut finding = match (logged, no_line || facts.has_error(&[500_011])) {
        (Some(401), _) => Finding::new(Code::InvocationsNone, Certainty::Likely, match sent(facts).and_then(|(aud, from)| Some((accept::named(&aud)?, aud, from))) {
                Some((name, aud, from)) => format!("the site answers 401 before its code runs; {from} is `{}` ({name})", shown(&aud)),
                None => "the site answers 401 before its code runs".to_owned(),
            })
            .why("a token was issued, and the site's authentication does not allow its audience or issuer")
            .change(Change::setting("`allowedAudiences` of the site, keeping what is there", format!("a list that includes the token's `aud`; or request `{best}`"))),
        (Some(_), _) => Finding::new(Code::InvocationsNone, Certainty::Likely, "the site answers 403 before its code runs")
            .why("audience and issuer are accepted, and the caller is not among `allowedApplications` or not assigned to the application")
            .change(Change::setting("`defaultAuthorizationPolicy.allowedApplications` of the site, keeping what is there", "a list that includes the client id of the agent's or project's identity")),
        (None, true) => Finding::new(Code::InvocationsNone, Certainty::Likely, "no request reaches the site")
            .why("Entra ID issued no token: the requested audience is no identifier URI of a registration (AADSTS500011)")
            .change(Change::setting("the audience of the tool", format!("`{best}`"))),
        (None, false) => Finding::new(Code::InvocationsNone, Certainty::Possible, "the site's code was never invoked, which has three causes")
            .why("no token was issued, or the site's authentication answered 401 or 403 before the code; roles on the site do not matter for calls to it")
            .change(Change::run("look at the site's HTTP log at the time of a call", "az webapp log tail --provider http --name <site> --resource-group <group>"))
            .change(format!("no line there: the requested audience is no identifier URI; set the tool's audience to `{best}`"))
            .change("401 there: the token's `aud` is not in the site's `allowedAudiences`, or its issuer is not the configured one")
            .change("403 there: the caller's client id is not in `allowedApplications`, or it is not assigned to the application"),
    };
    if logged.is_some() {
        finding = finding.said();
    }
    found.push(
        finding.source_is("App Service doc \"Configure your app to use Microsoft Entra sign-in\""),
    );
}

/// The audience of the token, as it is decoded or told ("aud: https://ai.azure.com").
fn sent(facts: &Facts<'_>) -> Option<(String, &'static str)> {
    facts.audience().or_else(|| {
        let rest = ["(aud):", "token's aud", "aud:", "aud ="]
            .iter()
            .find_map(|mark| crate::reading::scan::after(&facts.said, mark))?;
        let word = rest.trim_start_matches([' ', ':', '=', '`', '"', '\'']);
        let end = word
            .find(|c: char| c.is_whitespace() || "`\"',;)".contains(c))
            .unwrap_or(word.len());
        let aud = word.get(..end)?;
        (aud.contains("://") || crate::reading::scan::is_guid(aud))
            .then(|| (aud.to_owned(), "the token's `aud`"))
    })
}
