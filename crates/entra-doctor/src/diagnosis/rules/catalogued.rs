//! Hosts that the catalogue names for one resource and that are no endpoint of a kind of
//! their own.

use foundry_scopes::EndpointRefusal as Refusal;
use foundry_scopes::catalogue::{self, Resource};

use crate::diagnosis::change::Change;
use crate::diagnosis::code::Code;
use crate::diagnosis::facts::{self, Facts};
use crate::finding::{Certainty, Finding};

const SOURCE: &str = "the resource catalogue of foundry-scopes";

/// The resource that serves the host, where the table of hosts does not have it.
pub(super) fn resource(facts: &Facts<'_>) -> Option<&'static Resource> {
    let known = facts.cloud.known()?;
    let unknown = facts.refusal.as_ref()?.refusal() == Refusal::UnknownHost;
    let serves = |found: &&Resource| found.hosts(known).contains(&facts.host.as_str());
    catalogue::all().find(serves).filter(|_| unknown)
}

pub(super) fn audience(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let (Some(resource), Some((aud, from))) = (resource(facts), facts.audience()) else {
        return;
    };
    let Some(known) = facts.cloud.known() else {
        return;
    };
    // Some resources have a name for each of their hosts.
    let scopes = resource.scopes(known);
    let named = scopes.iter().find(|scope| scope.contains(&facts.host));
    let Some(scope) = named.or(scopes.first()) else {
        return;
    };
    let wanted = scope.trim_end_matches("/.default");
    if aud.trim_end_matches('/') == wanted {
        return;
    }
    let seen = format!(
        "{from} is `{}`, and {} wants `{wanted}`",
        super::audience::shown(&aud),
        resource.name()
    );
    if !facts::resources(&aud).contains(&resource) {
        found.push(
            Finding::new(Code::AudienceWrong, Certainty::Certain, seen)
                .why("a service accepts tokens for itself only")
                .change(Change::scope(*scope))
                .source_is(SOURCE),
        );
    } else if named.is_some() {
        found.push(
            Finding::new(Code::AudienceDisputed, Certainty::Likely, seen)
                .why("both names are of one application, and the service compares the spelling of `aud`")
                .change(Change::scope(*scope))
                .source_is(SOURCE),
        );
    }
}
