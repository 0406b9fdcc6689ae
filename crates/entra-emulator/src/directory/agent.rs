//! Entra Agent ID in registrations: blueprints, agent identities, single-instance agents, local
//! agents, and clients with a client ID metadata document.

use serde::{Deserialize, Serialize};

use super::{App, id};

/// What an app is in Entra Agent ID.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum AgentPart {
    /// An ordinary app.
    #[default]
    None,
    /// A blueprint: it has the credentials of its agent identities.
    Blueprint,
    /// An agent identity, with its blueprint's client id.
    Identity {
        #[serde(deserialize_with = "id::lower")]
        blueprint: String,
    },
    /// An agent identity that shares its client id with its blueprint, credentials included.
    SingleInstance,
    /// A public client that is registered as an agent identity: it signs users in.
    Local,
}

impl AgentPart {
    /// Whether tokens of this client have the agent facet.
    pub(crate) fn is_agent(&self) -> bool {
        matches!(
            self,
            Self::Identity { .. } | Self::SingleInstance | Self::Local
        )
    }
}

impl App {
    /// Makes it an agent identity blueprint (Entra Agent ID): it holds the credentials of
    /// its agent identities. For itself it gets tokens for `api://AzureADTokenExchange` and
    /// Microsoft Graph only.
    #[must_use]
    pub fn blueprint(mut self) -> Self {
        self.agent = AgentPart::Blueprint;
        self
    }

    /// Lets the agent identities of this blueprint inherit what the blueprint itself was granted at
    /// a resource (its client id): delegated permissions for all users, and roles
    /// (`inheritablePermissions` with `allAllowedScopes` and `allAllowedRoles`).
    #[must_use]
    pub fn inheritable(mut self, resource: impl AsRef<str>) -> Self {
        self.inheritable.push(Inheritable {
            resource: resource.as_ref().to_ascii_lowercase(),
            scopes: Inherited::AllAllowed,
            roles: Inherited::AllAllowed,
        });
        self
    }

    /// Makes it an agent identity of a blueprint (its client id). It has no credential of
    /// its own.
    #[must_use]
    pub fn agent_identity_of(mut self, blueprint: impl AsRef<str>) -> Self {
        self.agent = AgentPart::Identity {
            blueprint: blueprint.as_ref().to_ascii_lowercase(),
        };
        self
    }

    /// Makes it a single-instance agent: one client id is the blueprint's and the agent
    /// identity's. It uses its own credential and the ordinary grants, without `fmi_path`.
    #[must_use]
    pub fn single_instance_agent(mut self) -> Self {
        self.agent = AgentPart::SingleInstance;
        self
    }

    /// Makes it a local agent: a public client that is registered as an agent identity, and signs
    /// users in with a code and PKCE.
    #[must_use]
    pub fn local_agent(mut self) -> Self {
        self.agent = AgentPart::Local;
        self.public()
    }

    /// Makes it the agent identity of a client whose id is the URL of its metadata document
    /// (`https`, compared character for character). Requests name the URL, tokens the client id.
    #[must_use]
    pub fn client_metadata_url(mut self, url: impl Into<String>) -> Self {
        self.metadata_url = Some(url.into());
        self.local_agent()
    }
}

/// What agent identities inherit of their blueprint at one resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Inheritable {
    #[serde(deserialize_with = "id::lower")]
    pub(crate) resource: String,
    #[serde(default)]
    pub(crate) scopes: Inherited,
    #[serde(default)]
    pub(crate) roles: Inherited,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Inherited {
    /// Nothing (`noScopes`, `noRoles`).
    #[default]
    None,
    /// What the blueprint was granted (`allAllowedScopes`, `allAllowedRoles`).
    AllAllowed,
}
