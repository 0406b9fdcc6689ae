//! What to change when the audience is another one: the commonest refusal of all.

use super::Validator;

/// Audiences of Microsoft's own APIs, with what to call them.
const KNOWN: &[(&str, &str)] = &[
    ("https://graph.microsoft.com", "Microsoft Graph"),
    ("00000003-0000-0000-c000-000000000000", "Microsoft Graph"),
    ("https://management.azure.com", "Azure Resource Manager"),
    (
        "https://management.core.windows.net",
        "Azure Resource Manager",
    ),
    ("https://cognitiveservices.azure.com", "Azure AI services"),
    ("https://ai.azure.com", "Microsoft Foundry"),
    (
        "fb60f99c-7a34-4190-8149-302f77469936",
        "the token exchange (a credential)",
    ),
];

pub(super) fn audience(policy: &Validator, aud: &str, ver: Option<&str>) -> String {
    let bare = aud.strip_suffix('/').unwrap_or(aud);
    if let Some((_, name)) = KNOWN.iter().find(|(known, _)| *known == bare) {
        return format!("this is a token for {name}: request {}", scope(policy));
    }
    let almost = policy
        .audiences
        .as_slice()
        .iter()
        .map(foundry_scopes::Audience::as_str)
        .any(|own| own.trim_end_matches('/').eq_ignore_ascii_case(bare));
    if almost {
        return "only case or a trailing slash differs: add this spelling to the accepted audiences".to_owned();
    }
    let version = match ver {
        Some("1.0") => {
            "; a v1 token carries the identifier that was asked for: accept it, or set \
             requestedAccessTokenVersion to 2 in the API's manifest"
        }
        _ => "; a v2 token carries the client id of the API",
    };
    format!("request {}{version}", scope(policy))
}

/// A scope of this API, as far as the configuration shows it.
fn scope(policy: &Validator) -> String {
    let uri = policy
        .audiences
        .as_slice()
        .iter()
        .map(foundry_scopes::Audience::as_str)
        .find(|audience| audience.contains(':'));
    format!("{}/<scope>", uri.unwrap_or("api://<client id>"))
}
