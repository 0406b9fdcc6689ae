//! Fallback where no rule found a cause: what is left to check, and which lines were not recognized.

use crate::diagnosis::change::Change;
use crate::diagnosis::code::Code;
use crate::diagnosis::facts::Facts;
use crate::finding::{Certainty, Finding, Severity};

pub(in crate::diagnosis) fn fallback(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let problem = |found: &[Finding]| {
        found.iter().any(|finding| {
            finding.severity() == Severity::Problem && finding.certainty() > Certainty::Possible
        })
    };
    let read = super::shared::permission_text(facts) && facts.status() == Some(403);
    let refused = matches!(facts.status(), Some(401 | 403)) || facts.says("audience is incorrect");
    if let Some((name, scope)) = facts.wanted()
        && facts.audience().is_none()
        && refused
        && !read
        && !problem(found)
    {
        // Who is refused with 403 got past the audience, as a rule: the role is named first.
        let role =
            facts.status() == Some(403) && found.iter().any(|it| it.code() == Code::RoleMissing);
        let mut finding = Finding::new(
            Code::AudienceUnchecked,
            if role { Certainty::Possible } else { Certainty::Likely },
            format!("no token is given; {name} wants one for `{}`", crate::diagnosis::accept::resource_of(&scope)),
        )
        .why("most refusals of a service that takes keys are a token for another audience; after it come tenant, expiry and the role")
        .change(Change::scope(scope));
        if let Some(endpoint) = facts.endpoint() {
            finding = finding.change(Change::endpoint(endpoint.base_url()));
        }
        found.push(finding.source_is("the table of hosts in foundry-scopes"));
    }
    let own = facts.audience().is_none() && refused && facts.own().is_some();
    if let Some(id) = super::shared::registered_as(facts).filter(|_| own && !problem(found)) {
        found.push(
            Finding::new(Code::AudienceUnchecked, Certainty::Likely, format!("no token is given; the API is the registration {id}"))
                .why("it takes tokens with its client id or an identifier URI of it as `aud`, and what its own settings allow besides")
                .change(Change::scope(format!("{}/.default", super::shared::best_audience(facts))))
                .source_is("RFC 6750, section 3"),
        );
    }
    let openai = facts.says_any(&["azure openai", "azureopenai", "aoai"]);
    if openai
        && facts.target.is_none()
        && facts.audience().is_none()
        && facts.errors.is_empty()
        && refused
        && !read
        && !problem(found)
    {
        found.push(
            Finding::new(Code::AudienceUnchecked, Certainty::Likely, "Azure OpenAI refuses the caller; no token and no address are given")
                .why("where a key works and a token does not, it is in this order: the token's audience, the address (`https://<resource>.openai.azure.com/`, no region and no path), the tenant, the role, a token older than an hour")
                .change(Change::scope("https://cognitiveservices.azure.com/.default"))
                .change("assign Cognitive Services OpenAI User to the caller on the account; Owner and Contributor are not enough, and it takes up to 10 minutes")
                .source_is("Azure OpenAI doc \"Role-based access control\""),
        );
    }
    let named = found
        .iter()
        .any(|it| it.severity() == Severity::Problem && it.code() == Code::RoleMissing);
    let pasted = facts
        .readings
        .iter()
        .any(|reading| !reading.text.trim().is_empty());
    let nothing = facts
        .readings
        .iter()
        .all(|reading| reading.marks.is_empty() && reading.status.is_none());
    let troubled = facts.is_refused() || !nothing && !facts.is_answered() && facts.is_troubled();
    if troubled && !problem(found) && !named {
        found.push(unexplained(facts));
    }
    if found.is_empty()
        && pasted
        && nothing
        && !facts.is_refused()
        && found.is_empty()
        && facts.target.is_none()
        && facts.credential.is_none()
    {
        let lines = facts
            .readings
            .iter()
            .map(|reading| {
                reading
                    .text
                    .lines()
                    .filter(|line| !line.trim().is_empty())
                    .count()
            })
            .sum::<usize>();
        found.push(
            Finding::new(
                Code::NothingRecognized,
                Certainty::Certain,
                format!("{lines} {} read, and no token, address, AADSTS code, status, header or settings are in {}{}", if lines == 1 { "line was" } else { "lines were" }, if lines == 1 { "it" } else { "them" }, not_recognized(facts)),
            )
            .change("add the failing answer: its status, body and `WWW-Authenticate`, and the address that was called")
            .source_is("`entra-doctor explain --help`"),
        );
        return;
    }
    // A tool alone: whether its audience is registered and allowed stands elsewhere.
    let tool = facts.tools().any(|tool| {
        tool.audience
            .as_deref()
            .is_some_and(|aud| aud.starts_with("api://") || crate::reading::scan::is_guid(aud))
    });
    let silent = found
        .iter()
        .all(|it| matches!(it.code(), Code::EndpointCustomApi | Code::EndpointGateway));
    if silent
        && tool
        && !facts.is_answered()
        && facts.token().is_none()
        && facts.registration().is_none()
        && facts.site().is_none()
    {
        found.push(
            Finding::new(Code::MoreNeeded, Certainty::Certain, "the tool's audience has the right form; whether a registration has it as an identifier URI, and whether the site allows it, is not in the input")
                .change("add the registration (`az ad app show`), the site's authentication settings, or what the site's HTTP log shows at the time of a call")
                .source_is("`entra-doctor explain --help`")
                .remark(),
        );
    }
    if !problem(found)
        && !facts.is_refused()
        && !facts.is_answered()
        && facts.token().is_none()
        && facts.parsed().next().is_none()
        && facts.requested().is_none()
        && !found.iter().any(|it| it.code() == Code::UserInAgent)
    {
        found.push(
            Finding::new(
                Code::MoreNeeded,
                Certainty::Certain,
                "there is no token, no requested audience and no settings to look at",
            )
            .why("an address alone shows neither who calls nor for whom the token is")
            .change("give the token on standard input, the audience, or files of settings")
            .source_is("`entra-doctor explain --help`")
            .remark(),
        );
    }
}

