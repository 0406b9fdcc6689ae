//! Starting, steering and stopping an emulator.

use std::fmt;
use std::io;
use std::sync::Arc;

use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::{
    Directory, DirectoryError, EmulatorClock, Fault, Forge, Grant, Journal, Tenant, User,
    directory::{GrantKind, check_grant},
    http, keys,
    state::Shared,
};

/// A running local Entra ID: plain http on a loopback address, until it is dropped.
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
    shared: Arc<Shared>,
    /// Dropping it stops the server.
    stop: Option<oneshot::Sender<()>>,
    server: Option<JoinHandle<()>>,
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator")
            .field("base_url", &self.shared.base_url)
            .finish_non_exhaustive()
    }
}

/// Why an emulator did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The directory contradicts itself.
    #[error("the directory is not valid")]
    Directory(#[source] DirectoryError),
    /// The host is not a loopback host: the emulator is for this machine only.
    #[error("`{host}` is not a loopback host: use localhost, 127.0.0.1 or [::1]")]
    NotLoopback {
        /// The host given.
        host: String,
    },
    /// The address could not be bound.
    #[error("could not listen on {host} port {port}")]
    Bind {
        /// The host given.
        host: String,
        /// The port given; 0 means any.
        port: u16,
        /// The system's reason.
        source: io::Error,
    },
    /// The built-in test keys could not be read.
    #[error("the built-in test keys are refused by this platform's crypto library")]
    TestKeys,
}

/// Host and port of an emulator that is about to start.
#[derive(Debug)]
pub struct EmulatorBuilder {
    directory: Directory,
    host: String,
    port: u16,
}

impl EmulatorBuilder {
    /// Sets the host as URLs and issuers spell it: `localhost` (the default),
    /// `127.0.0.1` or `[::1]`.
    ///
    /// Clients compare issuers character for character: they must use the same spelling.
    #[must_use]
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = host.into();
        self
    }

    /// Sets the port; 0, the default, takes a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Binds and serves. Must be called within a Tokio runtime.
    ///
    /// # Errors
    ///
    /// A directory that contradicts itself, a host that is not loopback, or a port that
    /// is taken.
    pub async fn start(self) -> Result<Emulator, StartError> {
        self.directory.check().map_err(StartError::Directory)?;
        let address = match self.host.as_str() {
            "localhost" | "127.0.0.1" => "127.0.0.1",
            "[::1]" => "::1",
            _ => return Err(StartError::NotLoopback { host: self.host }),
        };
        let keys = keys::test_keys().ok_or(StartError::TestKeys)?;
        let bound = async {
            let listener = TcpListener::bind((address, self.port)).await?;
            let port = listener.local_addr()?.port();
            Ok((listener, port))
        };
        let (listener, port) = bound.await.map_err(|source| StartError::Bind {
            host: self.host.clone(),
            port: self.port,
            source,
        })?;
        let base_url = format!("http://{}:{port}", self.host);
        let shared = Arc::new(Shared::new(base_url, self.directory, keys));
        let router = http::router(Arc::clone(&shared));
        let (stop, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(async move {
            let until = async {
                let _ = stopped.await;
            };
            // Serving a listener has no error of its own: accept errors are retried.
            let _ = axum::serve(listener, router)
                .with_graceful_shutdown(until)
                .await;
        });
        Ok(Emulator {
            shared,
            stop: Some(stop),
            server: Some(server),
        })
    }
}

impl Emulator {
    /// Starts an emulator on a free port of `localhost`. Must be called within a Tokio
    /// runtime.
    ///
    /// # Errors
    ///
    /// A directory that contradicts itself, or no port to bind.
    pub async fn start(directory: Directory) -> Result<Self, StartError> {
        Self::builder(directory).start().await
    }

    /// An emulator whose host or port is to be chosen.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use entra_emulator::{Directory, Emulator, StartError};
    ///
    /// let emulator = Emulator::builder(Directory::demo()).host("127.0.0.1").port(0).start().await?;
    /// assert!(emulator.base_url().starts_with("http://127.0.0.1:"));
    ///
    /// let public = Emulator::builder(Directory::demo()).host("0.0.0.0").start().await;
    /// assert!(matches!(public, Err(StartError::NotLoopback { .. })));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn builder(directory: Directory) -> EmulatorBuilder {
        EmulatorBuilder {
            directory,
            host: "localhost".to_owned(),
            port: 0,
        }
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

    /// Gives a wrong answer to the next matching request.
    pub fn fail_next(&self, fault: Fault) {
        self.shared.faults.add(fault);
    }

    /// A copy of the directory as it is now.
    #[must_use]
    pub fn directory(&self) -> Directory {
        Directory::clone(&self.shared.directory())
    }

