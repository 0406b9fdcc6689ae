//! The one token that a text is about: the access token first, else decoded claims.

use super::token::{self, FoundToken, Place};
use super::{claims, json};

/// The one token of a text that should be a token: as pasted, in JSON, folded, decoded.
pub(crate) fn one(text: &str) -> Option<FoundToken> {
    let tokens = token::find(text);
    let access = tokens
        .iter()
        .position(|token| matches!(token.place, Place::AccessToken | Place::Authorization));
    if let Some(token) = tokens.into_iter().nth(access.unwrap_or(0)) {
        return Some(token);
    }
    let values = json::find(text);
    let claims = values.iter().find(|found| claims::is_claims(&found.value));
    claims
        .map(|found| claims::from_claims(&found.value, found.start, found.end))
        .or_else(|| claims::from_lines(text, &values))
}
