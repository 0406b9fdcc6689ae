//! Settings in pieces: single members of a site's settings, a registration, a tool or a gateway's
//! policy, cut out of their documents or named in prose.

use serde_json::{Value, json};

use super::scan;

/// Ids of the calling application that stand beside each other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Caller {
    pub(crate) client: Option<String>,
    pub(crate) object: Option<String>,
}

/// What a gateway's policy lets in (`validate-jwt`, `validate-azure-ad-token`).
#[derive(Clone, Debug, Default)]
pub(crate) struct Policy {
    pub(crate) audiences: Vec<String>,
    pub(crate) applications: Vec<String>,
    pub(crate) tenant: Option<String>,
}

/// `authsettingsV2` as far as the text shows it.
pub(super) fn site(text: &str) -> Option<Value> {
    let audiences = list(text, "allowedAudiences");
    let applications = list(text, "allowedApplications");
    let principals = list(text, "allowedPrincipals").or_else(|| list(text, "\"identities\""));
    let issuer = one(text, "openIdIssuer");
    let action = one(text, "unauthenticatedClientAction");
    let named = scan::contains(text, "clientId of the site")
        || scan::contains(text, "site's clientId")
        || scan::contains(text, "site's client id");
    let known = audiences.is_some()
        || applications.is_some()
        || principals.is_some()
        || issuer.is_some()
        || action.is_some()
        || named;
    if !known {
        return None;
    }
    let client = [
        "site's clientId",
        "site's client id",
        "clientId of the site",
        "clientId",
    ]
    .iter()
    .find_map(|name| guid_near(text, name));
    Some(json!({
        "globalValidation": { "unauthenticatedClientAction": action },
        "identityProviders": { "azureActiveDirectory": {
            "registration": { "clientId": client, "openIdIssuer": issuer },
            "validation": {
                "allowedAudiences": audiences.unwrap_or_default(),
                "defaultAuthorizationPolicy": {
                    "allowedApplications": applications.unwrap_or_default(),
                    "allowedPrincipals": { "identities": principals.unwrap_or_default() },
                },
            },
        } },
    }))
}

/// A registration's names, with the redirect URIs of the platform Web.
pub(super) fn registration(text: &str) -> Option<Value> {
    let mut uris = [
        "identifierUris",
        "identifier URIs",
        "Application ID URI",
        "App ID URI",
    ]
    .iter()
    .find_map(|name| list(text, name))
    .unwrap_or_default();
    uris.retain(|uri| uri.contains("://"));
    // A command that asks for them, and its answer as plain text.
    if uris.is_empty()
        && let Some(rest) = scan::after(text, "identifierUris")
    {
        let answer = super::cut(rest, 400).split_whitespace();
        uris.extend(
            answer
                .map(|word| word.trim_matches(['"', '\'', ',', '[', ']']))
                .filter(|word| word.starts_with("api://"))
                .map(str::to_owned),
        );
    }
    let redirects = list(text, "redirectUris").unwrap_or_default();
    if uris.is_empty() && redirects.is_empty() {
        return None;
    }
    let id = ["Application (client) ID", "appId"]
        .iter()
        .find_map(|name| guid_near(text, name))
        .or_else(|| uris.iter().find_map(|uri| scan::guid(uri)));
    let version = one(text, "requestedAccessTokenVersion").and_then(|it| it.parse::<u64>().ok());
    let api = match version {
        Some(version) => json!({ "requestedAccessTokenVersion": version }),
        None => json!({}),
    };
    Some(json!({
        "appId": id.unwrap_or_default(),
        "identifierUris": uris,
        "api": api,
        "web": { "redirectUris": redirects },
    }))
}

/// A tool whose audience is shown or told.
pub(super) fn tool(text: &str) -> Option<Value> {
    let at = scan::find(text, "security_scheme")
        .or_else(|| scan::find(text, "audience in the tool"))
        .or_else(|| scan::find(text, "tool's audience"))
        .or_else(|| scan::find(text, "audience of the tool"))?;
    let rest = super::cut(text.get(at..)?, 300);
    let audience = one(rest, "audience")?;
    let plain = audience.contains("://") || scan::is_guid(&audience);
    plain.then(|| json!({
        "type": "openapi",
        "openapi": { "auth": { "type": "managed_identity", "security_scheme": { "audience": audience } } },
    }))
}

/// Application settings that decide who is let in.
pub(super) fn app_settings(text: &str) -> Option<Value> {
    const NAME: &str = "WEBSITE_AUTH_AAD_ALLOWED_TENANTS";
    let tenants = scan::guids(scan::after(text, NAME)?.split('\n').next()?);
    (!tenants.is_empty()).then(|| json!([{ "name": NAME, "value": tenants.join(",") }]))
}

/// Audiences that a validator is configured with.
pub(super) fn accepted(text: &str) -> Vec<String> {
    let names = [
        "ValidAudiences",
        "ValidAudience",
        "\"Audience\"",
        "AUDIENCE =",
        "AUDIENCE=",
        "audience=",
        "JWT_AUDIENCE",
        "API_AUDIENCE",
    ];
    let mut found: Vec<String> = names
        .iter()
        .filter(|name| text.contains(*name))
        .find_map(|name| list(text, name))
        .unwrap_or_default();
    let plain = |it: &String| {
        let uri = ["api://", "https://", "http://"]
            .iter()
            .any(|scheme| it.starts_with(scheme));
        (uri || scan::is_guid(it)) && !it.contains(' ')
    };
    found.retain(plain);
    found
}

