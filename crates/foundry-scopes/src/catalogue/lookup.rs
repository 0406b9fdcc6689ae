//! Finding a resource by what one has in hand.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::Resource;
use super::data;
use crate::{ClientId, Scope};

/// All resources, in the order of the table.
///
/// ```
/// use foundry_scopes::catalogue;
///
/// assert!(catalogue::all().any(|resource| *resource == catalogue::GRAPH));
/// ```
pub fn all() -> impl Iterator<Item = &'static Resource> {
    data::FAMILIES.iter().copied().flatten().copied()
}

/// The resource that an identifier URI names, spelled as registered or as tokens are
/// known to carry it.
///
/// ```
/// use foundry_scopes::catalogue;
///
/// assert_eq!(catalogue::by_identifier("https://ai.azure.com"), Some(&catalogue::AZURE_AI));
/// assert_eq!(catalogue::by_identifier("https://ai.azure.com.example"), None);
/// ```
#[must_use]
pub fn by_identifier(uri: &str) -> Option<&'static Resource> {
    BY_IDENTIFIER.get(uri).copied()
}

/// The resources of an application id: none, one, or several that share it.
///
/// ```
/// use foundry_scopes::{ClientId, catalogue};
///
/// let shared = ClientId::parse("18a66f5f-dbdf-4c17-9dd7-1634712a9cbe")?;
/// let found: Vec<_> = catalogue::by_application(shared).collect();
/// assert_eq!(found, [&catalogue::AZURE_AI, &catalogue::AZURE_ML]);
/// # Ok::<(), foundry_scopes::ParseError>(())
/// ```
pub fn by_application(application: ClientId) -> impl Iterator<Item = &'static Resource> {
    all().filter(move |resource| {
        resource
            .clouds
            .iter()
            .any(|row| row.application == Some(application))
    })
}

/// The resources that the `aud` of a token can mean: by identifier URI, else by
/// application id.
///
/// ```
/// use foundry_scopes::catalogue;
///
/// let found: Vec<_> = catalogue::by_audience("00000003-0000-0000-c000-000000000000").collect();
/// assert_eq!(found, [&catalogue::GRAPH]);
/// ```
pub fn by_audience(aud: &str) -> impl Iterator<Item = &'static Resource> {
    let application = ClientId::parse(aud).ok();
    by_identifier(aud)
        .into_iter()
        .chain(application.into_iter().flat_map(by_application))
}

/// The resources that a scope asks for.
///
/// ```
/// use foundry_scopes::{Scope, catalogue};
///
/// let scope = Scope::parse("https://management.azure.com//.default")?;
/// assert_eq!(catalogue::by_scope(&scope).next(), Some(&catalogue::ARM));
/// # Ok::<(), foundry_scopes::ParseError>(())
/// ```
pub fn by_scope(scope: &Scope) -> impl Iterator<Item = &'static Resource> {
    by_audience(scope.resource())
}

/// Filled on first use, so that a program that never looks anything up pays nothing.
static BY_IDENTIFIER: LazyLock<HashMap<&'static str, &'static Resource>> = LazyLock::new(|| {
    let rows = all().flat_map(|resource| resource.clouds.iter().map(move |row| (resource, row)));
    rows.flat_map(|(resource, row)| {
        let spellings = row.registered.iter().chain(row.seen);
        spellings.map(move |&uri| (uri, resource))
    })
    .collect()
});
