//! What is chosen before an emulator starts.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::{net::TcpListener, sync::watch};

use super::state_file::{self, Begun};
use super::{address::Address, error::StartError, remote, running::Emulator};
use crate::directory::Directory;
use crate::http::{self, EchoApi};
use crate::identity::IdentityService;
use crate::keys::{self, KeyRing};
use crate::serve::{self, LocalTls};
use crate::state::{Shared, Start};

/// What is chosen before an emulator starts: host, port, http or https.
#[derive(Debug)]
pub struct EmulatorBuilder {
    directory: Directory,
    host: String,
    port: u16,
    listen: Option<IpAddr>,
    reach: Reach,
    scheme: Scheme,
    echo: EchoApi,
    arc: Option<PathBuf>,
    state: Option<PathBuf>,
    control_token: Option<String>,
    control_token_file: Option<PathBuf>,
    managed_identities: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Loopback,
    Anywhere,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
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

    /// An emulator whose host, port or scheme is to be chosen.
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
        EmulatorBuilder::new(directory)
    }
}

impl EmulatorBuilder {
    fn new(directory: Directory) -> Self {
        Self {
            directory,
            host: "localhost".to_owned(),
            port: 0,
            listen: None,
            reach: Reach::Loopback,
            scheme: Scheme::Http,
            echo: EchoApi::Off,
            arc: None,
            state: None,
            control_token: None,
            control_token_file: None,
            managed_identities: false,
        }
    }

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

