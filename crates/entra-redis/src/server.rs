//! The server that is asked: one by its address, the primary that Sentinels name, or a cluster.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::{
    AsyncConnectionConfig, Cmd, ConnectionAddr, ErrorKind, IntoConnectionInfo as _, Pipeline,
    RedisConnectionInfo, RedisError, RedisFuture, RedisResult, TlsCertificates, Value,
};
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::address::{Address, Node, Topology};
use crate::login::{Provider, RedisCredentials, RedisLogin};
use crate::tls::Authorities;

/// No answer counts later. The tier above waits less.
pub(crate) const ANSWER: Duration = Duration::from_millis(250);

/// For a connection with its TLS handshake and its login.
pub(crate) const CONNECT: Duration = Duration::from_secs(2);

/// Times that a cluster's client follows a slot that moved.
const REDIRECTIONS: u32 = 3;

/// Where the server is and how to log in there.
pub(crate) struct Servers {
    pub(crate) address: Address,
    pub(crate) login: Option<Arc<dyn RedisLogin>>,
    tls: Option<Tls>,
}

struct Tls {
    connector: TlsConnector,
    authorities: Authorities,
}

/// A connection; clones share it.
#[derive(Clone)]
pub(crate) enum Connection {
    One(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl Servers {
    pub(crate) fn new(
        address: Address,
        login: Option<Arc<dyn RedisLogin>>,
        authorities: Option<Authorities>,
    ) -> Result<Self, String> {
        let tls = match authorities {
            Some(authorities) => Some(Tls {
                connector: authorities.connector()?,
                authorities,
            }),
            None => None,
        };
        Ok(Self {
            address,
            login,
            tls,
        })
    }

    pub(crate) async fn connect(&self) -> RedisResult<Connection> {
        let timed_out = |_| RedisError::from((ErrorKind::Io, "no connection in time"));
        tokio::time::timeout(CONNECT, self.connect_now())
            .await
            .map_err(timed_out)?
    }

    async fn connect_now(&self) -> RedisResult<Connection> {
        match &self.address.topology {
            Topology::Cluster => self.cluster().await.map(Connection::Cluster),
            Topology::Single => {
                let node = self
                    .address
                    .nodes
                    .first()
                    .ok_or((ErrorKind::InvalidClientConfig, "no host"))?;
                self.open(node, self.settings().await?)
                    .await
                    .map(Connection::One)
            }
            Topology::Sentinel(service) => self.primary(service).await.map(Connection::One),
        }
    }

    async fn settings(&self) -> RedisResult<RedisConnectionInfo> {
        let settings = RedisConnectionInfo::default()
            .set_db(self.address.database)
            .set_skip_set_lib_name();
        Ok(match &self.login {
            Some(login) => {
                let failed = |reason| {
                    RedisError::from((ErrorKind::AuthenticationFailed, "no credentials", reason))
                };
                let credentials: RedisCredentials = login.credentials().await.map_err(failed)?;
                settings
                    .set_username(credentials.user())
                    .set_password(&*credentials.password)
            }
            None => settings,
        })
    }

    /// The primary that one of the Sentinels names, and that says itself that it is one.
    async fn primary(&self, service: &str) -> RedisResult<MultiplexedConnection> {
        let address = &self.address;
        let mut last = RedisError::from((ErrorKind::InvalidClientConfig, "no Sentinel"));
        for sentinel in &address.nodes {
            let mut settings = RedisConnectionInfo::default().set_skip_set_lib_name();
            if let Some(password) = &address.sentinel_password {
                let user = address.sentinel_username.as_deref().unwrap_or("default");
                settings = settings.set_username(user).set_password(&**password);
            }
            match self.named_by(sentinel, settings, service).await {
                Ok(connection) => return Ok(connection),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    async fn named_by(
        &self,
        sentinel: &Node,
        settings: RedisConnectionInfo,
        service: &str,
    ) -> RedisResult<MultiplexedConnection> {
        let mut asked = self.open(sentinel, settings).await?;
        let named: Option<(String, u16)> = redis::cmd("SENTINEL")
            .arg("get-master-addr-by-name")
            .arg(service)
            .query_async(&mut asked)
            .await?;
        let (host, port) = named.ok_or((
            ErrorKind::InvalidClientConfig,
            "the Sentinel knows no service of that name",
        ))?;
        let mut primary = self
            .open(&Node { host, port }, self.settings().await?)
            .await?;
        let role: Vec<Value> = redis::cmd("ROLE").query_async(&mut primary).await?;
        match role.first() {
            Some(Value::BulkString(role)) if role == b"master" => Ok(primary),
            _ => Err((
                ErrorKind::Io,
                "the server that the Sentinel names is no primary",
            )
                .into()),
        }
    }

    async fn open(
        &self,
        node: &Node,
        settings: RedisConnectionInfo,
    ) -> RedisResult<MultiplexedConnection> {
        let stream = TcpStream::connect((node.host.as_str(), node.port)).await?;
        stream.set_nodelay(true)?;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(ANSWER));
        match &self.tls {
            None => {
                let (connection, driver) =
                    MultiplexedConnection::new_with_config(&settings, stream, config).await?;
                tokio::spawn(driver);
                Ok(connection)
            }
            Some(tls) => {
                let name = ServerName::try_from(node.host.clone()).map_err(|_| {
                    (
                        ErrorKind::InvalidClientConfig,
                        "the host is no name for TLS",
                    )
                })?;
                let stream = tls.connector.connect(name, stream).await?;
                let (connection, driver) =
                    MultiplexedConnection::new_with_config(&settings, stream, config).await?;
                tokio::spawn(driver);
                Ok(connection)
            }
        }
    }

    async fn cluster(&self) -> RedisResult<ClusterConnection> {
        let nodes = self.address.nodes.iter().map(|node| {
            let (host, port) = (node.host.clone(), node.port);
            let address = match self.tls {
                None => ConnectionAddr::Tcp(host, port),
                Some(_) => ConnectionAddr::TcpTls {
                    host,
                    port,
                    insecure: false,
                    tls_params: None,
                },
            };
            address.into_connection_info()
        });
        let nodes = nodes.collect::<RedisResult<Vec<_>>>()?;
        let mut builder = ClusterClient::builder(nodes)
            .retries(REDIRECTIONS)
            .connection_timeout(CONNECT)
            .response_timeout(ANSWER);
        if let Some(tls) = &self.tls {
            let root_cert = Some(tls.authorities.pem());
            builder = builder.certs(TlsCertificates {
                client_tls: None,
                root_cert,
            });
        }
        if let Some(login) = &self.login {
            builder = builder.set_credentials_provider(Provider(Arc::clone(login)));
        }
        builder.build()?.get_async_connection().await
    }
}

impl redis::aio::ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::One(connection) => connection.req_packed_command(cmd),
            Self::Cluster(connection) => connection.req_packed_command(cmd),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        commands: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::One(connection) => connection.req_packed_commands(commands, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(commands, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::One(connection) => connection.get_db(),
            Self::Cluster(connection) => connection.get_db(),
        }
    }
}
