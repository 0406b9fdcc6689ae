//! Login to Redis: a fixed password, one in a file, or the token of a managed identity.

use std::fmt;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::{Stream, stream};
use redis::{BasicAuth, RedisResult, StreamingCredentialsProvider};
use zeroize::Zeroizing;

/// User and password of a login. `Debug` does not print the password.
#[derive(Clone)]
pub struct RedisCredentials {
    pub(crate) username: Option<String>,
    pub(crate) password: Zeroizing<String>,
}

impl RedisCredentials {
    /// Without a name it is the user `default`.
    #[must_use]
    pub fn new(username: Option<String>, password: String) -> Self {
        let password = Zeroizing::new(password);
        Self { username, password }
    }

    pub(crate) fn user(&self) -> &str {
        self.username.as_deref().unwrap_or("default")
    }
}

impl fmt::Debug for RedisCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.username;
        write!(f, "RedisCredentials({name:?}, <redacted>)")
    }
}

/// Credentials that change: asked for each connection, and again at each interval, when all connections log in anew.
#[async_trait]
pub trait RedisLogin: fmt::Debug + Send + Sync {
    /// The credentials that are good now.
    ///
    /// # Errors
    ///
    /// Why there are none. The text is logged; the store asks again.
    async fn credentials(&self) -> Result<RedisCredentials, String>;

    /// How often connections log in again. Choose it so that a token is renewed minutes before it expires.
    fn renew_every(&self) -> Duration {
        Duration::from_secs(60)
    }
}

/// A password that stays.
#[derive(Debug)]
pub(crate) struct Fixed(pub(crate) RedisCredentials);

#[async_trait]
impl RedisLogin for Fixed {
    async fn credentials(&self) -> Result<RedisCredentials, String> {
        Ok(self.0.clone())
    }
}

/// A password in a file, read again each time: whoever rotates it writes the file.
#[derive(Debug)]
pub(crate) struct PasswordFile {
    pub(crate) username: Option<String>,
    pub(crate) path: PathBuf,
}

#[async_trait]
impl RedisLogin for PasswordFile {
    async fn credentials(&self) -> Result<RedisCredentials, String> {
        let shown = self.path.display();
        let read = tokio::fs::read_to_string(&self.path).await;
        let text = Zeroizing::new(read.map_err(|error| format!("{shown}: {error}"))?);
        match text.trim() {
            "" => Err(format!("{shown} is empty")),
            password => Ok(RedisCredentials::new(
                self.username.clone(),
                password.to_owned(),
            )),
        }
    }
}

/// The token of a managed identity; the user is the identity's object id (Azure doc "Use Microsoft Entra for cache
/// authentication").
#[cfg(feature = "managed-identity")]
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) identity: entra_obo::managed_identity::ManagedIdentity,
    pub(crate) scope: foundry_scopes::Scope,
    pub(crate) username: Option<String>,
}

#[cfg(feature = "managed-identity")]
impl Identity {
    /// The audience of Azure Managed Redis and Azure Cache for Redis.
    pub(crate) const SCOPE: &'static str = "https://redis.azure.com/.default";
}

#[cfg(feature = "managed-identity")]
#[async_trait]
impl RedisLogin for Identity {
    async fn credentials(&self) -> Result<RedisCredentials, String> {
        let token = self
            .identity
            .token(&self.scope)
            .await
            .map_err(|error| error.to_string())?;
        let token = token.expose();
        let username = match &self.username {
            Some(name) => name.clone(),
            // Not verified, and need not be: Redis compares it with the token that it verifies.
            None => entra_claims::UnverifiedToken::decode(token)
                .ok()
                .and_then(|token| token.claims().oid().map(str::to_owned))
                .ok_or("the identity's token has no object id: set REDIS_USERNAME to it")?,
        };
        Ok(RedisCredentials::new(Some(username), token.to_owned()))
    }
}

/// A login as the cluster client asks for it: for each connection, and again from then on.
pub(crate) struct Provider(pub(crate) Arc<dyn RedisLogin>);

impl StreamingCredentialsProvider for Provider {
    fn subscribe(&self) -> Pin<Box<dyn Stream<Item = RedisResult<BasicAuth>> + Send + 'static>> {
        let login = Arc::clone(&self.0);
        Box::pin(stream::unfold(Duration::ZERO, move |wait| {
            let login = Arc::clone(&login);
            async move {
                tokio::time::sleep(wait).await;
                loop {
                    match login.credentials().await {
                        Ok(credentials) => {
                            let password = (*credentials.password).clone();
                            let auth = BasicAuth::new(credentials.user().to_owned(), password);
                            return Some((Ok(auth), login.renew_every()));
                        }
                        // The client's task would end at an error for good.
                        Err(reason) => {
                            tracing::warn!(%reason, "no credentials for Redis; they are asked for again");
                            tokio::time::sleep(Duration::from_secs(1)).await;
                        }
                    }
                }
            }
        }))
    }
}
