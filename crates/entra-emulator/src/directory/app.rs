//! Applications: clients, APIs, and apps that are both.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    AgentPart, AppCertificate, ConsentKind, FederatedCredential,
    agent::Inheritable,
    claims::{GroupClaims, OptionalClaim},
    credential::TrustedSubject,
    id,
    managed::ManagedIdentity,
    permission::{PreAuthorized, Required},
    platform::{IdTokens, SpaPlatform},
};

/// An application of a tenant: what its registration and its service principal say.
///
/// Adding an app with the same client id to a second tenant makes it a multi-tenant app.
///
/// ```
/// use entra_emulator::{App, RequestedTokenVersion};
///
/// let api = App::new("0a1b2c3d-0000-4000-8000-0000000000a1", "Orders API")
///     .identifier_uri("api://orders")
///     .token_version(RequestedTokenVersion::V2)
///     .scope("orders.read")
///     .secret("a demo secret");
/// assert_eq!(api.client_id(), "0a1b2c3d-0000-4000-8000-0000000000a1");
/// assert!(!format!("{api:?}").contains("a demo secret"));
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    #[serde(deserialize_with = "id::lower")]
    pub(crate) client_id: String,
    #[serde(rename = "display_name")]
    pub(crate) name: String,
    #[serde(
        default,
        rename = "service_principal",
        skip_serializing_if = "Option::is_none",
        deserialize_with = "id::lower_maybe"
    )]
    pub(crate) object_id: Option<String>,
    #[serde(default)]
    pub(crate) kind: ClientKind,
    #[serde(default)]
    pub(crate) state: AppState,
    #[serde(default, rename = "token_version")]
    pub(crate) version: RequestedTokenVersion,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) secrets: Vec<Secret>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) certificates: Vec<AppCertificate>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) trusted_subjects: Vec<TrustedSubject>,
    #[serde(
        default,
        rename = "federated_credentials",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub(crate) federated: Vec<FederatedCredential>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) identifier_uris: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) redirect_uris: Vec<String>,
    #[serde(default, skip_serializing_if = "SpaPlatform::is_empty")]
    pub(crate) spa: SpaPlatform,
    /// Where it is told that a person signed out (front-channel logout).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) logout_url: Option<String>,
    /// Whether the authorization endpoint gives ID tokens (`enableIdTokenIssuance`).
    #[serde(default)]
    pub(crate) id_tokens: IdTokens,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) scopes: Vec<String>,
    /// Scopes to which only administrators consent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) admin_scopes: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) roles: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) pre_authorized: Vec<PreAuthorized>,
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "id::lower_each"
    )]
    pub(crate) known_clients: Vec<String>,
    /// `requiredResourceAccess`; nothing declared means nothing is held against it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) required: Vec<Required>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) optional_claims: Vec<OptionalClaim>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) id_token_claims: Vec<OptionalClaim>,
    /// Claims of its own in the access tokens made for it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) custom_claims: BTreeMap<String, Value>,
    #[serde(default)]
    pub(crate) group_claims: GroupClaims,
    #[serde(default)]
    pub(crate) assignment: Assignment,
    #[serde(default)]
    pub(crate) owner: Owner,
    #[serde(default)]
    pub(crate) agent: AgentPart,
    /// What a blueprint's agent identities inherit of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) inheritable: Vec<Inheritable>,
    /// The URL of the client's metadata document, which requests name in place of its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) metadata_url: Option<String>,
    #[serde(
        default,
        rename = "managed_identity",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) managed: Option<ManagedIdentity>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) token_lifetime: Option<i64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AppState {
    #[default]
    Enabled,
    Disabled,
    /// A registration without a service principal in the tenant.
    WithoutPrincipal,
}

/// Whether users and apps must be assigned to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Assignment {
    #[default]
    Optional,
    Required,
}

/// Whose resource it is: only Microsoft's own can enrol in Continuous Access Evaluation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Owner {
    #[default]
    Customer,
    Microsoft,
}

