//! Metadata (OpenID Connect Discovery 1.0) with the members of Entra's documents, and key
//! sets (RFC 7517): no `alg`, and in v2 an `issuer` and a `cloud_instance_name` with each key.
//!
//! As at Entra there is no `grant_types_supported` and no
//! `code_challenge_methods_supported`, which strict OAuth clients miss.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, State},
    response::Response,
};
use serde_json::{Value, json};

use super::authority::Authority;
use super::response::{cached_error, cached_json, without_cors};
use crate::call::Call;
use crate::directory::{PERSONAL, Reading, id::canonical_guid};
use crate::errors::{AadError, table};
use crate::state::Shared;
use crate::tokens::access::{issuer_v1, issuer_v2};

const CLAIMS_V2: &str = "sub iss cloud_instance_name cloud_instance_host_name \
    cloud_graph_host_name msgraph_host aud exp iat auth_time acr nonce preferred_username name \
    tid ver at_hash c_hash email";
const CLAIMS_V1: &str = "sub iss cloud_instance_name cloud_instance_host_name \
    cloud_graph_host_name msgraph_host aud exp iat auth_time acr amr nonce email given_name \
    family_name nickname";

pub(super) async fn v2(
    State(shared): State<Arc<Shared>>,
    Path(segment): Path<String>,
    Extension(call): Extension<Arc<Call>>,
) -> Response {
    let names = match names(&shared, &segment, &call) {
        Ok(names) => names,
        Err(error) => return cached_error(&error, &call, &shared),
    };
    let (id, base) = (&names.id, &names.base);
    let own = json!({
        "jwks_uri": format!("{base}/{id}/discovery/v2.0/keys{}", appid(&call)),
        "issuer": names.issuer_v2,
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "request_uri_parameter_supported": false,
        "userinfo_endpoint": format!("{base}/oidc/userinfo"),
        "claims_supported": words(CLAIMS_V2),
    });
    cached_json(&with(own, common(base, id, "oauth2/v2.0")))
}

pub(super) async fn v1(
    State(shared): State<Arc<Shared>>,
    Path(segment): Path<String>,
    Extension(call): Extension<Arc<Call>>,
) -> Response {
    let names = match names(&shared, &segment, &call) {
        Ok(names) => names,
        Err(error) => return cached_error(&error, &call, &shared),
    };
    let (id, base) = (&names.id, &names.base);
    let own = json!({
        "jwks_uri": format!("{base}/common/discovery/keys{}", appid(&call)),
        "issuer": names.issuer_v1,
        "response_types_supported": [
            "code",
            "id_token",
            "code id_token",
            "token id_token",
            "token"
        ],
        "scopes_supported": ["openid"],
        "microsoft_multi_refresh_token": true,
        "check_session_iframe": format!("{base}/{id}/oauth2/checksession"),
        "userinfo_endpoint": format!("{base}/{id}/openid/userinfo"),
        "claims_supported": words(CLAIMS_V1),
    });
    cached_json(&with(own, common(base, id, "oauth2")))
}

/// Where to find the metadata of an authority, for clients that ask before they trust.
pub(super) async fn instance(
    State(shared): State<Arc<Shared>>,
    Extension(call): Extension<Arc<Call>>,
) -> Response {
    let host = shared
        .base_url
        .split_once("://")
        .map_or("", |(_, host)| host);
    let asked = call
        .query
        .get("authorization_endpoint")
        .and_then(|e| url::Url::parse(e).ok());
    // The port is not compared: msal-python drops it from the question.
    let ours = url::Url::parse(&shared.base_url).ok();
    let known = asked.filter(|a| ours.as_ref().is_some_and(|o| o.host() == a.host()));
    let Some(known) = known else {
        return cached_error(&AadError::new(table::INVALID_INSTANCE), &call, &shared);
    };
    let tenant = known
        .path_segments()
        .and_then(|mut s| s.next())
        .unwrap_or("common")
        .to_owned();
    let version = if known.path().contains("/v2.0/") {
        "v2.0/"
    } else {
        ""
    };
    let base = &shared.base_url;
    cached_json(&json!({
        "tenant_discovery_endpoint":
            format!("{base}/{tenant}/{version}.well-known/openid-configuration"),
        "api-version": call.query.get("api-version").unwrap_or("1.0"),
        "metadata": [{ "preferred_network": host, "preferred_cache": host, "aliases": [host] }],
    }))
}

/// `?appid=`, which asks for the keys of one application, goes on to the key set.
fn appid(call: &Call) -> String {
    let id = call.query.get("appid").and_then(canonical_guid);
    id.map(|id| format!("?appid={id}")).unwrap_or_default()
}

fn words(text: &str) -> Vec<&str> {
    text.split_ascii_whitespace().collect()
}

fn with(mut own: Value, common: Value) -> Value {
    if let (Value::Object(own), Value::Object(common)) = (&mut own, common) {
        own.extend(common);
    }
    own
}

