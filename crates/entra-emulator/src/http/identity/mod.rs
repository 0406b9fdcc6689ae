//! Tokens for managed identities.
//!
//! Numbers are strings in these answers, and clients insist on it.

pub(super) mod app_service;
pub(super) mod imds;

use serde_json::Value;

use crate::call::Call;
use crate::directory::{
    App, AppState, Directory, GRAPH, ManagedIdentity, RequestedTokenVersion, Tenant,
};
use crate::forge::Forge;
use crate::state::Shared;

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
    issued_at: i64,
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
    let registered = tenant.resource(resource.trim_end_matches('/'));
    let https = url::Url::parse(resource).is_ok_and(|u| u.scheme() == "https" && u.has_host());
    if resource.ends_with("/.default") || (registered.is_none() && !https) {
        return Err(Refusal::Resource(format!(
            "AADSTS500011: The resource principal named {resource} was not found in the tenant named {}.",
            tenant.name
        )));
    }
    let forge = Forge::new(std::sync::Arc::clone(shared));
    let (forge, api, roles) = match registered {
        Some(api) => (forge, api.client_id(), tenant.roles_of_app(identity, api)),
        // Any other https resource is taken for one of Microsoft's services.
        None => (forge.version(RequestedTokenVersion::V1), GRAPH, Vec::new()),
    };
    let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
    let failed = |_| Refusal::Request("The token could not be made.");
    let token = forge
        .app_token(&tenant.id, identity.client_id(), api, &roles)
        .map_err(failed)?;
    let token = match token.claims().get("ver").and_then(Value::as_str) {
        Some("1.0") => token.claim("aud", resource).claim("appidacr", "2"),
        _ => token.claim("azpacr", "2"),
    };
    let token = match &identity.managed {
        Some(ManagedIdentity::UserAssigned { resource_id }) => {
            token.claim("xms_mirid", resource_id.as_str())
        }
        _ => token,
    };
    let token = token
        .claim("iat", call.now)
        .claim("nbf", call.now)
        .claim("exp", call.now.saturating_add(LIFETIME));
    Ok(Issued {
        access_token: token.sign().map_err(failed)?,
        client_id: identity.client_id().to_owned(),
        resource: resource.to_owned(),
        issued_at: call.now,
    })
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
