//! Tokens: their claims and their signature.

pub(crate) mod access;
mod id_token;
pub(crate) mod jwt;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::json;

use crate::directory::{Tenant, User};

/// Lifetime of a user's token that a test forges; issued ones live 60 to 90 minutes.
pub(crate) const USER_LIFETIME: i64 = 4499;
/// How far `iat` and `nbf` lie in the past, in seconds.
pub(crate) const BACKDATED: i64 = 300;
/// `expires_in` of an app-only token.
pub(crate) const APP_LIFETIME: i64 = 3599;

/// A lifetime between two, in seconds, as Entra picks one at random.
pub(crate) fn random_lifetime(from: i64, to: i64) -> i64 {
    let random = uuid::Uuid::new_v4().as_u128() >> 96;
    let span = u128::try_from(to.saturating_sub(from).saturating_add(1)).unwrap_or(1);
    let more = random.checked_rem(span).unwrap_or(0);
    from.saturating_add(i64::try_from(more).unwrap_or(0))
}

/// Random text of `blocks` times 22 characters.
pub(crate) fn random_text(blocks: usize) -> String {
    (0..blocks)
        .map(|_| BASE64_URL_SAFE_NO_PAD.encode(uuid::Uuid::new_v4().as_bytes()))
        .collect()
}

/// `sub` of a user: another for each app that the token is for (Entra doc "Access token
/// claims reference": pairwise).
pub(crate) fn pairwise_sub(tenant: &str, user: &str, audience_app: &str) -> String {
    let text = format!("{tenant}\n{user}\n{audience_app}");
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(hash)
}

/// `client_info`: the ids of the account at home, as MSAL reads them.
pub(crate) fn client_info(tenant: &Tenant, user: &User) -> String {
    let (uid, utid) = match &user.home {
        Some(home) => (home.oid.as_str(), home.tenant.as_str()),
        None => (user.object_id(), tenant.id.as_str()),
    };
    BASE64_URL_SAFE_NO_PAD.encode(json!({ "uid": uid, "utid": utid }).to_string())
}

/// `c_hash` (OpenID Connect Core, section 3.3.2.11): half of a SHA-256.
pub(crate) fn half_hash(text: &str) -> String {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    let half = hash.as_ref().get(..16).unwrap_or_default();
    BASE64_URL_SAFE_NO_PAD.encode(half)
}

/// The 16 bytes of a GUID in .NET order: the first three fields little-endian.
fn guid_bytes(id: &str) -> [u8; 16] {
    uuid::Uuid::try_parse(id).map_or([0; 16], |id| id.to_bytes_le())
}

/// `rh`: tenant and resource application, then a dot.
pub(crate) fn resource_handle(tenant: &str, app: &str) -> String {
    let bytes = [
        &[0x01, 0x74, 0x00],
        &guid_bytes(tenant)[..],
        &guid_bytes(app)[..],
        &[0x00],
    ];
    format!("1.{}.", BASE64_URL_SAFE_NO_PAD.encode(bytes.concat()))
}

/// `sub` of a blueprint's exchange token: the path of the agent identity that it is for.
pub(crate) fn exchange_subject(tenant: &str, blueprint: &str, agent: &str) -> String {
    let short = |id: &str| BASE64_URL_SAFE_NO_PAD.encode(guid_bytes(id));
    format!(
        "/eid1/c/pub/t/{}/a/{}/{agent}",
        short(tenant),
        short(blueprint)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_are_shortened_in_dotnet_order() {
        let tenant = "5369a35c-46a5-4677-8ff9-2e65587654e7";
        let blueprint = "85075aa5-1d73-42de-812a-95348218e4b2";
        let subject = exchange_subject(tenant, blueprint, "x");
        assert_eq!(
            subject,
            "/eid1/c/pub/t/XKNpU6VGd0aP-S5lWHZU5w/a/pVoHhXMd3kKBKpU0ghjksg/x"
        );
    }

    #[test]
    fn the_resource_handle_names_tenant_and_resource() {
        let handle = resource_handle(
            "5369a35c-46a5-4677-8ff9-2e65587654e7",
            crate::directory::GRAPH,
        );
        let inner = handle
            .strip_prefix("1.")
            .and_then(|h| h.strip_suffix('.'))
            .unwrap();
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(inner).unwrap();
        assert_eq!(
            bytes[3..19],
            guid_bytes("5369a35c-46a5-4677-8ff9-2e65587654e7")
        );
        assert_eq!(bytes[19..35], guid_bytes(crate::directory::GRAPH));
    }
}
