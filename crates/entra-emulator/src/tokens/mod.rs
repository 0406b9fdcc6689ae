//! Tokens: their claims and their signature.

mod access;
mod id_token;
pub(crate) mod jwt;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::json;

pub(crate) use access::{AccessToken, Credential, issuer_v1, issuer_v2};
pub(crate) use id_token::id_token_claims;

/// `expires_in` of a user's token; Entra picks 60 to 90 minutes.
pub(crate) const USER_LIFETIME: i64 = 4499;
/// `expires_in` of an app-only token.
pub(crate) const APP_LIFETIME: i64 = 3599;

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