/// The version of the access tokens made for an API: `requestedAccessTokenVersion` in
/// its registration (Entra doc "Access tokens").
///
/// The API decides, not the endpoint that the client calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum RequestedTokenVersion {
    /// v1 tokens; what a registration that says nothing gets.
    #[default]
    V1,
    /// v2 tokens.
    V2,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ClientKind {
    #[default]
    Confidential,
    Public,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Secret {
    pub(crate) value: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<i64>,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl App {
    /// A confidential app with v1 tokens and nothing else yet. `client_id` is a GUID.
    pub fn new(client_id: impl AsRef<str>, name: impl Into<String>) -> Self {
        Self {
            client_id: client_id.as_ref().to_ascii_lowercase(),
            name: name.into(),
            object_id: None,
            kind: ClientKind::Confidential,
            state: AppState::Enabled,
            version: RequestedTokenVersion::default(),
            secrets: Vec::new(),
            certificates: Vec::new(),
            trusted_subjects: Vec::new(),
            federated: Vec::new(),
            identifier_uris: Vec::new(),
            redirect_uris: Vec::new(),
            spa: SpaPlatform::default(),
            logout_url: None,
            id_tokens: IdTokens::Off,
            scopes: Vec::new(),
            admin_scopes: Vec::new(),
            roles: Vec::new(),
            pre_authorized: Vec::new(),
            known_clients: Vec::new(),
            required: Vec::new(),
            optional_claims: Vec::new(),
            id_token_claims: Vec::new(),
            custom_claims: BTreeMap::new(),
            group_claims: GroupClaims::None,
            assignment: Assignment::Optional,
            owner: Owner::Customer,
            agent: AgentPart::None,
            inheritable: Vec::new(),
            metadata_url: None,
            managed: None,
            token_lifetime: None,
        }
    }

    /// Makes it a public client: it has no credential and must not send one.
    #[must_use]
    pub fn public(mut self) -> Self {
        self.kind = ClientKind::Public;
        self
    }

    /// Adds a client secret that does not expire.
    #[must_use]
    pub fn secret(mut self, value: impl Into<String>) -> Self {
        self.secrets.push(Secret {
            value: value.into(),
            expires_at: None,
        });
        self
    }

    /// Adds a client secret that expires at a Unix time of the emulator's clock.
    #[must_use]
    pub fn secret_until(mut self, value: impl Into<String>, expires_at_unix: i64) -> Self {
        self.secrets.push(Secret {
            value: value.into(),
            expires_at: Some(expires_at_unix),
        });
        self
    }

    /// Disables it: it gets no token and none is issued for it (AADSTS7000112).
    #[must_use]
    pub fn disabled(mut self) -> Self {
        self.state = AppState::Disabled;
        self
    }

    /// Registers a certificate; client assertions name it by its thumbprint.
    #[must_use]
    pub fn certificate(mut self, certificate: AppCertificate) -> Self {
        self.certificates.push(certificate);
        self
    }

    /// Trusts every certificate with this subject name (common name or DNS name) that
    /// `authority` signed, sent as `x5c`: subject name and issuer authentication.
    #[must_use]
    pub fn trusted_subject(mut self, name: impl Into<String>, authority: AppCertificate) -> Self {
        let name = name.into();
        self.trusted_subjects
            .push(TrustedSubject { name, authority });
        self
    }

    /// Adds a federated identity credential.
    #[must_use]
    pub fn federated_credential(mut self, credential: FederatedCredential) -> Self {
        self.federated.push(credential);
        self
    }

    /// Adds an application ID URI, compared character for character.
    #[must_use]
    pub fn identifier_uri(mut self, uri: impl Into<String>) -> Self {
        self.identifier_uris.push(uri.into());
        self
    }

    /// Sets the version of the access tokens made for this app as an API.
    #[must_use]
    pub fn token_version(mut self, version: RequestedTokenVersion) -> Self {
        self.version = version;
        self
    }

    /// Adds a delegated permission by its short name, for example `orders.read`.
    #[must_use]
    pub fn scope(mut self, name: impl Into<String>) -> Self {
        self.scopes.push(name.into());
        self
    }

    /// Adds a delegated permission with who may consent to it.
    #[must_use]
    pub fn scope_for(mut self, name: impl Into<String>, consent: ConsentKind) -> Self {
        let name = name.into();
        if consent == ConsentKind::Admin {
            self.admin_scopes.push(name.clone());
        }
        self.scopes.push(name);
        self
    }

    /// Lets a client (its client id) have these scopes of this API without consent
    /// (`preAuthorizedApplications`).
    #[must_use]
    pub fn pre_authorize<S: Into<String>>(
        mut self,
        client: impl AsRef<str>,
        scopes: impl IntoIterator<Item = S>,
    ) -> Self {
        self.pre_authorized.push(PreAuthorized {
            client: client.as_ref().to_ascii_lowercase(),
            scopes: scopes.into_iter().map(Into::into).collect(),
        });
        self
    }

    /// Names a client whose users consent to what this API itself needs in the same step
    /// (`knownClientApplications`).
    #[must_use]
    pub fn known_client(mut self, client: impl AsRef<str>) -> Self {
        self.known_clients
            .push(client.as_ref().to_ascii_lowercase());
        self
    }

    /// Declares that it needs these scopes of a resource (its client id)
    /// (`requiredResourceAccess`). Once anything is declared, `/.default` of a resource
    /// that is not answers AADSTS650057.
    #[must_use]
    pub fn requires<S: Into<String>>(
        mut self,
        resource: impl AsRef<str>,
        scopes: impl IntoIterator<Item = S>,
    ) -> Self {
        self.required.push(Required {
            resource: resource.as_ref().to_ascii_lowercase(),
            scopes: scopes.into_iter().map(Into::into).collect(),
        });
        self
    }

    /// Demands that users and apps are assigned: others get AADSTS50105 and AADSTS501051.
    #[must_use]
    pub fn assignment_required(mut self) -> Self {
        self.assignment = Assignment::Required;
        self
    }

    /// Flags it as a resource of Microsoft's own: capable clients get long-lived tokens
    /// for it (Continuous Access Evaluation), in which a custom API cannot enrol.
    #[must_use]
    pub fn microsoft_resource(mut self) -> Self {
        self.owner = Owner::Microsoft;
        self
    }

    /// Pins the lifetime of access tokens made for it, in seconds.
    #[must_use]
    pub fn token_lifetime(mut self, seconds: u32) -> Self {
        self.token_lifetime = Some(i64::from(seconds));
        self
    }

    /// Adds an app role by its value, for example `Orders.Read.All`.
    #[must_use]
    pub fn role(mut self, value: impl Into<String>) -> Self {
        self.roles.push(value.into());
        self
    }

    /// Sets the object id of the service principal; otherwise it is derived from the
    /// tenant and the client id.
    #[must_use]
    pub fn service_principal(mut self, object_id: impl AsRef<str>) -> Self {
        self.object_id = Some(object_id.as_ref().to_ascii_lowercase());
        self
    }

    /// The client id, in lower case.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The display name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version of the access tokens made for this app as an API.
    #[must_use]
    pub fn access_token_version(&self) -> RequestedTokenVersion {
        self.version
    }

    /// Whether this is a public client.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.kind == ClientKind::Public
    }

    pub(crate) fn object_id(&self, tenant: &str) -> String {
        if let (None, AgentPart::Identity { .. }) = (&self.object_id, &self.agent) {
            // An agent identity's two ids are one.
            return self.client_id.clone();
        }
        self.object_id
            .clone()
            .unwrap_or_else(|| id::derived_guid(&["service principal", tenant, &self.client_id]))
    }

    pub(crate) fn own_object_id(&self) -> Option<&str> {
        self.object_id.as_deref()
    }

    pub(crate) fn secrets(&self) -> &[Secret] {
        &self.secrets
    }

    pub(crate) fn identifier_uris(&self) -> &[String] {
        &self.identifier_uris
    }

    pub(crate) fn scopes(&self) -> &[String] {
        &self.scopes
    }

    pub(crate) fn roles(&self) -> &[String] {
        &self.roles
    }

    /// Whether `name` names this app as a resource: its client id or one of its URIs.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.client_id.eq_ignore_ascii_case(name) || self.identifier_uris.iter().any(|u| u == name)
    }
}
