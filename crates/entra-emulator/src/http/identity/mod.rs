//! Tokens for managed identities.
//!
//! Numbers are strings in these answers, and clients insist on it.

pub(super) mod app_service;
pub(super) mod arc;
pub(super) mod imds;

use serde_json::Value;

use crate::call::Call;
use crate::directory::{App, AppState, Directory, ManagedIdentity, Tenant};
use crate::forge::Forge;
use crate::state::Shared;
use crate::tokens::BACKDATED;

/// Managed identities' tokens live for a day.
const LIFETIME: i64 = 86_399;

/// Why there is no token.
enum Refusal {
    /// No identity of the machine is meant, or more than one.
    Identity(&'static str),
    /// The resource is missing or unknown.
    Resource(String),
    /// Something that cannot be read.
    Request(&'static str),
}

/// A token and what the answer says about it.
struct Issued {
    access_token: String,
    client_id: String,
    resource: String,
    not_before: i64,
    expires_at: i64,
}

/// Parameters that name an identity; clients of either endpoint use them all.
const SELECTORS: [(&str, Selector); 6] = [
    ("client_id", Selector::Client),
    ("object_id", Selector::Object),
    ("principal_id", Selector::Object),
    ("msi_res_id", Selector::Resource),
    ("mi_res_id", Selector::Resource),
    ("clientid", Selector::Client),
];

#[derive(Clone, Copy)]
enum Selector {
    Client,
    Object,
    Resource,
}

impl Selector {
    fn names(self, tenant: &Tenant, app: &App, value: &str) -> bool {
        match self {
            Self::Client => app.client_id().eq_ignore_ascii_case(value),
            Self::Object => app.object_id(&tenant.id).eq_ignore_ascii_case(value),
            Self::Resource => matches!(
                &app.managed,
                Some(ManagedIdentity::UserAssigned { resource_id })
                    if resource_id.eq_ignore_ascii_case(value)
            ),
        }
    }
}

fn issue(shared: &std::sync::Arc<Shared>, call: &Call) -> Result<Issued, Refusal> {
    let directory = shared.directory();
    let resource = call
        .query
        .get("resource")
        .ok_or_else(|| Refusal::Resource("The 'resource' parameter is missing.".to_owned()))?;
    let (tenant, identity) = select(&directory, call)?;
    // A resource with the suffix of a scope is a mistake that Entra refuses too.
    let api = tenant.resource(resource);
    let api = api.or_else(|| tenant.resource(resource.strip_suffix('/')?));
    let Some(api) = api else {
        return Err(Refusal::Resource(format!(
            "AADSTS500011: The resource principal named {resource} was not found in the tenant named {}.",
            tenant.name
        )));
    };
    let roles = tenant.roles_of_app(identity, api);
    let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
    let failed = |_| Refusal::Request("The token could not be made.");
    let forge = Forge::new(std::sync::Arc::clone(shared));
    let token = forge
        .app_token(&tenant.id, identity.client_id(), api.client_id(), &roles)
        .map_err(failed)?;
    let token = match token.claims().get("ver").and_then(Value::as_str) {
        Some("1.0") => token.claim("aud", resource).claim("appidacr", "2"),
        _ => token.claim("azpacr", "2"),
    };
    let machine = match &identity.managed {
        Some(ManagedIdentity::UserAssigned { resource_id }) => resource_id.clone(),
        _ => machine_id(identity.name()),
    };
    let (not_before, expires_at) = (
        call.now.saturating_sub(BACKDATED),
        call.now.saturating_add(LIFETIME).saturating_add(1),
    );
    let token = token
        .claim("xms_mirid", machine)
        .claim("iat", not_before)
        .claim("nbf", not_before)
        .claim("exp", expires_at);
    Ok(Issued {
        access_token: token.sign().map_err(failed)?,
        client_id: identity.client_id().to_owned(),
        resource: resource.to_owned(),
        not_before,
        expires_at,
    })
}

/// Where the machine that the emulator plays is in Azure.
const MACHINE_SUBSCRIPTION: &str = "c0de0000-5ab5-4000-8000-000000000001";
const MACHINE_GROUP: &str = "entra-emulator";

fn machine_id(name: &str) -> String {
    format!(
        "/subscriptions/{MACHINE_SUBSCRIPTION}/resourcegroups/{MACHINE_GROUP}/providers/Microsoft.Compute/virtualMachines/{name}"
    )
}

/// The identity that is meant: the one named, or the system-assigned one, or the only
/// user-assigned one.
fn select<'a>(directory: &'a Directory, call: &Call) -> Result<(&'a Tenant, &'a App), Refusal> {
    let assigned = || {
        directory.tenants().flat_map(|t| {
            let apps = t
                .apps()
                .filter(|a| a.managed.is_some() && a.state == AppState::Enabled);
            apps.map(move |a| (t, a))
        })
    };
    let mut named = SELECTORS
        .iter()
        .filter_map(|(name, selector)| call.query.get(name).map(|value| (selector, value)));
    if let Some((selector, value)) = named.next() {
        if named.next().is_some() {
            return Err(Refusal::Request(
                "Only one of client_id, object_id and the resource id may name the identity.",
            ));
        }
        return assigned()
            .find(|(t, a)| selector.names(t, a, value))
            .ok_or(Refusal::Identity("Identity not found"));
    }
    let system = |(_, a): &(&Tenant, &App)| a.managed == Some(ManagedIdentity::SystemAssigned);
    if let Some(system) = assigned().find(system) {
        return Ok(system);
    }
    let mut all = assigned();
    match (all.next(), all.next()) {
        (Some(only), None) => Ok(only),
        (Some(_), Some(_)) => Err(Refusal::Identity(
            "Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request",
        )),
        (None, _) => Err(Refusal::Identity("Identity not found")),
    }
}
