//! The maps behind the lookups, filled on first use: a program that never looks anything
//! up pays nothing.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::lookup::all;
use super::row::InCloud;
use super::{KnownClient, Resource, Role, data};
use crate::{ClientId, RoleId};

/// Who has this spelling: whole identifiers, then the ones with one label open.
pub(super) fn identifier(uri: &str) -> Option<&'static Resource> {
    if let Some(resource) = IDENTIFIERS.get(uri) {
        return Some(resource);
    }
    // `https://contoso.blob.core.windows.net` is `https://` and `.blob.core.windows.net`.
    let host = uri.strip_prefix("https://")?;
    let (label, rest) = host.split_at(host.find('.')?);
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if label.is_empty() || !label.bytes().all(plain) {
        return None;
    }
    OPEN_LABEL.get(rest).copied()
}

/// Identifiers without an open label.
static IDENTIFIERS: LazyLock<HashMap<&'static str, &'static Resource>> =
    LazyLock::new(|| spellings().filter(|(uri, _)| !uri.contains('*')).collect());

/// What follows the open label of `https://*.blob.core.windows.net`.
static OPEN_LABEL: LazyLock<HashMap<&'static str, &'static Resource>> = LazyLock::new(|| {
    spellings()
        .filter_map(|(uri, resource)| Some((uri.strip_prefix("https://*")?, resource)))
        .collect()
});

fn spellings() -> impl Iterator<Item = (&'static str, &'static Resource)> {
    let rows = all().flat_map(|resource| resource.clouds.iter().map(move |row| (resource, row)));
    rows.flat_map(|(resource, row)| {
        let spellings = row.registered.iter().chain(row.seen);
        spellings.map(move |&uri| (uri, resource))
    })
}

/// The rows with one of these spellings or application ids, and whether only by an open label.
pub(super) fn rows(names: &[String]) -> Vec<(&'static InCloud, bool)> {
    let mut found = Vec::new();
    for name in names {
        let id = ClientId::parse(name).ok();
        let owners = identifier(name).into_iter();
        let owners = owners.chain(
            id.iter()
                .flat_map(|id| APPLICATIONS.get(id))
                .flatten()
                .copied(),
        );
        for row in owners.flat_map(|resource| resource.clouds) {
            let listed = |uri: &&str| *uri == name.as_str();
            let whole = row.registered.iter().chain(row.seen).any(listed)
                || id.is_some() && row.application == id;
            let open = |uri: &&str| {
                let tail = uri.strip_prefix("https://*");
                tail.is_some_and(|tail| name.ends_with(tail))
            };
            if whole || row.registered.iter().chain(row.seen).any(open) {
                found.push((row, !whole));
            }
        }
    }
    found
}

/// Which resources an application id belongs to.
pub(super) static APPLICATIONS: LazyLock<HashMap<ClientId, Vec<&'static Resource>>> =
    LazyLock::new(|| {
        let mut found: HashMap<ClientId, Vec<&'static Resource>> = HashMap::new();
        for resource in all() {
            for id in resource.clouds.iter().filter_map(|row| row.application) {
                let owners = found.entry(id).or_default();
                if !owners.contains(&resource) {
                    owners.push(resource);
                }
            }
        }
        found
    });

pub(super) static CLIENTS: LazyLock<HashMap<ClientId, &'static KnownClient>> =
    LazyLock::new(|| {
        let clients = data::clients::ALL.iter();
        clients.map(|client| (client.id, client)).collect()
    });

pub(super) static ROLES: LazyLock<HashMap<RoleId, &'static Role>> = LazyLock::new(|| {
    let roles = data::roles::FAMILIES.iter().copied().flatten();
    roles.map(|role| (role.id, *role)).collect()
});
