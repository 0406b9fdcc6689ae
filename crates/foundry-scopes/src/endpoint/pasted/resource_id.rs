//! Azure resource ids, and the links of the Foundry portal that hold one.

use super::{Pasted, foundry_url, label};
use crate::cloud::KnownCloud;
use crate::endpoint::error::EndpointReason as Reason;
use crate::endpoint::note::Note;
use crate::endpoint::note::NoteCode;
use crate::endpoint::path::{Path, checked_name};
use crate::endpoint::shape::account_in_resource_id;

/// Providers beside the Foundry accounts, and the hosts that their names make.
const OTHERS: &[(&str, &str, &str)] = &[
    ("Microsoft.Search", "searchServices", "search.windows.net"),
    ("Microsoft.KeyVault", "vaults", "vault.azure.net"),
    (
        "Microsoft.DocumentDB",
        "databaseAccounts",
        "documents.azure.com",
    ),
    (
        "Microsoft.AppConfiguration",
        "configurationStores",
        "azconfig.io",
    ),
    ("Microsoft.Web", "sites", "azurewebsites.net"),
    ("Microsoft.ApiManagement", "service", "azure-api.net"),
];

/// The address behind `/subscriptions/...`. Ids are compared without regard to case
/// (Azure Resource Manager doc "Resource ids").
pub(super) fn url(id: &str, cloud: Option<KnownCloud>) -> Result<Pasted<'_>, Reason> {
    let url = address(id, cloud.ok_or(Reason::CustomCloud)?)?;
    Ok(Pasted::new(
        url,
        vec![
            Note::new(
                NoteCode::ResourceId,
                "the address was put together from a resource id",
            ),
            derived(),
        ],
    ))
}

/// The address behind a resource id somewhere in `text`, for a suggestion.
pub(in crate::endpoint) fn in_text(text: &str, cloud: KnownCloud) -> Option<String> {
    let at = text.find("/subscriptions/")?;
    let id = text.get(at..)?.split(['?', '&', '#']).next()?;
    address(id, cloud).ok()
}

pub(super) fn derived() -> Note {
    Note::new(
        NoteCode::HostDerived,
        "the host is the name of the resource in front of the service's domain: an account whose custom subdomain differs shows its own under `properties.endpoint`",
    )
}

fn address(id: &str, cloud: KnownCloud) -> Result<String, Reason> {
    if id.contains(['?', '#', '%', '@', ';']) || id.split('/').any(|s| s == "." || s == "..") {
        return Err(Reason::ResourceId);
    }
    if let (Some(account), project) = account_in_resource_id(&mut Path::new(id))? {
        let account = label(account).ok_or(Reason::Name)?;
        return Ok(foundry_url(account, project, cloud));
    }
    let mut path = Path::new(id);
    let group = path.eat(&["subscriptions"])
        && path.skip().is_some()
        && path.eat(&["resourceGroups"])
        && path.skip().is_some();
    if group && path.eat(&["providers"]) && cloud == KnownCloud::Public {
        for (provider, kind, domain) in OTHERS {
            if path.eat(&[provider, kind]) {
                let name = path.skip().and_then(label).ok_or(Reason::Name)?;
                return Ok(format!("https://{name}.{domain}"));
            }
        }
    }
    Err(Reason::ResourceId)
}

/// The project or account that a page of the Foundry portal shows.
///
/// The new portal names it as `/nextgen/r/<subscription>,<group>,,<account>,<project>`, the
/// classic one as a resource id in `wsid`.
pub(in crate::endpoint) fn on_portal_page(
    path: &str,
    query: Option<&str>,
    cloud: KnownCloud,
) -> Option<Pasted<'static>> {
    let url = match path.strip_prefix("/nextgen/r/") {
        Some(rest) => {
            let mut parts = rest.split('/').next()?.split(',').skip(3);
            let account = label(parts.next()?)?;
            let project = checked_name(parts.next()?).ok()?;
            if parts.next().is_some() {
                return None;
            }
            foundry_url(account, Some(project), cloud)
        }
        None => {
            let mut ids = query?
                .split('&')
                .filter_map(|pair| pair.strip_prefix("wsid="));
            let id = ids.next()?.replace("%2F", "/").replace("%2f", "/");
            if ids.next().is_some() {
                return None;
            }
            address(&id, cloud).ok()?
        }
    };
    Some(Pasted::new(
        url,
        vec![
            Note::new(
                NoteCode::PortalLink,
                "this was a page of the portal: the address was put together from what its link names",
            ),
            derived(),
        ],
    ))
}
