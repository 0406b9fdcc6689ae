//! Authentication of App Service and Functions sites (App Service doc "Configure your app
//! to use Microsoft Entra sign-in"): `authsettingsV2` and the classic settings.

use serde_json::Value;

use super::json::{at, flag, member, text, texts};

#[derive(Clone, Default)]
pub(crate) struct Site {
    pub(crate) on: bool,
    pub(crate) anonymous: bool,
    pub(crate) redirects: bool,
    pub(crate) excluded_paths: usize,
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) audiences: Vec<String>,
    pub(crate) applications: Vec<String>,
    pub(crate) principals: Vec<String>,
    pub(crate) login_parameters: Vec<String>,
    /// Only some settings are known: what is absent may be there.
    pub(crate) partial: bool,
}

impl Site {
    pub(super) fn read(value: &Value) -> Option<Self> {
        let settings = member(value, "properties").unwrap_or(value);
        match at(settings, &["identityProviders"]) {
            Some(providers) => Some(Self::v2(settings, providers)),
            // The part of the provider alone, as `az webapp auth microsoft show` prints it.
            None if at(settings, &["registration", "clientId"]).is_some() => {
                let providers = serde_json::json!({ "azureActiveDirectory": settings });
                Some(Self::v2(&Value::Null, &providers))
            }
            None if member(settings, "unauthenticatedClientAction").is_some()
                || (member(settings, "allowedAudiences").is_some()
                    && member(settings, "clientId").is_some()) =>
            {
                Some(Self::classic(settings))
            }
            None => None,
        }
    }

    fn v2(settings: &Value, providers: &Value) -> Self {
        let aad = member(providers, "azureActiveDirectory").unwrap_or(&Value::Null);
        let action = text(
            settings,
            &["globalValidation", "unauthenticatedClientAction"],
        )
        .unwrap_or_default();
        let required =
            flag(settings, &["globalValidation", "requireAuthentication"]).unwrap_or(true);
        let policy = ["validation", "defaultAuthorizationPolicy"];
        let below = |path: &[&str]| {
            at(aad, &policy)
                .map(|value| texts(value, path))
                .unwrap_or_default()
        };
        Self {
            on: flag(settings, &["platform", "enabled"]).unwrap_or(true),
            anonymous: !required || action.eq_ignore_ascii_case("AllowAnonymous"),
            redirects: action.eq_ignore_ascii_case("RedirectToLoginPage"),
            excluded_paths: texts(settings, &["globalValidation", "excludedPaths"]).len(),
            issuer: text(aad, &["registration", "openIdIssuer"]).unwrap_or_default(),
            client_id: text(aad, &["registration", "clientId"])
                .unwrap_or_default()
                .to_ascii_lowercase(),
            audiences: texts(aad, &["validation", "allowedAudiences"]),
            applications: below(&["allowedApplications"]),
            principals: below(&["allowedPrincipals", "identities"]),
            login_parameters: texts(aad, &["login", "loginParameters"]),
            partial: false,
        }
    }

    fn classic(settings: &Value) -> Self {
        let action = text(settings, &["unauthenticatedClientAction"]).unwrap_or_default();
        Self {
            on: flag(settings, &["enabled"]).unwrap_or(true),
            anonymous: action.eq_ignore_ascii_case("AllowAnonymous"),
            redirects: action.eq_ignore_ascii_case("RedirectToLoginPage"),
            issuer: text(settings, &["issuer"]).unwrap_or_default(),
            client_id: text(settings, &["clientId"])
                .unwrap_or_default()
                .to_ascii_lowercase(),
            audiences: texts(settings, &["allowedAudiences"]),
            login_parameters: texts(settings, &["additionalLoginParams"]),
            ..Self::default()
        }
    }

    /// Whether the sign-in's access token is for an API of one's own.
    pub(crate) fn asks_for_an_api(&self) -> bool {
        let mut asked = self.login_parameters.iter();
        asked.any(|parameter| parameter.contains("api://"))
    }

    /// The client id is always allowed; the others are compared without a slash at the end.
    pub(crate) fn allows(&self, audience: &str) -> bool {
        let same =
            |allowed: &String| allowed.trim_end_matches('/') == audience.trim_end_matches('/');
        audience.eq_ignore_ascii_case(&self.client_id) || self.audiences.iter().any(same)
    }
}

/// Application settings, of which only the names and a few harmless values are kept.
#[derive(Clone, Default)]
pub(crate) struct AppSettings {
    pub(crate) names: Vec<String>,
    pub(crate) allowed_tenants: Vec<String>,
}

impl AppSettings {
    pub(super) fn read(value: &Value) -> Option<Self> {
        let mut found = Self::default();
        for entry in value.as_array()? {
            let name = text(entry, &["name"])?;
            entry.get("value")?;
            if name == "WEBSITE_AUTH_AAD_ALLOWED_TENANTS" {
                let tenants = text(entry, &["value"]).unwrap_or_default();
                found.allowed_tenants = tenants
                    .split(',')
                    .map(|tenant| tenant.trim().to_ascii_lowercase())
                    .collect();
            }
            found.names.push(name);
        }
        (!found.names.is_empty()).then_some(found)
    }
}