/// What metadata names.
struct Names {
    /// The tenant in endpoints, always the GUID.
    id: String,
    /// Where the request was sent: an External ID tenant has a host of its own.
    base: String,
    issuer_v1: String,
    issuer_v2: String,
}

fn names(shared: &Shared, segment: &str, call: &Call) -> Result<Names, AadError> {
    let directory = shared.directory();
    let (base, only) = shared.base_of(call);
    let authority = Authority::find(&directory, segment).ok();
    // At the host of an External ID tenant there is no other one.
    let authority = authority.filter(|found| match (&only, found) {
        (Some(only), Authority::Tenant(tenant)) => tenant.id == *only,
        (Some(_), Authority::Any(_)) => false,
        (None, _) => true,
    });
    let own = &shared.base_url;
    let names = |id: &str, issuer: &str| Names {
        id: id.to_owned(),
        base: base.clone(),
        issuer_v1: issuer_v1(own, issuer),
        issuer_v2: issuer_v2(own, issuer),
    };
    match authority {
        Some(Authority::Tenant(tenant)) => Ok(Names {
            issuer_v2: tenant.issuer_v2(own),
            ..names(&tenant.id, &tenant.id)
        }),
        // As at Entra, `consumers` is one tenant under another name.
        Some(Authority::Any("consumers")) => Ok(names("consumers", PERSONAL)),
        Some(Authority::Any(alias)) => Ok(names(alias, "{tenantid}")),
        // Metadata has its own name for this; the token endpoint says `invalid_request`.
        None => Err(AadError::new(table::TENANT_NOT_FOUND)
            .arg(segment)
            .called("invalid_tenant")),
    }
}

/// The region of a tenant; an alias has none.
fn region(id: &str) -> Value {
    match canonical_guid(id) {
        Some(_) => "WW".into(),
        None => Value::Null,
    }
}

fn common(base: &str, id: &str, oauth: &str) -> Value {
    let endpoint = |name: &str| format!("{base}/{id}/{oauth}/{name}");
    json!({
        "token_endpoint": endpoint("token"),
        "token_endpoint_auth_methods_supported":
            ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "authorization_endpoint": endpoint("authorize"),
        "device_authorization_endpoint": endpoint("devicecode"),
        "http_logout_supported": true,
        "frontchannel_logout_supported": true,
        "end_session_endpoint": endpoint("logout"),
        "kerberos_endpoint": format!("{base}/{id}/kerberos"),
        "tenant_region_scope": region(id),
        "cloud_instance_name": CLOUD_INSTANCE,
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": "graph.microsoft.com",
        "rbac_url": "https://pas.windows.net",
    })
}

/// What Entra's keys say about their cloud; validators compare it with the metadata.
const CLOUD_INSTANCE: &str = "microsoftonline.com";

#[derive(Clone, Copy)]
enum KeySetVersion {
    V1,
    V2,
}

pub(super) async fn keys_v1(
    State(shared): State<Arc<Shared>>,
    Path(tenant): Path<String>,
    Extension(call): Extension<Arc<Call>>,
) -> Response {
    key_set(&shared, &tenant, &call, KeySetVersion::V1)
}

pub(super) async fn keys_v2(
    State(shared): State<Arc<Shared>>,
    Path(tenant): Path<String>,
    Extension(call): Extension<Arc<Call>>,
) -> Response {
    key_set(&shared, &tenant, &call, KeySetVersion::V2)
}

fn key_set(shared: &Shared, segment: &str, call: &Call, version: KeySetVersion) -> Response {
    let directory = shared.directory();
    let issuer = match Authority::find(&directory, segment) {
        Ok(Authority::Tenant(tenant)) => tenant.issuer_v2(&shared.base_url),
        Ok(Authority::Any("consumers")) => issuer_v2(&shared.base_url, PERSONAL),
        Ok(Authority::Any(_)) => issuer_v2(&shared.base_url, "{tenantid}"),
        Err(error) => return cached_error(&error, call, shared),
    };
    let keys = shared.published_keys().into_iter().map(|key| {
        let mut jwk = json!({
            "kty": "RSA", "use": "sig", "kid": key.kid, "x5t": key.kid,
            "n": key.n, "e": key.e, "x5c": [key.x5c],
        });
        if let (KeySetVersion::V2, Value::Object(jwk)) = (version, &mut jwk) {
            jwk.insert("cloud_instance_name".into(), CLOUD_INSTANCE.into());
            jwk.insert("issuer".into(), issuer.as_str().into());
        }
        jwk
    });
    let response = cached_json(&json!({ "keys": keys.collect::<Vec<_>>() }));
    let mut tenants = directory.tenants();
    match tenants.any(|t| t.follows(Reading::KeySetsWithoutCors)) {
        true => without_cors(response),
        false => response,
    }
}
