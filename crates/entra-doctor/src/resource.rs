//! A resource of the catalogue, for people and machines.

use std::io::{self, Write};

use foundry_scopes::catalogue::{Confidence, Resource, Role};
use foundry_scopes::{ClientId, KnownCloud, Scope};
use serde_json::{Value, json};

use crate::render::{self, BOLD, CARE};

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
    match resource.scope_in(cloud) {
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
