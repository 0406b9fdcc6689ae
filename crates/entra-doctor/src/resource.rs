//! Catalogue rows: one resource, and the list that a filter finds.

use std::io::{self, Write};

use foundry_scopes::catalogue::{self, Confidence, Resource, Role};
use foundry_scopes::{ClientId, Cloud, KnownCloud, Scope};
use serde_json::{Value, json};

use crate::render::{self, BOLD, CARE, Report};

/// The resources of the catalogue that match. It is fine if there are any.
///
/// ```
/// use entra_doctor::{CatalogueReport, Report};
/// use foundry_scopes::Cloud;
///
/// let report = CatalogueReport::of("vault", &Cloud::public(), None);
/// assert!(report.is_fine());
/// assert!(report.to_json().contains("\"code\":\"key_vault\""));
/// ```
#[derive(Debug)]
pub struct CatalogueReport {
    cloud: Option<KnownCloud>,
    found: Vec<&'static Resource>,
}

impl CatalogueReport {
    /// The resources documented in `cloud` with `text` in a name, identifier, scope, host or
    /// application id (all, if it is empty), of which at least `confidence` is known.
    #[must_use]
    pub fn of(text: &str, cloud: &Cloud, confidence: Option<Confidence>) -> Self {
        let cloud = cloud.known();
        let found = catalogue::search(text)
            .filter(|resource| {
                let known = cloud.and_then(|cloud| resource.confidence(cloud));
                known.is_some_and(|known| confidence.is_none_or(|least| known >= least))
            })
            .collect();
        Self { cloud, found }
    }
}

impl Report for CatalogueReport {
    fn is_fine(&self) -> bool {
        !self.found.is_empty()
    }

    fn to_json(&self) -> String {
        let resources: Vec<_> = self.found.iter().map(|r| to_value(r)).collect();
        json!({ "ok": self.is_fine(), "count": resources.len(), "resources": resources })
            .to_string()
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        for found in &self.found {
            write_line(out, found, self.cloud.unwrap_or(KnownCloud::Public))?;
        }
        match self.found.len() {
            0 => writeln!(out, "Nothing in the catalogue matches"),
            1 => writeln!(out, "1 resource"),
            count => writeln!(out, "{count} resources"),
        }
    }
}

pub(crate) fn to_value(resource: &Resource) -> Value {
    let cloud = |cloud: KnownCloud| {
        json!({
            "cloud": cloud.as_str(),
            "scope": resource.scope_in(cloud).map(|scope| scope.to_string()),
            "instead": resource.instead(cloud).map(Resource::code),
            "application": resource.application(cloud).map(|id| id.to_string()),
            "identifiers": resource.identifiers(cloud),
            "other_spellings": resource.other_spellings(cloud),
            "scopes": resource.scopes(cloud),
            "hosts": resource.hosts(cloud),
            "confidence": resource.confidence(cloud).map(Confidence::as_str),
            "sources": resource.sources(cloud),
        })
    };
    let roles = |roles: &[&'static Role]| roles.iter().map(|role| role_value(role)).collect();
    let (enough, too_little): (Value, Value) = (
        roles(resource.roles()),
        roles(resource.insufficient_roles()),
    );
    json!({
        "code": resource.code(),
        "name": resource.name(),
        "other_names": resource.other_names(),
        "clouds": resource.clouds().map(cloud).collect::<Value>(),
        "token_version": resource.token_version().as_str(),
        "permissions": resource.permissions(),
        "roles": enough,
        "insufficient_roles": too_little,
        "access": resource.access(),
        "quirks": resource.quirks(),
    })
}

pub(crate) fn role_value(role: &Role) -> Value {
    json!({
        "name": role.name(),
        "former_name": role.former_name(),
        "id": role.id().to_string(),
        "grants": role.grants(),
    })
}

/// Everything about it in one cloud.
pub(crate) fn write(
    out: &mut dyn Write,
    resource: &Resource,
    cloud: Option<KnownCloud>,
) -> io::Result<()> {
    render::line(out, BOLD, resource.name())?;
    render::row(
        out,
        "code",
        resource.code(),
        &resource.other_names().join(", "),
    )?;
    match cloud.filter(|cloud| resource.clouds().any(|known| known == *cloud)) {
        Some(cloud) => in_cloud(out, resource, cloud)?,
        None => {
            let name = cloud.map_or("this cloud", KnownCloud::as_str);
            let known: Vec<_> = resource.clouds().map(KnownCloud::as_str).collect();
            let known = format!("it is in {}", known.join(", "));
            render::row(out, "not documented in", name, &known)?;
        }
    }
    let other = resource.clouds().filter(|other| Some(*other) != cloud);
    for (other, scope) in other.filter_map(|other| Some((other, resource.scope_in(other)?))) {
        render::row(out, other.as_str(), scope.as_str(), "")?;
    }
    for role in resource.roles() {
        render::row(
            out,
            "role",
            &role.to_string(),
            &format!("{}: {}", role.id(), role.grants()),
        )?;
    }
    for role in resource.insufficient_roles() {
        render::row(out, "not enough", &role.to_string(), role.grants())?;
    }
    if let Some(access) = resource.access() {
        render::row(out, "access", access, "")?;
    }
    if !resource.permissions().is_empty() {
        render::row(out, "permissions", &resource.permissions().join(" "), "")?;
    }
    for quirk in resource.quirks() {
        writeln!(out, "  {CARE}!{CARE:#} {}", render::safe(quirk))?;
    }
    Ok(())
}

fn in_cloud(out: &mut dyn Write, resource: &Resource, cloud: KnownCloud) -> io::Result<()> {
    let instead = resource
        .instead(cloud)
        .map(|other| format!("the one of {other}"));
    let named = crate::target::named_scope(resource, cloud);
    match named.or_else(|| resource.scope_in(cloud)) {
        Some(scope) => {
            render::row(
                out,
                "scope to request",
                scope.as_str(),
                &instead.unwrap_or_default(),
            )?;
        }
        None => render::row(out, "scope to request", "depends on the registration", "")?,
    }
    if let Some(id) = resource.application(cloud) {
        render::row(out, "application id", &id.to_string(), "")?;
    }
    for uri in resource.identifiers(cloud) {
        render::row(out, "registered as", uri, "")?;
    }
    for uri in resource.other_spellings(cloud) {
        render::row(out, "also seen as", uri, "")?;
    }
    if !resource.hosts(cloud).is_empty() {
        render::row(out, "hosts", &resource.hosts(cloud).join(" "), "")?;
    }
    if let Some(confidence) = resource.confidence(cloud) {
        let sources = resource.sources(cloud).join("; ");
        render::row(out, "confidence", confidence.as_str(), &sources)?;
    }
    Ok(())
}

/// One line of a list: code, application id, scope.
pub(crate) fn write_line(
    out: &mut dyn Write,
    resource: &Resource,
    cloud: KnownCloud,
) -> io::Result<()> {
    let scope = resource.scope_in(cloud);
    let scope = scope.as_ref().map_or("-", Scope::as_str);
    let id = resource
        .application(cloud)
        .map(|id: ClientId| id.to_string());
    let name = format!("{}  {}", resource.name(), id.unwrap_or_default());
    writeln!(out, "{BOLD}{:<26}{BOLD:#} {scope}", resource.code())?;
    writeln!(out, "{:<26} {}", "", render::safe(name.trim_end()))
}