    /// Replaces the whole directory. Codes and refresh tokens stay, and answer for users
    /// and apps as they are when they are used.
    ///
    /// # Errors
    ///
    /// The directory contradicts itself; the old one stays.
    pub fn replace_directory(&self, directory: Directory) -> Result<(), DirectoryError> {
        directory.check()?;
        self.shared.change(|current| {
            *current = directory;
            Ok(())
        })
    }

    /// Adds consent, or an app role assignment, in a tenant (its id or domain).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use entra_emulator::{Directory, Emulator, Grant, demo};
    ///
    /// let emulator = Emulator::start(Directory::demo()).await?;
    /// let grant = Grant::delegated(demo::MCP_SERVER, demo::PAYROLL_API, [demo::PAYROLL_READ]);
    /// emulator.grant_consent(demo::TENANT, grant)?;
    /// emulator.revoke_consent(demo::TENANT, demo::MCP_SERVER, demo::PAYROLL_API)?;
    ///
    /// let nobody = Grant::delegated(demo::MCP_SERVER, demo::PAYROLL_API, ["no such scope"]);
    /// assert!(emulator.grant_consent(demo::TENANT, nobody).is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The tenant does not exist, or the grant names something that it does not have.
    pub fn grant_consent(&self, tenant: &str, grant: Grant) -> Result<(), DirectoryError> {
        self.change_tenant(tenant, |t| {
            check_grant(t, &grant)?;
            t.grants.push(grant);
            Ok(())
        })
    }

    /// Takes back all delegated consent of `client` for `resource` (client ids), of all
    /// users; app roles stay.
    ///
    /// Tokens that are out stay valid until they expire, as at Entra.
    ///
    /// # Errors
    ///
    /// The tenant does not exist.
    pub fn revoke_consent(
        &self,
        tenant: &str,
        client: &str,
        resource: &str,
    ) -> Result<(), DirectoryError> {
        self.change_tenant(tenant, |t| {
            t.grants.retain(|grant| match &grant.kind {
                GrantKind::Delegated { client: c, .. } => {
                    !(c.eq_ignore_ascii_case(client)
                        && grant.resource.eq_ignore_ascii_case(resource))
                }
                GrantKind::AppRoles { .. }
                | GrantKind::UserRoles { .. }
                | GrantKind::GroupRoles { .. } => true,
            });
            Ok(())
        })
    }

    /// Disables a user's account: no more tokens for it (AADSTS50057).
    ///
    /// # Errors
    ///
    /// The tenant or the user does not exist.
    pub fn disable_user(&self, tenant: &str, object_id: &str) -> Result<(), DirectoryError> {
        self.change_user(tenant, object_id, User::disabled)
    }

    /// Enables a user's account again.
    ///
    /// # Errors
    ///
    /// The tenant or the user does not exist.
    pub fn enable_user(&self, tenant: &str, object_id: &str) -> Result<(), DirectoryError> {
        self.change_user(tenant, object_id, User::enabled)
    }

    /// Signs with another key from now on, which no key set has shown before the third
    /// rotation. The key that signed until now stays published; one from before that goes.
    pub fn rotate_keys(&self) {
        self.shared.change_keys(keys::KeyRing::rotate);
    }

    /// Publishes only the key that signs now: tokens signed with an older one are of an
    /// unknown key from now on.
    pub fn drop_old_keys(&self) {
        self.shared.change_keys(keys::KeyRing::drop_old);
    }

    /// Stops and waits until the port is free. Dropping stops too, without waiting.
    pub async fn shutdown(mut self) {
        drop(self.stop.take());
        if let Some(server) = self.server.take() {
            let _ = server.await;
        }
    }

    fn change_tenant(
        &self,
        tenant: &str,
        change: impl FnOnce(&mut Tenant) -> Result<(), DirectoryError>,
    ) -> Result<(), DirectoryError> {
        self.shared
            .change(|directory| match directory.find_mut(tenant) {
                Some(tenant) => change(tenant),
                None => Err(DirectoryError::Unknown {
                    what: "tenant",
                    value: tenant.to_owned(),
                    tenant: tenant.to_owned(),
                }),
            })
    }

    fn change_user(
        &self,
        tenant: &str,
        object_id: &str,
        change: impl FnOnce(User) -> User,
    ) -> Result<(), DirectoryError> {
        self.change_tenant(tenant, |t| {
            let mut users = t.users.iter_mut();
            match users.find(|u| u.object_id().eq_ignore_ascii_case(object_id)) {
                Some(user) => *user = change(user.clone()),
                None => {
                    return Err(DirectoryError::Unknown {
                        what: "user",
                        value: object_id.to_owned(),
                        tenant: t.id.clone(),
                    });
                }
            }
            Ok(())
        })
    }
}
