//! Which audiences an address accepts, and which resource an `aud` names.

use foundry_scopes::catalogue::{self, Resource};
use foundry_scopes::{Acceptance, Cloud, Endpoint, KnownCloud};

use crate::target::Catalogued;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Accepted,
    Disputed,
    OtherCloud,
    Refused,
}

/// The resources an `aud` can mean, a slash at the end more or less.
pub(crate) fn resources(aud: &str) -> Vec<&'static Resource> {
    let found: Vec<_> = catalogue::by_audience(aud).collect();
    if !found.is_empty() {
        return found;
    }
    let bare = aud.trim_end_matches('/');
    let mut found: Vec<_> = catalogue::by_audience(bare).collect();
    if found.is_empty() {
        found = catalogue::by_audience(&format!("{bare}/")).collect();
    }
    found
}

/// Which audiences an endpoint accepts is `foundry-scopes`' to know; what it does not list
/// is another API's.
pub(crate) fn verdict(endpoint: &Endpoint, aud: &str) -> Verdict {
    match endpoint.acceptance_of(aud) {
        Some(Acceptance::Refused) | None if is_of_another_cloud(endpoint, aud) => {
            Verdict::OtherCloud
        }
        Some(Acceptance::Disputed) => Verdict::Disputed,
        Some(Acceptance::Refused) | None => Verdict::Refused,
        Some(_) => Verdict::Accepted,
    }
}

/// The same for a host of the catalogue; nothing where the resource is the customer's own.
pub(crate) fn of_catalogued(found: &Catalogued, aud: &str) -> Option<Verdict> {
    let scope = found.scope()?;
    let meant = resources(aud);
    if aud.trim_end_matches('/') == scope.resource().trim_end_matches('/') {
        return Some(Verdict::Accepted);
    }
    if !meant
        .iter()
        .any(|resource| found.resources.contains(resource))
    {
        return Some(Verdict::Refused);
    }
    let elsewhere = |resource: &&&'static Resource| {
        let in_cloud = |known: KnownCloud| {
            let named = resource
                .identifiers(known)
                .iter()
                .chain(resource.other_spellings(known));
            let id = resource
                .application(known)
                .is_some_and(|id| id.to_string() == aud);
            id || named
                .into_iter()
                .any(|uri| uri.trim_end_matches('/') == aud.trim_end_matches('/'))
        };
        !in_cloud(found.known) && KnownCloud::ALL.iter().any(|known| in_cloud(*known))
    };
    Some(if meant.iter().any(|resource| elsewhere(&resource)) {
        Verdict::OtherCloud
    } else if found.is_named() {
        // One application, and the service compares the spelling.
        Verdict::Disputed
    } else {
        Verdict::Accepted
    })
}

/// The right resource, as another cloud calls it.
fn is_of_another_cloud(endpoint: &Endpoint, aud: &str) -> bool {
    let bare = aud.strip_suffix('/').unwrap_or(aud);
    let wanted = resources(endpoint.scope().resource());
    [Cloud::public(), Cloud::us_government(), Cloud::china()]
        .iter()
        .filter(|other| other.known() != endpoint.cloud().known())
        .flat_map(|other| wanted.iter().filter_map(|it| it.default_scope(other)))
        .any(|scope| scope.resource().trim_end_matches('/') == bare)
}

/// The resource of a scope; another text as it is.
pub(crate) fn resource_of(text: &str) -> String {
    match foundry_scopes::Scope::parse(text) {
        Ok(scope) if text.contains("/.default") || !text.starts_with("https://") => {
            scope.resource().to_owned()
        }
        _ => text.to_owned(),
    }
}

/// The names of the resources that an audience means, in words.
pub(crate) fn named(aud: &str) -> Option<String> {
    let names: Vec<_> = resources(aud)
        .iter()
        .map(|resource| resource.name())
        .collect();
    (!names.is_empty()).then(|| names.join(" or "))
}
