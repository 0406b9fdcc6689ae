//! Which scope to ask for, from whatever is at hand.

use std::io::{self, Write};

use foundry_scopes::catalogue::{self, KnownClient, Resource, Role};
use foundry_scopes::{ClientId, Cloud, Endpoint, RoleId, Scope};
use serde_json::json;

use crate::render::{self, ALARM, BOLD, CARE, Report};
use crate::resource;

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
    cloud: Cloud,
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
    /// Nothing, and what has the text somewhere.
    Nothing(Vec<&'static Resource>),
}

impl ScopeReport {
    /// Looks `text` up for `cloud`.
    #[must_use]
    pub fn of(text: &str, cloud: &Cloud) -> Self {
        Self {
            meant: meant(text.trim(), cloud),
            cloud: cloud.clone(),
        }
    }

    /// The scope to request, if it is one and the same for everybody.
    fn scope(&self) -> Option<Scope> {
        match &self.meant {
            Meant::Endpoint(scope, _) => Some(scope.clone()),
            Meant::Resources(found) => found.first()?.default_scope(&self.cloud),
            _ => None,
        }
    }

    fn resources(&self) -> &[&'static Resource] {
        match &self.meant {
            Meant::Endpoint(_, found) | Meant::Resources(found) | Meant::Nothing(found) => found,
            Meant::Client(_) | Meant::Role(_) => &[],
        }
    }

    fn kind(&self) -> &'static str {
        match &self.meant {
            Meant::Resources(found) if found.len() > 1 => "shared_id",
            Meant::Resources(_) => "resource",
            Meant::Endpoint(..) => "endpoint",
            Meant::Client(_) => "client",
            Meant::Role(_) => "role",
            Meant::Nothing(_) => "unknown",
        }
    }
}

fn meant(text: &str, cloud: &Cloud) -> Meant {
    let found = catalogue::find(text);
    if !found.is_empty() {
        return Meant::Resources(found);
    }
    if let Some(client) = ClientId::parse(text).ok().and_then(catalogue::client) {
        return Meant::Client(client);
    }
    let by_id = RoleId::parse(text).ok().and_then(catalogue::role);
    if let Some(role) = by_id.or_else(|| catalogue::role_by_name(text)) {
        return Meant::Role(role);
    }
    if let Ok(endpoint) = Endpoint::parse_in(text, cloud) {
        let scope = endpoint.scope().clone();
        let found = catalogue::by_scope(&scope).collect();
        return Meant::Endpoint(scope, found);
    }
    let near = match text {
        "" => Vec::new(),
        text => catalogue::search(text).take(10).collect(),
    };
    Meant::Nothing(near)
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
            resource::write(out, found, self.cloud.known())?;
        }
        Ok(())
    }
}
