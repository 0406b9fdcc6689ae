//! A running emulator: where it is, and how it stops.

use std::fmt;
use std::sync::Arc;

use tokio::{sync::watch, task::JoinHandle};

use crate::clock::EmulatorClock;
use crate::environment::{EnvironmentError, EnvironmentFor, SdkEnvironment};
use crate::forge::Forge;
use crate::journal::Journal;
use crate::serve::LocalTls;
use crate::state::Shared;

/// A running local Entra ID on a loopback address, until it is dropped.
///
/// Any number can run in one process; they share nothing.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use entra_emulator::{Directory, Emulator};
///
/// let one = Emulator::start(Directory::demo()).await?;
/// let two = Emulator::start(Directory::demo()).await?;
/// assert_ne!(one.base_url(), two.base_url());
/// assert!(one.base_url().starts_with("http://localhost:"));
/// # Ok(())
/// # }
/// ```
pub struct Emulator {
    pub(super) shared: Arc<Shared>,
    tls: Option<Arc<LocalTls>>,
    /// Dropping it stops the server.
    stop: watch::Sender<()>,
    server: JoinHandle<()>,
    /// Keeps the state file.
    keeper: Option<JoinHandle<()>>,
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator")
            .field("base_url", &self.shared.base_url)
            .finish_non_exhaustive()
    }
}

impl Emulator {
    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Scheme, host and port, without a trailing slash: the authority's base URL.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.shared.base_url
    }

    /// The authority of a tenant, for configuration: `{base_url}/{tenant}`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use entra_emulator::{Directory, Emulator, demo};
    ///
    /// let emulator = Emulator::start(Directory::demo()).await?;
    /// let authority = emulator.authority(demo::TENANT);
    /// assert_eq!(authority, format!("{}/{}", emulator.base_url(), demo::TENANT));
    /// assert!(emulator.token_endpoint(demo::TENANT).starts_with(&authority));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn authority(&self, tenant: &str) -> String {
        format!("{}/{tenant}", self.shared.base_url)
    }

    /// The token endpoint of a tenant.
    #[must_use]
    pub fn token_endpoint(&self, tenant: &str) -> String {
        format!("{}/{tenant}/oauth2/v2.0/token", self.shared.base_url)
    }

    /// The authorization endpoint of a tenant.
    #[must_use]
    pub fn authorization_endpoint(&self, tenant: &str) -> String {
        format!("{}/{tenant}/oauth2/v2.0/authorize", self.shared.base_url)
    }

    /// The echo API of an app, if [`EmulatorBuilder::echo_api`](crate::EmulatorBuilder::echo_api) switched it on.
    #[must_use]
    pub fn echo_url(&self, client_id: &str) -> String {
        format!("{}/echo/{client_id}", self.shared.base_url)
    }

    /// Base URL of the instance metadata service, always plain http:
    /// `AZURE_POD_IDENTITY_AUTHORITY_HOST` for clients that read it.
    #[must_use]
    pub fn metadata_base_url(&self) -> String {
        self.shared.metadata_base()
    }

    /// `IDENTITY_ENDPOINT` as App Service sets it.
    #[must_use]
    pub fn identity_endpoint(&self) -> String {
        format!("{}/msi/token", self.shared.metadata_base())
    }

    /// `IDENTITY_ENDPOINT` as Azure Arc sets it, beside `IMDS_ENDPOINT`, if
    /// [`EmulatorBuilder::arc_tokens`](crate::EmulatorBuilder::arc_tokens) connected the machine.
    #[must_use]
    pub fn arc_endpoint(&self) -> String {
        format!(
            "{}/arc/metadata/identity/oauth2/token",
            self.shared.metadata_base()
        )
    }

    /// `IDENTITY_HEADER` as App Service sets it: the value that `X-IDENTITY-HEADER` must have.
    #[must_use]
    pub fn identity_header(&self) -> &str {
        &self.shared.identity.header
    }

    /// The certificate (PEM) that clients have to trust, if the emulator serves https.
    #[must_use]
    pub fn ca_certificate_pem(&self) -> Option<&str> {
        self.tls.as_deref().map(LocalTls::ca_pem)
    }

    /// The emulator's time.
    #[must_use]
    pub fn clock(&self) -> &EmulatorClock {
        &self.shared.clock
    }

    /// The requests so far.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.shared.journal
    }

    /// Makes tokens of any shape, hostile ones too.
    #[must_use]
    pub fn forge(&self) -> Forge {
        Forge::new(Arc::clone(&self.shared))
    }

    /// What points a client library at this emulator.
    ///
    /// # Errors
    ///
    /// There is no such tenant or app.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use entra_emulator::{Directory, Emulator, EnvironmentFor, SdkFamily, demo};
    ///
    /// let emulator = Emulator::builder(Directory::demo()).tls().start().await?;
    /// let wanted = EnvironmentFor::new(SdkFamily::AzureIdentityNode).ca_file("/tmp/ca.pem");
    /// let environment = emulator.environment(&wanted)?;
    /// assert_eq!(environment.get("AZURE_AUTHORITY_HOST"), Some(emulator.base_url()));
    /// assert!(environment.to_string().contains("NODE_EXTRA_CA_CERTS=/tmp/ca.pem\n"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn environment(&self, wanted: &EnvironmentFor) -> Result<SdkEnvironment, EnvironmentError> {
        self.shared().environment(wanted)
    }

    /// Stops and waits until the port is free. Dropping stops too, without waiting.
    pub async fn shutdown(self) {
        drop(self.stop);
        let _ = self.server.await;
        if let Some(keeper) = self.keeper {
            let _ = keeper.await;
        }
    }

    /// What who steers must send as `Authorization: Bearer`, if other machines reach it or a token
    /// was set.
    #[must_use]
    pub fn control_token(&self) -> Option<&str> {
        let remote = self.shared.remote.as_ref()?;
        Some(&remote.control_token)
    }

    /// The password that the sign-in pages ask for, if other machines reach them.
    #[must_use]
    pub fn sign_in_password(&self) -> Option<&str> {
        self.shared.password()
    }

    pub(super) fn new(
        shared: Arc<Shared>,
        tls: Option<Arc<LocalTls>>,
        stop: watch::Sender<()>,
        server: JoinHandle<()>,
        keeper: Option<JoinHandle<()>>,
    ) -> Self {
        Self {
            shared,
            tls,
            stop,
            server,
            keeper,
        }
    }
}
