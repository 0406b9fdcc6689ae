//! Configuration of Static Web Apps (`staticwebapp.config.json`): routes with their roles, and
//! the registration that its sign-in uses.

use serde_json::Value;

use super::json::{at, list, member, text, texts};

#[derive(Clone, Default)]
pub(crate) struct StaticSite {
    pub(crate) routes: Vec<Route>,
    pub(crate) issuer: String,
    /// What stands where the names of settings belong.
    pub(crate) client_id_setting: String,
    pub(crate) secret_setting: String,
    /// A function that gives users their roles.
    pub(crate) roles_source: bool,
}

#[derive(Clone)]
pub(crate) struct Route {
    pub(crate) path: String,
    pub(crate) roles: Vec<String>,
    pub(crate) methods: Vec<String>,
}

impl StaticSite {
    pub(super) fn read(value: &Value) -> Option<Self> {
        let aad = at(
            value,
            &["auth", "identityProviders", "azureActiveDirectory"],
        );
        let routed = member(value, "routes").is_some_and(Value::is_array)
            && list(value, &["routes"]).any(|route| member(route, "route").is_some());
        let known = aad.is_some()
            || routed
            || member(value, "navigationFallback").is_some()
            || member(value, "responseOverrides").is_some();
        if !known {
            return None;
        }
        let registration = |name: &str| {
            aad.and_then(|aad| text(aad, &["registration", name]))
                .unwrap_or_default()
        };
        Some(Self {
            routes: list(value, &["routes"]).filter_map(route).collect(),
            issuer: registration("openIdIssuer"),
            client_id_setting: registration("clientIdSettingName"),
            secret_setting: registration("clientSecretSettingName"),
            roles_source: at(value, &["auth", "rolesSource"]).is_some(),
        })
    }

    /// The first route that fits a path, as the site's router takes it.
    pub(crate) fn route_of(&self, path: &str) -> Option<&Route> {
        let bare = path.split(['?', '#']).next().unwrap_or(path);
        self.routes.iter().find(|route| {
            let wanted = route.path.to_ascii_lowercase();
            match wanted.split_once('*') {
                Some((before, after)) => {
                    bare.starts_with(before)
                        && (after.is_empty() || after.contains('{') || bare.ends_with(after))
                }
                None => bare.trim_end_matches('/') == wanted.trim_end_matches('/'),
            }
        })
    }
}

fn route(value: &Value) -> Option<Route> {
    Some(Route {
        path: text(value, &["route"])?,
        roles: texts(value, &["allowedRoles"]),
        methods: texts(value, &["methods"]),
    })
}
