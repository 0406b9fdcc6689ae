//! Ids of what the set-up made in a tenant.

use serde::{Deserialize, Serialize};

/// What the kit knows of a tenant. It is read from a JSON file that stays where it is: the report
/// has none of it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_debug_implementations, reason = "it holds a secret and ids")]
pub struct Settings {
    /// `https://login.microsoftonline.com`, another cloud's, or a local Entra ID.
    pub authority: String,
    /// The tenant id.
    pub tenant: String,
    /// A public client with the redirect URI `http://localhost/callback`.
    pub client: String,
    /// An API with a secret and two delegated permissions, both consented to for the client; its
    /// own redirect URI is `http://localhost/callback` too.
    pub api: String,
    /// Its application ID URI.
    pub api_uri: String,
    /// Its secret.
    pub api_secret: String,
    /// The permission that is asked for.
    pub read: String,
    /// The permission that is consented to and not asked for.
    pub write: String,
    /// A scope of another API that the API has consent for.
    pub downstream: String,
    /// An authentication context that the tenant declares and no policy targets.
    #[serde(default)]
    pub declared_context: Option<String>,
    /// An agent identity, with a redirect URI of its blueprint.
    #[serde(default)]
    pub agent: Option<String>,
    /// That redirect URI.
    #[serde(default)]
    pub agent_redirect: Option<String>,
    /// The agent identity's blueprint.
    #[serde(default)]
    pub blueprint: Option<String>,
    /// A secret of the blueprint.
    #[serde(default)]
    pub blueprint_secret: Option<String>,
    /// Whether the person who signs in is a guest.
    #[serde(default)]
    pub guest: bool,
}

impl Settings {
    /// `{authority}/{tenant}`.
    pub(super) fn base(&self) -> String {
        format!("{}/{}", self.authority.trim_end_matches('/'), self.tenant)
    }

    /// A permission of the API as a client asks for it.
    pub(super) fn scope(&self, name: &str) -> String {
        format!("{}/{name}", self.api_uri)
    }

    /// What no report may show.
    pub(super) fn secrets(&self) -> Vec<String> {
        let mut all = vec![
            self.tenant.clone(),
            self.client.clone(),
            self.api.clone(),
            self.api_uri.clone(),
            self.api_secret.clone(),
        ];
        all.extend(self.agent.clone());
        all.extend(self.blueprint.clone());
        all.extend(self.blueprint_secret.clone());
        all
    }
}