/// The first lines of which nothing was recognized.
fn not_recognized(facts: &Facts<'_>) -> String {
    const SHOWN: usize = 3;
    let lines = facts.readings.iter().flat_map(|reading| &reading.unread);
    let shown: Vec<_> = lines
        .take(SHOWN)
        .map(|(line, start)| format!("line {line} `{start}`"))
        .collect();
    if shown.is_empty() {
        String::new()
    } else {
        format!("; not recognized: {}", shown.join(", "))
    }
}

/// A refusal without a cause: what was read, and what to collect.
fn unexplained(facts: &Facts<'_>) -> Finding {
    let status = facts.status();
    let fits = facts.token().is_some()
        && facts.verdict() == Some(crate::diagnosis::accept::Verdict::Accepted);
    let what = match status {
        Some(status) if fits => format!(
            "the token fits what it was sent to, as far as it was read (audience, time, form), and the answer is {status}"
        ),
        Some(status) => format!("the answer is {status}"),
        None => "an error was given".to_owned(),
    };
    let why = match status {
        Some(404 | 405) => {
            "the service found nothing at this address with this method: path, name or api-version, and not the token"
        }
        Some(400) => {
            "the service did not understand the request: mostly a parameter, and seldom the token"
        }
        Some(409 | 412 | 422) => "the request contradicts the state of the resource: not the token",
        Some(401) => {
            "nothing that was given contradicts itself: the body and `WWW-Authenticate` say which check failed"
        }
        Some(403) => {
            "the token was taken, and the caller may not do this: a role, a permission, a policy or a network rule"
        }
        _ => "the text names no cause that is known here",
    };
    let next = super::ruled::next(facts).unwrap_or_default();
    Finding::new(
        Code::RefusalUnexplained,
        Certainty::Possible,
        format!("{what}{}", not_recognized(facts)),
    )
    .why(why)
    .change(format!("collect {next}"))
    .source_is("`entra-doctor explain --help`")
}
