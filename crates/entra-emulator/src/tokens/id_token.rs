//! ID tokens (Entra doc "ID token claims reference").

use super::{USER_LIFETIME, access::issuer_v2, jwt::Object, pairwise_sub, random_text};
use crate::directory::{App, Tenant, User};

/// Claims of an ID token: for the client, and without any of an access token's
/// (`azp`, `scp`), which is how the two are told apart.
pub(crate) fn id_token_claims(
    base_url: &str,
    tenant: &Tenant,
    client: &App,
    user: &User,
    nonce: Option<&str>,
    now: i64,
) -> Object {
    let mut claims = Object::new();
    let mut set = |name: &str, value: serde_json::Value| claims.insert(name.to_owned(), value);
    set("aud", client.client_id().into());
    set("iss", issuer_v2(base_url, &tenant.id).into());
    set("iat", now.into());
    set("nbf", now.into());
    set("exp", now.saturating_add(USER_LIFETIME).into());
    set("tid", tenant.id.as_str().into());
    set("oid", user.object_id().into());
    let sub = pairwise_sub(&tenant.id, user.object_id(), client.client_id());
    set("sub", sub.into());
    set("name", user.display_name().into());
    set("preferred_username", user.user_principal_name().into());
    set("uti", random_text(1).into());
    set("ver", "2.0".into());
    if let Some(nonce) = nonce {
        set("nonce", nonce.into());
    }
    claims
}
