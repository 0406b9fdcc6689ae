//! Applications: clients, APIs, and apps that are both.

use std::fmt;

/// An application of a tenant: what its registration and its service principal say.
///
/// Adding an app with the same client id to a second tenant makes it a multi-tenant app.
///
/// ```
/// use entra_emulator::{App, TokenVersion};
///
/// let api = App::new("0a1b2c3d-0000-4000-8000-0000000000a1", "Orders API")
///     .identifier_uri("api://orders")
///     .token_version(TokenVersion::V2)
///     .scope("orders.read")
///     .secret("a demo secret");
/// assert_eq!(api.client_id(), "0a1b2c3d-0000-4000-8000-0000000000a1");
/// assert!(!format!("{api:?}").contains("a demo secret"));
/// ```
#[derive(Clone, Debug)]
pub struct App {
    client_id: String,
    name: String,
    object_id: Option<String>,
    kind: ClientKind,
    version: TokenVersion,
    secrets: Vec<Secret>,
    identifier_uris: Vec<String>,
    redirect_uris: Vec<String>,
    scopes: Vec<String>,
    roles: Vec<String>,
    optional_claims: Vec<OptionalClaim>,
}

/// The version of the access tokens made for an API: `requestedAccessTokenVersion` in
/// its registration (Entra doc "Access tokens").
///
/// The API decides, not the endpoint that the client calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenVersion {
    /// v1 tokens; what a registration that says nothing gets.
    #[default]
    V1,
    /// v2 tokens.
    V2,
}

/// A claim that an API's registration asks for on top of the usual ones
/// (Entra doc "Optional claims reference").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OptionalClaim {
    /// `idtyp`, which is `app` in app-only tokens and absent in users' tokens.
    Idtyp,
    /// `idtyp` in users' tokens too, as `user`.
    IdtypWithUser,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ClientKind {
    Confidential,
    Public,
}

#[derive(Clone)]
pub(crate) struct Secret {
    pub(crate) value: String,
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
            version: TokenVersion::default(),
            secrets: Vec::new(),
            identifier_uris: Vec::new(),
            redirect_uris: Vec::new(),
            scopes: Vec::new(),
            roles: Vec::new(),
            optional_claims: Vec::new(),
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

    /// Adds an application ID URI, compared character for character.
    #[must_use]
    pub fn identifier_uri(mut self, uri: impl Into<String>) -> Self {
        self.identifier_uris.push(uri.into());
        self
    }

    /// Sets the version of the access tokens made for this app as an API.
    #[must_use]
    pub fn token_version(mut self, version: TokenVersion) -> Self {
        self.version = version;
        self
    }

    /// Adds a delegated permission by its short name, for example `orders.read`.
    #[must_use]
    pub fn scope(mut self, name: impl Into<String>) -> Self {
        self.scopes.push(name.into());
        self
    }

    /// Adds an app role by its value, for example `Orders.Read.All`.
    #[must_use]
    pub fn role(mut self, value: impl Into<String>) -> Self {
        self.roles.push(value.into());
        self
    }

    /// Adds a redirect URI. For a public client a `http://localhost` or
    /// `http://127.0.0.1` one matches any port, as at Entra.
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uris.push(uri.into());
        self
    }

    /// Asks for an optional claim in the access tokens made for this app as an API.
    #[must_use]
    pub fn optional_claim(mut self, claim: OptionalClaim) -> Self {
        self.optional_claims.push(claim);
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
    pub fn access_token_version(&self) -> TokenVersion {
        self.version
    }

    /// Whether this is a public client.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.kind == ClientKind::Public
    }

    pub(crate) fn object_id(&self, tenant: &str) -> String {
        self.object_id.clone().unwrap_or_else(|| {
            super::id::derived_guid(&["service principal", tenant, &self.client_id])
        })
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

    pub(crate) fn redirect_uris(&self) -> &[String] {
        &self.redirect_uris
    }

    pub(crate) fn scopes(&self) -> &[String] {
        &self.scopes
    }

    pub(crate) fn roles(&self) -> &[String] {
        &self.roles
    }

    pub(crate) fn wants(&self, claim: OptionalClaim) -> bool {
        self.optional_claims.contains(&claim)
    }

    /// Whether `name` names this app as a resource: its client id or one of its URIs.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.client_id.eq_ignore_ascii_case(name) || self.identifier_uris.iter().any(|u| u == name)
    }
}
