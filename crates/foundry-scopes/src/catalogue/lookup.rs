//! Catalogue lookup by identifier URI, application id, scope, name or text.
//!
//! The maps behind the lookups are filled on first use: a program that never looks anything
//! up pays nothing.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::client::KnownClient;
use super::data;
use super::resource::Resource;
use super::role::Role;
use crate::id::{ClientId, RoleId};
use crate::scope::Scope;

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
/// known to carry it. Where the registration leaves a label open, any name stands there.
///
/// ```
/// use foundry_scopes::catalogue;
///
/// assert_eq!(catalogue::by_identifier("https://ai.azure.com"), Some(&catalogue::AZURE_AI));
/// assert_eq!(catalogue::by_identifier("https://ai.azure.com.example"), None);
/// assert_eq!(
///     catalogue::by_identifier("https://contoso.blob.core.windows.net"),
///     Some(&catalogue::STORAGE)
/// );
/// ```
#[must_use]
pub fn by_identifier(uri: &str) -> Option<&'static Resource> {
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
    let owners = APPLICATIONS.get(&application);
    owners.into_iter().flatten().copied()
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
    // A URI is no id, and asking makes an error with a copy of it.
    let id = Some(aud).filter(|aud| !aud.contains(':'));
    let application = id.and_then(|id| ClientId::parse(id).ok());
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

/// The resource of that name: its code, its name or another display name, in any case.
///
/// ```
/// use foundry_scopes::catalogue;
///
/// for name in ["azure_openai", "Azure OpenAI", "COGNITIVE_SERVICES"] {
///     assert_eq!(catalogue::by_name(name), Some(&catalogue::COGNITIVE_SERVICES));
/// }
/// ```
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Resource> {
    let wanted = name.trim().replace(['_', '-'], " ");
    let is = |text: &str| text.replace(['_', '-'], " ").eq_ignore_ascii_case(&wanted);
    all().find(|resource| {
        is(resource.code) || is(resource.name) || resource.also.iter().any(|name| is(name))
    })
}

/// The resources named by a scope, an identifier URI, an application id or a name. Empty if
/// the catalogue has no such resource, several if two resources share an id.
///
/// ```
/// use foundry_scopes::catalogue;
///
/// for text in ["graph", "https://graph.microsoft.com/User.Read", "https://graph.microsoft.com"] {
///     assert_eq!(catalogue::find(text), [&catalogue::GRAPH]);
/// }
/// ```
#[must_use]
pub fn find(text: &str) -> Vec<&'static Resource> {
    let text = text.trim();
    let mut found: Vec<_> = by_audience(text).collect();
    if found.is_empty()
        && let Ok(scope) = Scope::parse(text)
    {
        found.extend(by_scope(&scope));
    }
    if found.is_empty() {
        found.extend(by_name(text));
    }
    found
}

/// The resources with this text in a name, an identifier, a scope, a host or an application
/// id, in any case.
///
/// ```
/// use foundry_scopes::catalogue;
///
/// assert!(catalogue::search("usgovcloudapi").any(|found| *found == catalogue::KEY_VAULT));
/// ```
pub fn search(text: &str) -> impl Iterator<Item = &'static Resource> {
    let wanted = text.trim().to_ascii_lowercase();
    all().filter(move |resource| {
        let has = |text: &&str| text.to_ascii_lowercase().contains(&wanted);
        has(&resource.code)
            || has(&resource.name)
            || resource.also.iter().any(has)
            || resource.clouds.iter().any(|row| {
                let lists = [row.registered, row.seen, row.scopes, row.hosts];
                let id = row.application.map(|id| id.to_string());
                lists.iter().any(|list| list.iter().any(has))
                    || id.is_some_and(|id| id.contains(&wanted))
            })
    })
}

/// The well-known client application with this id.
///
/// ```
/// use foundry_scopes::{ClientId, catalogue};
///
/// let id = ClientId::parse("1950a258-227b-4e31-a9cf-717495945fc2")?;
/// assert_eq!(catalogue::client(id).unwrap().name(), "Azure PowerShell");
/// # Ok::<(), foundry_scopes::ParseError>(())
/// ```
#[must_use]
pub fn client(id: ClientId) -> Option<&'static KnownClient> {
    CLIENTS.get(&id).copied()
}

/// The well-known client applications.
///
/// ```
/// assert!(foundry_scopes::catalogue::clients().count() >= 4);
/// ```
pub fn clients() -> impl Iterator<Item = &'static KnownClient> {
    data::clients::ALL.iter()
}

/// The role definition with this id.
///
/// ```
/// use foundry_scopes::catalogue::{self, roles};
///
/// assert_eq!(catalogue::role(roles::READER.id()), Some(&roles::READER));
/// ```
#[must_use]
pub fn role(id: RoleId) -> Option<&'static Role> {
    ROLES.get(&id).copied()
}

/// The role definition with this name, today's or the former one, in any case.
///
/// ```
/// use foundry_scopes::catalogue::{self, roles};
///
/// let role = catalogue::role_by_name("Azure AI User").unwrap();
/// assert_eq!(role.to_string(), "Foundry User (formerly Azure AI User)");
/// ```
#[must_use]
pub fn role_by_name(name: &str) -> Option<&'static Role> {
    let is = |text: &str| text.eq_ignore_ascii_case(name.trim());
    let mut roles = data::roles::FAMILIES.iter().copied().flatten().copied();
    roles.find(|role| is(role.name) || role.former.is_some_and(is))
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

static CLIENTS: LazyLock<HashMap<ClientId, &'static KnownClient>> = LazyLock::new(|| {
    let clients = data::clients::ALL.iter();
    clients.map(|client| (client.id, client)).collect()
});

static ROLES: LazyLock<HashMap<RoleId, &'static Role>> = LazyLock::new(|| {
    let roles = data::roles::FAMILIES.iter().copied().flatten();
    roles.map(|role| (role.id, *role)).collect()
});
