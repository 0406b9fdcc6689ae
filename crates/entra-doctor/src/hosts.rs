//! Resources of the catalogue at a host, by the patterns of its rows.

use foundry_scopes::KnownCloud;
use foundry_scopes::catalogue::{self, Resource};

/// The resources at a host of the catalogue: in this cloud, else in the first that has it.
pub(crate) fn serving(
    host: &str,
    asked: Option<KnownCloud>,
) -> Option<(KnownCloud, Vec<&'static Resource>)> {
    let clouds = asked.into_iter().chain(KnownCloud::ALL.iter().copied());
    clouds.into_iter().find_map(|known| {
        let serves = |resource: &&'static Resource| {
            resource.code() != "protected_site"
                && resource
                    .hosts(known)
                    .iter()
                    .any(|pattern| matches(pattern, host))
        };
        // The pattern that says most of the host.
        let length = |resource: &&'static Resource| {
            let fit = resource
                .hosts(known)
                .iter()
                .filter(|pattern| matches(pattern, host));
            fit.map(|pattern| pattern.trim_start_matches(['*', '.']).len())
                .max()
                .unwrap_or_default()
        };
        let mut found: Vec<_> = catalogue::all().filter(serves).collect();
        let best = found.iter().map(length).max()?;
        found.retain(|resource| length(resource) == best);
        Some((known, found))
    })
}

/// `*` stands for any labels in front, `<n>` for a number.
fn matches(pattern: &str, host: &str) -> bool {
    if let Some((before, after)) = pattern.split_once("<n>") {
        let before = before.trim_start_matches('*');
        return host.strip_suffix(after).is_some_and(|rest| {
            let name = rest.trim_end_matches(|c: char| c.is_ascii_digit());
            name.ends_with(before) && name.len() > before.len() && name.len() < rest.len()
        });
    }
    match pattern.strip_prefix("*.") {
        Some(suffix) => {
            let suffix = suffix.trim_start_matches("*.");
            host.strip_suffix(suffix)
                .is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
        }
        None => host == pattern,
    }
}
