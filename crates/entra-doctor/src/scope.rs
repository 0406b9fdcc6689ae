//! Scope to request, found by name, endpoint, audience or application id.

use std::io::{self, Write};

use foundry_scopes::catalogue::{self, KnownClient, Resource, Role};
use foundry_scopes::{ClientId, Cloud, KnownCloud, RoleId, Scope};
use serde_json::json;

use crate::diagnosis::rules::resource_correction;
use crate::render::{self, ALARM, BOLD, CARE, Report};
use crate::resource;
use crate::target::{Place, Target, named_scope};

/// What a name, a scope, an address or an id stands for. It is fine if it names a resource
/// that has a scope in that cloud.
///
/// ```
/// use entra_doctor::{Report, ScopeReport};
/// use foundry_scopes::Cloud;
///
/// let report = ScopeReport::of("https://contoso.vault.azure.net/secrets/s1", &Cloud::public());
/// assert!(report.is_fine());
/// assert!(report.to_json().contains("\"scope\":\"https://vault.azure.net/.default\""));
///
/// assert!(!ScopeReport::of("unheard of", &Cloud::public()).is_fine());
/// ```
#[derive(Debug)]
pub struct ScopeReport {
    known: Option<KnownCloud>,
    meant: Meant,
}

#[derive(Debug)]
enum Meant {
    /// One, or several that share an application id.
    Resources(Vec<&'static Resource>),
    /// An endpoint, whose path can decide the scope.
    Endpoint(Scope, Vec<&'static Resource>),
    Client(&'static KnownClient),
    Role(&'static Role),
    /// A misspelt name: the right one, and what is wrong.
    Misspelt(String, String, Vec<&'static Resource>),
    /// An API of one's own, or an identifier of one.
    Own,
    /// Nothing, and what has the text somewhere.
    Nothing(Vec<&'static Resource>),
}

impl ScopeReport {
    /// Looks `text` up for `cloud`.
    #[must_use]
    pub fn of(text: &str, cloud: &Cloud) -> Self {
        Self::in_cloud(text, Some(cloud))
    }

    /// Looks `text` up in the cloud that it belongs to, and a name in the public one.
    ///
    /// ```
    /// use entra_doctor::{Report, ScopeReport};
    ///
    /// let report = ScopeReport::read("https://management.usgovcloudapi.net");
    /// assert!(report.to_json().contains("\"scope\":\"https://management.usgovcloudapi.net/.default\""));
    /// ```
    #[must_use]
    pub fn read(text: &str) -> Self {
        Self::in_cloud(text, None)
    }

    pub(crate) fn in_cloud(text: &str, cloud: Option<&Cloud>) -> Self {
        let (meant, known) = meant(text.trim(), cloud);
        let known = cloud.map_or(known, Cloud::known);
        Self { known, meant }
    }

    /// The scope to request, if it is one and the same for everybody.
    fn scope(&self) -> Option<Scope> {
        match &self.meant {
            Meant::Endpoint(scope, _) => Some(scope.clone()),
            Meant::Resources(found) => {
                let (resource, known) = (found.first()?, self.known?);
                named_scope(resource, known).or_else(|| resource.scope_in(known))
            }
            _ => None,
        }
    }

    fn resources(&self) -> &[&'static Resource] {
        match &self.meant {
            Meant::Endpoint(_, found)
            | Meant::Resources(found)
            | Meant::Misspelt(.., found)
            | Meant::Nothing(found) => found,
            Meant::Client(_) | Meant::Role(_) | Meant::Own => &[],
        }
    }

    fn kind(&self) -> &'static str {
        match &self.meant {
            Meant::Resources(found) if found.len() > 1 => "shared_id",
            Meant::Resources(_) => "resource",
            Meant::Endpoint(..) => "endpoint",
            Meant::Client(_) => "client",
            Meant::Role(_) => "role",
            Meant::Misspelt(..) => "misspelt",
            Meant::Own => "own",
            Meant::Nothing(_) => "unknown",
        }
    }
}

fn meant(text: &str, cloud: Option<&Cloud>) -> (Meant, Option<KnownCloud>) {
    let public = Some(KnownCloud::Public);
    let found = named(text);
    if !found.is_empty() {
        let known = found.iter().find_map(|resource| cloud_of(resource, text));
        return (Meant::Resources(found), known.or(public));
    }
    if let Some(client) = ClientId::parse(text).ok().and_then(catalogue::client) {
        return (Meant::Client(client), public);
    }
    let by_id = RoleId::parse(text).ok().and_then(catalogue::role);
    if let Some(role) = by_id.or_else(|| catalogue::role_by_name(text)) {
        return (Meant::Role(role), public);
    }
    let address = text.contains("://") || text.contains('.') && !text.contains(' ');
    if address {
        let target = Target::of(text, cloud);
        match target.place {
            Place::Endpoint(endpoint) => {
                let scope = endpoint.scope().clone();
                let found = catalogue::by_scope(&scope).collect();
                return (Meant::Endpoint(scope, found), target.cloud.known());
            }
            Place::Catalogued(found) => {
                if let Some(scope) = found.scope() {
                    return (Meant::Endpoint(scope, found.resources), Some(found.known));
                }
            }
            _ => {}
        }
    }
    // A scope of an API of one's own is well-formed.
    let whole = |right: &str| text.ends_with("/.default") && !right.ends_with("/.default");
    if let Some((right, why)) = resource_correction(text).filter(|(right, _)| !whole(right)) {
        let found = catalogue::find(&right);
        return (Meant::Misspelt(right, why, found), public);
    }
    if text.starts_with("api://")
        || address
            && matches!(Target::of(text, cloud).place, Place::Own(..))
            && text.contains("://")
    {
        return (Meant::Own, public);
    }
    let near = match text {
        "" => Vec::new(),
        text => catalogue::search(text).take(10).collect(),
    };
    (Meant::Nothing(near), public)
}

/// By scope, identifier, id or name, with and without the maker's name in front.
fn named(text: &str) -> Vec<&'static Resource> {
    let found = catalogue::find(text);
    if !found.is_empty() || text.contains("://") {
        return found;
    }
    let lower = text.to_ascii_lowercase();
    let bare = ["azure ", "microsoft ", "ms "]
        .iter()
        .find_map(|maker| lower.strip_prefix(maker));
    let spaced = lower.replace(['_', '-'], " ");
    let closed = |name: &str| name.to_ascii_lowercase().replace([' ', '_', '-'], "");
    let tries = [
        bare.map(str::to_owned),
        Some(format!("azure {lower}")),
        Some(format!("microsoft {lower}")),
        Some(spaced),
    ];
    let by_name = tries
        .iter()
        .flatten()
        .find_map(|name| catalogue::by_name(name));
    // `keyvault` for `Key Vault`.
    let joined = || {
        let wanted = closed(bare.unwrap_or(&lower));
        catalogue::all().find(|it| closed(it.name()) == wanted || closed(it.code()) == wanted)
    };
    by_name.or_else(joined).into_iter().collect()
}

/// The cloud whose row has this identifier, scope or application id.
fn cloud_of(resource: &Resource, text: &str) -> Option<KnownCloud> {
    let bare = |text: &str| {
        text.trim_end_matches("/.default")
            .trim_end_matches('/')
            .to_ascii_lowercase()
    };
    let wanted = Scope::parse(text).map_or_else(|_| bare(text), |scope| bare(scope.resource()));
    resource.clouds().find(|known| {
        let id = resource.application(*known).map(|id| id.to_string());
        let uris = resource
            .identifiers(*known)
            .iter()
            .chain(resource.other_spellings(*known));
        id.is_some_and(|id| id == wanted) || uris.into_iter().any(|uri| bare(uri) == wanted)
    })
}

impl Report for ScopeReport {
    fn is_fine(&self) -> bool {
        self.scope().is_some()
    }

    fn to_json(&self) -> String {
        let (client, role) = match &self.meant {
            Meant::Client(client) => (Some(client), None),
            Meant::Role(role) => (None, Some(role)),
            _ => (None, None),
        };
        json!({
            "ok": self.is_fine(),
            "meant": self.kind(),
            "scope": self.scope().map(|scope| scope.to_string()),
            "suggestion": match &self.meant {
                Meant::Misspelt(right, ..) => Some(right),
                _ => None,
            },
            "why": match &self.meant {
                Meant::Misspelt(_, why, _) => Some(why),
                _ => None,
            },
            "resources": self.resources().iter().map(|r| resource::to_value(r)).collect::<Vec<_>>(),
            "client": client.map(|client| json!({
                "name": client.name(),
                "id": client.id().to_string(),
                "note": client.note(),
            })),
            "role": role.map(|role| resource::role_value(role)),
        })
        .to_string()
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        match &self.meant {
            Meant::Resources(found) => {
                if found.len() > 1 {
                    let text = "Several resources share this application id: ask by identifier URI";
                    render::line(out, CARE, text)?;
                }
            }
            Meant::Endpoint(scope, _) => {
                render::row(out, "this endpoint wants", scope.as_str(), "")?;
            }
            Meant::Client(client) => {
                render::line(out, BOLD, client.name())?;
                let text = "a client application: it asks for tokens, none is for it";
                render::row(out, "what", text, "")?;
                return render::row(out, "note", client.note(), "");
            }
            Meant::Role(role) => {
                render::line(out, BOLD, &role.to_string())?;
                render::row(out, "what", "a role definition, no resource", "")?;
                render::row(out, "id", &role.id().to_string(), "")?;
                return render::row(out, "grants", role.grants(), "");
            }
            Meant::Misspelt(right, why, _) => {
                render::line(out, ALARM, "The name is misspelt")?;
                render::row(out, "why", why, "")?;
                render::row(out, "perhaps meant", right, "")?;
            }
            Meant::Own => {
                render::line(out, CARE, "An API of one's own")?;
                let text = "<identifier URI>/.default, or one of its scopes; the identifier URI is in `identifierUris` of its registration";
                return render::row(out, "scope to request", text, "");
            }
            Meant::Nothing(near) => {
                let text = "Nothing in the catalogue has this name, identifier or id";
                render::line(out, ALARM, text)?;
                for found in near {
                    render::row(out, "perhaps", found.code(), found.name())?;
                }
                let text = "api://<client id>/.default, or its own App ID URI";
                return render::row(out, "an API of yours", text, "");
            }
        }
        for found in self.resources() {
            resource::write(out, found, self.known)?;
        }
        Ok(())
    }
}
