//! The manifest of an app registration (Entra docs "Understand the app manifest", in
//! Microsoft Graph's format and in the older one).

use serde_json::Value;

use super::json::{flag, list, member, number, text, texts};

#[derive(Clone)]
pub(crate) struct Registration {
    pub(crate) app_id: String,
    /// Whether the file is in the format before Microsoft Graph's.
    pub(crate) older_format: bool,
    pub(crate) identifier_uris: Vec<String>,
    /// `null`, absent and 1 mean version 1.
    pub(crate) token_version: u64,
    pub(crate) sign_in_audience: String,
    pub(crate) scopes: Vec<ExposedScope>,
    pub(crate) app_roles: usize,
    pub(crate) optional_claims: Vec<String>,
    pub(crate) pre_authorized: Vec<PreAuthorized>,
    pub(crate) accept_mapped_claims: bool,
    pub(crate) web_redirects: Vec<String>,
    pub(crate) spa_redirects: Vec<String>,
    pub(crate) public_redirects: Vec<String>,
    /// Only some members are known: what is absent may be there.
    pub(crate) partial: bool,
}

#[derive(Clone)]
pub(crate) struct ExposedScope {
    pub(crate) id: String,
    pub(crate) value: String,
    pub(crate) enabled: bool,
}

#[derive(Clone)]
pub(crate) struct PreAuthorized {
    pub(crate) client: String,
    pub(crate) permissions: Vec<String>,
}

impl Registration {
    /// What a query of `az ad app` left under names of its own: a client id beside `api://` URIs.
    pub(super) fn read_renamed(value: &Value) -> Option<Self> {
        let members = value.as_object().filter(|members| members.len() <= 4)?;
        let id = members.values().find_map(|it| {
            let text = it.as_str()?;
            crate::reading::scan::is_guid(text).then(|| text.to_ascii_lowercase())
        })?;
        let uris: Vec<String> = members
            .values()
            .flat_map(|it| match it {
                Value::Array(list) => list.iter().take(64).collect(),
                other => vec![other],
            })
            .filter_map(Value::as_str)
            .filter(|it| it.starts_with("api://"))
            .map(str::to_owned)
            .collect();
        let lists = members.values().any(|it| {
            it.as_array().is_some_and(|list| {
                list.iter()
                    .any(|uri| uri.as_str().is_some_and(|uri| uri.starts_with("api://")))
            })
        });
        if uris.is_empty() || !lists {
            return None;
        }
        let named = serde_json::json!({ "appId": id, "identifierUris": uris });
        let found = Self::read(&named)?;
        Some(Self {
            partial: true,
            ..found
        })
    }

    pub(super) fn read(value: &Value) -> Option<Self> {
        let app_id = text(value, &["appId"])?;
        let graph = member(value, "api");
        let older = [
            "accessTokenAcceptedVersion",
            "oauth2Permissions",
            "oauth2AllowImplicitFlow",
            "replyUrlsWithType",
        ]
        .iter()
        .any(|name| value.get(name).is_some());
        if value.get("identifierUris").is_none() && graph.is_none() && !older {
            return None;
        }
        let api = graph.unwrap_or(value);
        let (version, scopes) = if graph.is_some() {
            ("requestedAccessTokenVersion", "oauth2PermissionScopes")
        } else {
            ("accessTokenAcceptedVersion", "oauth2Permissions")
        };
        Some(Self {
            app_id: app_id.to_ascii_lowercase(),
            older_format: graph.is_none() && older,
            identifier_uris: texts(value, &["identifierUris"]),
            token_version: number(api, &[version]).unwrap_or(1),
            sign_in_audience: text(value, &["signInAudience"]).unwrap_or_default(),
            scopes: list(api, &[scopes]).map(scope).collect(),
            app_roles: list(value, &["appRoles"]).count(),
            optional_claims: list(value, &["optionalClaims", "accessToken"])
                .filter_map(|claim| text(claim, &["name"]))
                .collect(),
            pre_authorized: list(api, &["preAuthorizedApplications"])
                .map(pre_authorized)
                .collect(),
            accept_mapped_claims: flag(api, &["acceptMappedClaims"]).unwrap_or(false),
            web_redirects: redirects(value, "web", "Web"),
            spa_redirects: redirects(value, "spa", "Spa"),
            public_redirects: redirects(value, "publicClient", "InstalledClient"),
            partial: false,
        })
    }

    /// Whether the registration is called this, a slash at the end more or less.
    pub(crate) fn is_called(&self, audience: &str) -> bool {
        let by_id = audience.eq_ignore_ascii_case(&self.app_id);
        by_id
            || self
                .identifier_uris
                .iter()
                .any(|uri| uri.trim_end_matches('/') == audience.trim_end_matches('/'))
    }
}

/// Redirect URIs of a platform, in Graph's format and in the older one.
fn redirects(value: &Value, platform: &str, older: &str) -> Vec<String> {
    let mut found = texts(value, &[platform, "redirectUris"]);
    let typed = list(value, &["replyUrlsWithType"])
        .filter(|entry| text(entry, &["type"]).is_some_and(|kind| kind == older))
        .filter_map(|entry| text(entry, &["url"]));
    found.extend(typed);
    found
}

fn scope(value: &Value) -> ExposedScope {
    ExposedScope {
        id: text(value, &["id"]).unwrap_or_default(),
        value: text(value, &["value"]).unwrap_or_default(),
        enabled: flag(value, &["isEnabled"]).unwrap_or(true),
    }
}

fn pre_authorized(value: &Value) -> PreAuthorized {
    let mut permissions = texts(value, &["delegatedPermissionIds"]);
    permissions.extend(texts(value, &["permissionIds"]));
    PreAuthorized {
        client: text(value, &["appId"])
            .unwrap_or_default()
            .to_ascii_lowercase(),
        permissions,
    }
}
