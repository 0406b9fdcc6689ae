//! What an endpoint says to an `aud`, and which resource an `aud` means.

use foundry_scopes::catalogue::{self, Resource};
use foundry_scopes::{Acceptance, Cloud, Endpoint};

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
    let other = match aud.strip_suffix('/') {
        Some(bare) => bare.to_owned(),
        None => format!("{aud}/"),
    };
    catalogue::by_audience(&other).collect()
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