    /// Serves https, with a certificate of an authority made for this emulator alone.
    ///
    /// Microsoft's own clients demand https. They have to trust
    /// [`Emulator::ca_certificate_pem`], which is worth nothing beyond the emulator's own
    /// names and dies with it.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use entra_emulator::{Directory, Emulator, demo};
    ///
    /// let emulator = Emulator::builder(Directory::demo()).tls().start().await?;
    /// let ca = emulator.ca_certificate_pem().ok_or("this one has a certificate")?;
    /// let http = reqwest::Client::builder()
    ///     .tls_certs_only([reqwest::Certificate::from_pem(ca.as_bytes())?])
    ///     .build()?;
    /// let url = format!("{}/v2.0/.well-known/openid-configuration", emulator.authority(demo::TENANT));
    /// assert!(url.starts_with("https://localhost:"));
    /// assert!(http.get(url).send().await?.status().is_success());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn tls(mut self) -> Self {
        self.scheme = Scheme::Https;
        self
    }

    /// Sets the address to bind; otherwise it follows from the host.
    #[must_use]
    pub fn listen(mut self, address: IpAddr) -> Self {
        self.listen = Some(address);
        self
    }

    /// Allows hosts and addresses that are not loopback, for containers and networks
    /// between test machines.
    ///
    /// What other machines reach is served with https only, with keys of its own and not with
    /// the demo directory; who steers it needs [`Emulator::control_token`], who signs in on its
    /// pages [`Emulator::sign_in_password`]; the endpoints of managed identities are off.
    #[must_use]
    pub fn allow_remote(mut self) -> Self {
        self.reach = Reach::Anywhere;
        self
    }

    /// Sets the token that who steers must have, at least 32 characters; otherwise it is random.
    /// On loopback there is none unless it is set.
    #[must_use]
    pub fn control_token(mut self, token: impl Into<String>) -> Self {
        self.control_token = Some(token.into());
        self
    }

    /// Reads the control token from a file; one that is not there is written with a new token, for
    /// its owner alone.
    #[must_use]
    pub fn control_token_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.control_token_file = Some(file.into());
        self
    }

    /// Serves the endpoints of managed identities to other machines too: whoever reaches the port
    /// gets their tokens.
    #[must_use]
    pub fn remote_managed_identities(mut self) -> Self {
        self.managed_identities = true;
        self
    }

    /// Keeps keys, directory and refresh tokens in a file that its owner alone can read, so that
    /// the next emulator with this file goes on where this one stopped. The keys are made for
    /// it. A file that is there has the directory, whatever [`Emulator::builder`] was given.
    #[must_use]
    pub fn state_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.state = Some(file.into());
        self
    }

    /// Serves a downstream API for each registered app too, at [`Emulator::echo_url`]: it
    /// validates the bearer token of a request and answers with what it read in it.
    ///
    /// Checked are the signature by a published key, issuer and tenant, audience (client id
    /// or identifier URI of that app), `exp` and `nbf` by the emulator's clock, and that it is
    /// an access token with scopes or roles. The answer is JSON: 200 with `api`, `kind`
    /// (`user` or `app`), `who`, `client`, `scopes`, `roles` and `claims`; 401 with a
    /// `reason`, and the challenge of RFC 6750 in `WWW-Authenticate`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use entra_emulator::{Directory, Emulator, demo};
    ///
    /// let emulator = Emulator::builder(Directory::demo()).echo_api().start().await?;
    /// let token = emulator
    ///     .forge()
    ///     .user_token(demo::TENANT, demo::ALICE, demo::MCP_SERVER, demo::ORDERS_API, &[demo::ORDERS_READ])?
    ///     .sign()?;
    /// let request = reqwest::Client::new().get(emulator.echo_url(demo::ORDERS_API));
    /// let answer: serde_json::Value = request.bearer_auth(token).send().await?.json().await?;
    /// assert_eq!(answer["who"]["oid"], demo::ALICE);
    /// assert_eq!(answer["scopes"][0], demo::ORDERS_READ);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn echo_api(mut self) -> Self {
        self.echo = EchoApi::On;
        self
    }

    /// Connects the machine to Azure Arc: [`Emulator::arc_endpoint`] answers, with challenge
    /// files in this directory. Clients read them below `/var/opt/azcmagent/tokens` alone.
    #[must_use]
    pub fn arc_tokens(mut self, directory: impl Into<PathBuf>) -> Self {
        self.arc = Some(directory.into());
        self
    }

    /// Binds and serves. Must be called within a Tokio runtime.
    ///
    /// # Errors
    ///
    /// A directory that contradicts itself, a host that is not loopback, or a port that
    /// is taken.
    pub async fn start(self) -> Result<Emulator, StartError> {
        let failed = |file: &PathBuf| {
            let file = file.clone();
            move |source| StartError::State { file, source }
        };
        let mut begun = match &self.state {
            Some(file) => Some(state_file::begin(file.clone()).map_err(failed(file))?),
            None => None,
        };
        let kept = begun.as_mut().and_then(|begun| begun.directory.take());
        let directory = kept.unwrap_or(self.directory);
        directory.check().map_err(StartError::Directory)?;
        let Address { bind, host } =
            Address::choose(self.host, self.listen, self.reach == Reach::Anywhere)?;
        let beyond = !bind.is_loopback();
        if beyond {
            remote::check(self.scheme == Scheme::Https, &directory)?;
        }
        let keys = match &mut begun {
            Some(begun) => Some(begun.ring.clone()),
            None if beyond => keys::generate()
                .and_then(|pairs| keys::keys_of(&pairs))
                .map(KeyRing::new),
            None => keys::test_keys().map(KeyRing::new),
        };
        let keys = keys.ok_or(StartError::TestKeys)?;
        let token = remote::token(self.control_token, self.control_token_file.as_deref())?;
        let remote = remote::guards(beyond, token, self.managed_identities)?;
        let (scheme, tls) = match self.scheme {
            Scheme::Http => ("http", None),
            Scheme::Https => match LocalTls::generate(&host) {
                Ok(tls) => ("https", Some(Arc::new(tls))),
                Err(source) => return Err(StartError::Tls { host, source }),
            },
        };
        let bound = async {
            let listener = TcpListener::bind((bind, self.port)).await?;
            let port = listener.local_addr()?.port();
            Ok((listener, port))
        };
        let (listener, port) = bound.await.map_err(|source| StartError::Bind {
            host: host.clone(),
            port: self.port,
            source,
        })?;
        let base_url = format!("{scheme}://{host}:{port}");
        let shared = Arc::new(Shared::new(Start {
            base_url,
            directory,
            keys,
            identity: IdentityService::new(self.arc),
            remote,
        }));
        let router = http::router(Arc::clone(&shared), self.echo);
        let (stop, stopped) = watch::channel(());
        let keeper = match begun {
            Some(Begun {
                file,
                refresh_tokens,
                ..
            }) => {
                shared.refresh_tokens.restore(refresh_tokens);
                if let Some(path) = &self.state {
                    file.write(&shared).map_err(failed(path))?;
                }
                Some(file.keep(Arc::clone(&shared), stopped.clone()))
            }
            None => None,
        };
        let server = tokio::spawn(serve::run(listener, router, tls.clone(), stopped));
        Ok(Emulator::new(shared, tls, stop, server, keeper))
    }
}
