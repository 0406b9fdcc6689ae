//! Azure resource ids.

use super::{Pasted, foundry_url, label};
use crate::KnownCloud;
use crate::endpoint::NoteCode;
use crate::endpoint::note::Note;
use crate::endpoint::path::Path;
use crate::endpoint::refusal::EndpointRefusal as Refusal;
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
pub(super) fn url(id: &str, cloud: Option<KnownCloud>) -> Result<Pasted<'_>, Refusal> {
    let url = address(id, cloud.ok_or(Refusal::CustomCloud)?)?;
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

pub(super) fn address(id: &str, cloud: KnownCloud) -> Result<String, Refusal> {
    if id.contains(['?', '#', '%', '@', ';']) || id.split('/').any(|s| s == "." || s == "..") {
        return Err(Refusal::ResourceId);
    }
    if let (Some(account), project) = account_in_resource_id(&mut Path::new(id))? {
        let account = label(account).ok_or(Refusal::Name)?;
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
                let name = path.skip().and_then(label).ok_or(Refusal::Name)?;
                return Ok(format!("https://{name}.{domain}"));
            }
        }
    }
    Err(Refusal::ResourceId)
}
