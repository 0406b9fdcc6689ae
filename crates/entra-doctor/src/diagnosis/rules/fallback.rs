//! Where no rule found a cause: what is left to check, in order.

use crate::diagnosis::change::Change;
use crate::diagnosis::code::Code;
use crate::diagnosis::facts::Facts;
use crate::finding::{Certainty, Finding, Severity};

pub(in crate::diagnosis) fn fallback(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let problem = found.iter().any(|finding| {
        finding.severity() == Severity::Problem && finding.certainty() > Certainty::Possible
    });
    let refused = matches!(facts.status(), Some(401 | 403)) || facts.says("audience is incorrect");
    if let Some(endpoint) = &facts.endpoint
        && facts.audience().is_none()
        && refused
        && !problem
    {
        found.push(
            Finding::new(Code::AudienceUnchecked, Certainty::Likely, format!("no token is given; {} wants one for `{}`", endpoint.kind(), endpoint.scope().resource()))
                .why("most refusals of a service that takes keys are a token for another audience; after it come tenant, expiry and the role")
                .change(Change::scope(endpoint.scope().as_str()))
                .change(Change::endpoint(endpoint.base_url()))
                .source_is("the table of hosts in foundry-scopes"),
        );
    }
    if !problem
        && facts.token().is_none()
        && facts.case.documents.is_empty()
        && facts.case.requested.is_none()
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
