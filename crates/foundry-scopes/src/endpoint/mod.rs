//! Endpoints that a bearer token may be sent to, parsed from pasted text.

mod accept;
mod agent;
mod classify;
mod client;
mod error;
mod hosts;
mod kind;
mod note;
mod pasted;
mod path;
mod raw;
mod reader;
mod shape;

use std::fmt;

use crate::catalogue::Resource;
use crate::cloud::Cloud;
use crate::id::ClientId;
use crate::scope::Scope;

pub use accept::{Acceptance, AcceptedAudience};
pub use agent::{AgentAuthorization, NotAnAgent};
pub use client::{Client, ClientAddress};
pub use error::{EndpointError, EndpointReason};
pub use kind::{AgentProtocol, EndpointKind};
pub use note::{Note, NoteCode};
pub use reader::EndpointReader;

/// An endpoint that a bearer token may be sent to: what it is, the token to ask for, and
/// what was changed of the text that was given.
///
/// This is a security boundary, since the result decides where a token goes:
///
/// 1. The bytes are checked before any URL parser can repair them: no blanks, controls,
///    backslashes, user names, ports, encoded hosts, dot segments or fragments.
/// 2. Only `https` (and `wss` where the service documents it) and one of the hosts in the
///    table of the configured cloud, by whole labels.
/// 3. A host whose audience cannot be known (a gateway, a custom app, a regional host
///    that takes keys only) is refused with the reason, and no audience is invented.
/// 4. The host of a URL is never changed, but for its case and a `privatelink` label.
/// 5. What holds an address without being one (a line of settings of a known SDK, a
///    connection string, a resource id, a link of the Foundry portal) has a grammar of its
///    own; the address in it passes the same checks, and notes say what was done.
/// 6. Custom domains, gateways and apps only by [`EndpointReader::allow_custom_host`].
///
/// Deployment caveat: a proxy or DNS entry of your own can still send a good name to a bad
/// place; TLS is what holds that.
///
/// ```
/// use foundry_scopes::{Endpoint, EndpointKind, NoteCode};
///
/// let endpoint = Endpoint::parse(
///     "https://contoso.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21",
/// )?;
/// assert_eq!(endpoint.kind(), EndpointKind::AzureOpenAi);
/// assert_eq!(endpoint.base_url(), "https://contoso.openai.azure.com/");
/// assert_eq!(endpoint.scope().as_str(), "https://cognitiveservices.azure.com/.default");
/// assert_eq!(endpoint.deployment(), Some("gpt-4o"));
/// assert_eq!(endpoint.api_version(), Some("2024-10-21"));
/// let codes: Vec<_> = endpoint.notes().iter().map(|note| note.code()).collect();
/// assert_eq!(codes, [NoteCode::PathRemoved, NoteCode::ApiVersionRemoved]);
///
/// assert!(Endpoint::parse("https://contoso.openai.azure.com@evil.example/").is_err());
/// # Ok::<(), foundry_scopes::EndpointError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    kind: EndpointKind,
    cloud: Cloud,
    base_url: String,
    scope: Scope,
    catalogued: Option<&'static Resource>,
    resource: Option<String>,
    region: Option<String>,
    project: Option<String>,
    item: Option<String>,
    blueprint: Option<ClientId>,
    protocol: Option<AgentProtocol>,
    deployment: Option<String>,
    api_version: Option<String>,
    notes: Vec<Note>,
}

impl Endpoint {
    /// The kind of endpoint.
    #[must_use]
    pub fn kind(&self) -> EndpointKind {
        self.kind
    }

    /// The cloud that it belongs to.
    #[must_use]
    pub fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    /// The normalized address: reading it again gives the same kind, address and scope.
    ///
    /// See [`Endpoint::for_client`] for the form that a client library wants.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// `https://` and the host, without a slash at the end.
    #[must_use]
    pub fn origin(&self) -> String {
        ["https://", self.host()].concat()
    }

    /// The scope to request for it.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The resource, account, service or vault in the host.
    #[must_use]
    pub fn resource(&self) -> Option<&str> {
        self.resource.as_deref()
    }

    /// The region in the host, where it has one.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// The Foundry project.
    #[must_use]
    pub fn project(&self) -> Option<&str> {
        self.project.as_deref()
    }

    /// The agent of a [`EndpointKind::FoundryAgent`].
    #[must_use]
    pub fn agent(&self) -> Option<&str> {
        self.item_of(EndpointKind::FoundryAgent)
    }

    /// The application of a [`EndpointKind::FoundryApplication`].
    #[must_use]
    pub fn application(&self) -> Option<&str> {
        self.item_of(EndpointKind::FoundryApplication)
    }

    /// The toolbox of a [`EndpointKind::FoundryToolbox`].
    #[must_use]
    pub fn toolbox(&self) -> Option<&str> {
        self.item_of(EndpointKind::FoundryToolbox)
    }

    /// The protocol that an agent or application is addressed with.
    #[must_use]
    pub fn protocol(&self) -> Option<AgentProtocol> {
        self.protocol
    }

    /// The model deployment that the given text named.
    #[must_use]
    pub fn deployment(&self) -> Option<&str> {
        self.deployment.as_deref()
    }

    /// The `api-version` that the given text named.
    #[must_use]
    pub fn api_version(&self) -> Option<&str> {
        self.api_version.as_deref()
    }

    /// Everything that was changed or looks wrong, in the order of the text.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    fn host(&self) -> &str {
        let (_, rest) = self.base_url.split_once("://").unwrap_or_default();
        rest.split('/').next().unwrap_or_default()
    }

    fn item_of(&self, kind: EndpointKind) -> Option<&str> {
        self.item.as_deref().filter(|_| self.kind == kind)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base_url)
    }
}