/// The caller's ids, where a line or an object names both or calls them the agent's.
pub(super) fn caller(text: &str) -> Caller {
    let marks = [
        "agent",
        "caller",
        "sp show",
        "service principal",
        "managed identity",
    ];
    for line in text.lines() {
        let lower = line.to_ascii_lowercase();
        let after = |names: &[&str]| names.iter().find_map(|name| guid_near(line, name));
        let client = after(&[
            "appId:",
            "\"appId\"",
            "appId ",
            "appid=",
            "client id ",
            "client id:",
            "clientId ",
        ]);
        let object = after(&[
            "object id",
            "objectId",
            "oid=",
            "\"id\"",
            " id ",
            "principalId",
        ]);
        let about_caller = marks.iter().any(|mark| lower.contains(mark));
        let pair = client.is_some() && object.is_some() && client != object;
        if pair || client.is_some() && about_caller && !lower.contains("site") {
            return Caller { client, object };
        }
    }
    Caller::default()
}

/// The policy of a gateway, in its XML.
pub(super) fn policy(text: &str) -> Option<Policy> {
    let all = |name: &str| -> Vec<String> {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        text.split(&open)
            .skip(1)
            .filter_map(|rest| rest.split(&close).next())
            .map(|value| value.trim().to_owned())
            .collect()
    };
    let known = text.contains("<validate-azure-ad-token") || text.contains("<validate-jwt");
    known.then(|| Policy {
        audiences: all("audience"),
        applications: all("application-id"),
        tenant: scan::quoted_after(text, "tenant-id=").and_then(scan::guid),
    })
}

/// The values of a list, or the one value, after a name.
fn list(text: &str, name: &str) -> Option<Vec<String>> {
    let mut from = 0;
    while let Some(at) = scan::find_from(text, name, from) {
        from = at + name.len();
        let rest = text.get(from..)?;
        let bare = rest.trim_start_matches(['"', '\'', ' ', ':', '=', '\n', '\r', '`', '.']);
        let bare = bare.strip_prefix("of its registration: ").unwrap_or(bare);
        // `"allowedPrincipals": {"identities": [...]}`
        let bare = match bare.strip_prefix('{') {
            Some(inner) => inner
                .split_once(':')
                .map_or(bare, |(_, rest)| rest.trim_start()),
            None => bare,
        };
        if let Some(inner) = bare.strip_prefix('[') {
            let inner = inner.split(']').next()?;
            return Some(
                inner
                    .split(',')
                    .map(|it| it.trim().trim_matches(['"', '\'', '`']).to_owned())
                    .filter(|it| !it.is_empty())
                    .collect(),
            );
        }
        let word = word(rest);
        if word.contains("://") || scan::is_guid(&word) {
            return Some(vec![word]);
        }
    }
    None
}

/// The one value after a name: quoted, or a word.
fn one(text: &str, name: &str) -> Option<String> {
    let rest = scan::after(text, name)?;
    let word = word(rest);
    (!word.is_empty()).then_some(word)
}

fn word(rest: &str) -> String {
    let bare = rest.trim_start_matches(['"', '\'', ' ', ':', '=', '`']);
    let end = bare
        .find(|c: char| c.is_whitespace() || "\"'`,;{}[]()".contains(c))
        .unwrap_or(bare.len());
    bare.get(..end)
        .unwrap_or_default()
        .trim_end_matches('.')
        .to_owned()
}

/// The first GUID within some characters after a name, on its line.
fn guid_near(text: &str, name: &str) -> Option<String> {
    let rest = scan::after(text, name)?;
    let line = rest.split('\n').next()?;
    scan::guid(super::cut(line, 80))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "9402395c-d96e-4864-829c-24a046dc59cb";
    const OTHER: &str = "ce917c21-d816-4adf-ac2b-df589acf80cb";

    #[test]
    fn members_of_settings_are_read_without_their_document() {
        let text = format!(
            "allowedAudiences [\"api://{ID}\"], clientId {ID}; \"allowedApplications\": [\"{OTHER}\"]"
        );
        let site = site(&text).unwrap();
        let aad = &site["identityProviders"]["azureActiveDirectory"];
        assert_eq!(aad["registration"]["clientId"], ID);
        assert_eq!(
            aad["validation"]["allowedAudiences"][0],
            format!("api://{ID}")
        );
        let policy = &aad["validation"]["defaultAuthorizationPolicy"];
        assert_eq!(policy["allowedApplications"][0], OTHER);
        assert!(super::site(&format!("the client id is {ID}")).is_none());
    }

    #[test]
    fn registrations_tools_and_callers_are_read_from_prose() {
        let app = registration(&format!(
            "App registration: Application (client) ID {ID}, Application ID URI api://{ID}."
        ))
        .unwrap();
        assert_eq!(app["identifierUris"][0], format!("api://{ID}"));
        let shown =
            tool("\"security_scheme\": { \"audience\": \"https://x.azurewebsites.net\" }").unwrap();
        assert_eq!(
            shown["openapi"]["auth"]["security_scheme"]["audience"],
            "https://x.azurewebsites.net"
        );
        let both = caller(&format!("agent: appId {ID}, object id {OTHER}"));
        assert_eq!(
            (both.client.as_deref(), both.object.as_deref()),
            (Some(ID), Some(OTHER))
        );
        assert!(
            caller(&format!("\"appId\": \"{ID}\", \"identifierUris\": []"))
                .client
                .is_none()
        );
    }

    #[test]
    fn policies_of_gateways_are_read() {
        let text = format!(
            "<validate-azure-ad-token tenant-id=\"{OTHER}\"><audiences><audience>api://{ID}</audience></audiences></validate-azure-ad-token>"
        );
        let policy = policy(&text).unwrap();
        assert_eq!(policy.audiences, [format!("api://{ID}")]);
        assert_eq!(policy.tenant.as_deref(), Some(OTHER));
    }
}
