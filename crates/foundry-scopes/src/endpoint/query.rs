//! The query: `api-version` is taken out, little else is known.

use super::path::checked_name;
use super::refusal::EndpointRefusal as Refusal;

/// What a query said.
#[derive(Default)]
pub(super) struct Query<'a> {
    pub(super) api_version: Option<&'a str>,
    pub(super) deployment: Option<&'a str>,
    /// Something known that does not belong into a base URL.
    pub(super) others: bool,
}

pub(super) fn read(query: Option<&str>) -> Result<Query<'_>, Refusal> {
    let mut found = Query::default();
    let Some(query) = query else {
        return Ok(found);
    };
    // A lone question mark says nothing, and is removed.
    found.others = query.is_empty();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        match key {
            "api-version" => {
                let clean = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
                if value.is_empty() || value.len() > 40 || !value.bytes().all(clean) {
                    return Err(Refusal::ApiVersion);
                }
                if found.api_version.replace(value).is_some() {
                    return Err(Refusal::ApiVersion);
                }
            }
            // The realtime API names its deployment here.
            "deployment" => {
                found.deployment = Some(checked_name(value)?);
                found.others = true;
            }
            "agent_session_id" => found.others = true,
            "limit" if value.bytes().all(|b| b.is_ascii_digit()) => found.others = true,
            _ => return Err(Refusal::Query),
        }
    }
    Ok(found)
}
