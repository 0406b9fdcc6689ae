//! Builder of a managed identity.

use std::sync::Arc;

use entra_claims::Clock;
use entra_claims::transport::{HttpClient, HttpTransport};
use foundry_scopes::Cloud;

use super::arc;
use super::detect::{Found, at_arc, detect};
use super::identity::{Inner, Local, ManagedIdentity};
use super::source::{IMDS, IdentitySelector, Source};
use crate::cache::CacheLimits;
use crate::client::ExchangeClient;
use crate::credential::{ClientCredential, TokenFile};
use crate::engine::Engine;
use crate::error::ExchangeError;
use crate::overrides::Surroundings;
use crate::secret::Secret;
use crate::throttle::ThrottleScope;

/// Sets up a [`ManagedIdentity`].
#[derive(Debug)]
#[must_use]
pub struct ManagedIdentityBuilder {
    wanted: Wanted,
    selector: IdentitySelector,
    cloud: Cloud,
    surroundings: Surroundings,
}

#[derive(Debug)]
enum Wanted {
    Environment,
    This(Source),
    /// The agent of Azure Arc at this endpoint.
    Arc(String),
}

impl ManagedIdentity {
    /// The one that the variables of the environment name.
    pub fn from_environment() -> ManagedIdentityBuilder {
        ManagedIdentityBuilder::from_environment()
    }

    /// The metadata service of a virtual machine.
    pub fn imds() -> ManagedIdentityBuilder {
        ManagedIdentityBuilder::imds()
    }

    /// The endpoint of App Service, Functions or Container Apps, with the values of
    /// `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`.
    pub fn app_service(
        endpoint: impl Into<String>,
        header: impl Into<String>,
    ) -> ManagedIdentityBuilder {
        ManagedIdentityBuilder::app_service(endpoint.into(), header.into())
    }

    /// The agent of a machine that Azure Arc connects, with the value of `IDENTITY_ENDPOINT`.
    ///
    /// The agent names a file, and its content is the proof that the caller may have a token. It
    /// is read only directly below `/var/opt/azcmagent/tokens` (Windows:
    /// `%ProgramData%\AzureConnectedMachineAgent\Tokens`), if it ends in `.key`, is a regular file
    /// of at most 4,096 bytes, and the endpoint is a loopback address.
    pub fn azure_arc(endpoint: impl Into<String>) -> ManagedIdentityBuilder {
        ManagedIdentityBuilder::azure_arc(endpoint.into())
    }
}

impl ManagedIdentityBuilder {
    pub(super) fn from_environment() -> Self {
        Self::new(Wanted::Environment)
    }

    pub(super) fn imds() -> Self {
        let base = IMDS.to_owned();
        Self::new(Wanted::This(Source::Imds { base }))
    }

    pub(super) fn app_service(endpoint: String, header: String) -> Self {
        let header = Secret::new(header);
        Self::new(Wanted::This(Source::AppService { endpoint, header }))
    }

    pub(super) fn azure_arc(endpoint: String) -> Self {
        Self::new(Wanted::Arc(endpoint))
    }

    #[cfg(test)]
    pub(super) fn arc_with_keys_in(endpoint: String, keys: std::path::PathBuf) -> Self {
        Self::new(Wanted::This(Source::Arc { endpoint, keys }))
    }

    fn new(wanted: Wanted) -> Self {
        Self {
            wanted,
            selector: IdentitySelector::default(),
            cloud: Cloud::public(),
            surroundings: Surroundings::default(),
        }
    }

    /// Which identity of the machine; the only one by default. A workload identity is named
    /// by `AZURE_CLIENT_ID` instead.
    pub fn identity(mut self, selector: IdentitySelector) -> Self {
        self.selector = selector;
        self
    }

    /// The cloud that a workload identity's token is traded in; the public one by default.
    /// The endpoints on a machine know theirs.
    pub fn cloud(mut self, cloud: Cloud) -> Self {
        self.cloud = cloud;
        self
    }

    /// Sends requests through this transport instead of the built-in client. It must not
    /// follow redirects and use no proxy: the endpoints are on the machine.
    pub fn transport(mut self, transport: Arc<dyn HttpTransport>) -> Self {
        self.surroundings.transport = Some(transport);
        self
    }

    /// Takes the time from this clock.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.surroundings.clock = Some(clock);
        self
    }

    /// Makes the handle. Nothing is asked yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): variables of the environment that contradict each
    /// other or name a platform that is not supported.
    pub fn build(self) -> Result<ManagedIdentity, ExchangeError> {
        let source = match self.wanted {
            Wanted::This(source) => source,
            Wanted::Arc(endpoint) => at_arc(endpoint)?,
            Wanted::Environment => match from_here(&self.cloud)? {
                Found::Endpoint(source) => source,
                Found::Workload {
                    authority,
                    client,
                    file,
                } => {
                    let file = Arc::new(TokenFile::new(file));
                    let credential = ClientCredential::federated(file);
                    let client = ExchangeClient::builder(authority, client, credential)
                        .surroundings(self.surroundings)
                        .build()?;
                    return Ok(ManagedIdentity::new(Inner::Workload(client)));
                }
            },
        };
        if matches!(source, Source::Arc { .. }) && self.selector != IdentitySelector::Only {
            return Err(ExchangeError::configuration(
                "a machine of Azure Arc has one identity: name none",
            ));
        }
        let limits = CacheLimits::default()
            .with_entries(256)
            .with_bytes(8 * 1024 * 1024);
        let clock = self.surroundings.clock();
        Ok(ManagedIdentity::new(Inner::Local(Arc::new(Local {
            source,
            selector: self.selector,
            transport: self
                .surroundings
                .transport(HttpClient::for_managed_identity)?,
            engine: Arc::new(Engine::new(limits, ThrottleScope::User, clock, None)),
        }))))
    }
}

/// What the environment of this process and this machine name.
fn from_here(cloud: &Cloud) -> Result<Found, ExchangeError> {
    let agent = cfg!(target_os = "linux") && std::path::Path::new(arc::AGENT).exists();
    detect(|name| std::env::var(name).ok(), cloud, agent)
}
