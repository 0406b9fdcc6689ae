//! Tokens: their claims and their signature.

pub(crate) mod access;
pub(crate) mod jwt;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::json;

/// Lifetime of a user's token that a test forges; issued ones live 60 to 90 minutes.
pub(crate) const USER_LIFETIME: i64 = 4499;
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

/// `client_info`: the account's ids, as MSAL reads them.
pub(crate) fn client_info(tenant: &str, user: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(json!({ "uid": user, "utid": tenant }).to_string())
}

/// `sub` of a blueprint's exchange token: the path of the agent identity that it is for.
pub(crate) fn exchange_subject(tenant: &str, blueprint: &str, agent: &str) -> String {
    let short = |id: &str| BASE64_URL_SAFE_NO_PAD.encode(id.replace('-', ""));
    format!(
        "/eid1/c/pub/t/{}/a/{}/{agent}",
        short(tenant),
        short(blueprint)
    )
}
