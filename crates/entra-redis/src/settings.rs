//! `RedisSettings`: from the environment or in code, checked all at once.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use entra_parts::seal::SealingKeys;
use entra_parts::store::SharedTier;

use crate::address::{Address, Topology};
use crate::error::{RedisConfigError, RedisMistake};
use crate::login::{Fixed, PasswordFile, RedisCredentials, RedisLogin};
use crate::server::Servers;
use crate::store::RedisStore;
use crate::tls::{self, Authorities};

const URL: &str = "REDIS_URL";
const USERNAME: &str = "REDIS_USERNAME";
const PASSWORD_FILE: &str = "REDIS_PASSWORD_FILE";
const LOGIN: &str = "ENTRA_REDIS_LOGIN";
const CA_FILE: &str = "ENTRA_REDIS_CA_FILE";
const PLAINTEXT: &str = "ENTRA_REDIS_PLAINTEXT";
const SEALING_KEYS: &str = "ENTRA_SEALING_KEYS";

/// How long a start waits for its Redis before it goes on without.
const START: Duration = Duration::from_secs(2);

/// A store by the environment's settings (see the table of the [crate](crate)), connected or about to be.
///
/// # Errors
///
/// All that is wrong with the settings. That Redis cannot be reached is none: it is logged, and the store goes on trying.
pub async fn from_env() -> Result<RedisStore, RedisConfigError> {
    RedisSettings::from_env()?.connect().await
}

/// The same, sealed with `ENTRA_SEALING_KEYS`: what a front door's `shared` takes.
///
/// # Errors
///
/// As [`from_env`], and keys that are missing or wrong.
pub async fn tier_from_env() -> Result<SharedTier, RedisConfigError> {
    let look = |name: &str| std::env::var(name).ok();
    let keys = sealing_keys(look(SEALING_KEYS).as_deref());
    let settings = RedisSettings::read(&look);
    match (settings, keys) {
        (Ok(settings), Ok(keys)) => Ok(SharedTier::new(settings.connect().await?, keys)),
        (settings, keys) => {
            let mut mistakes = Vec::new();
            mistakes.extend(
                settings
                    .err()
                    .iter()
                    .flat_map(RedisConfigError::mistakes)
                    .cloned(),
            );
            mistakes.extend(keys.err());
            Err(RedisConfigError::all(mistakes))
        }
    }
}

fn sealing_keys(text: Option<&str>) -> Result<SealingKeys, RedisMistake> {
    let make = "make one with `openssl rand -base64 32`, the same for all instances";
    match text.filter(|text| !text.trim().is_empty()) {
        None => Err(RedisMistake::new(SEALING_KEYS, format!("missing; {make}"))),
        Some(text) => SealingKeys::parse(text)
            .map_err(|error| RedisMistake::new(SEALING_KEYS, format!("{error}; {make}"))),
    }
}

/// Where Redis is and how to log in.
///
/// ```
/// use entra_redis::RedisSettings;
///
/// assert!(RedisSettings::new("rediss://cache.example:6380").is_ok());
/// let error = RedisSettings::new("redis://cache.example:6379").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "a setting of the Redis store is wrong\n  REDIS_URL: redis:// sends the password and all names in the clear; \
///      use rediss://, or ENTRA_REDIS_PLAINTEXT=1 where the network itself is encrypted"
/// );
/// ```
#[derive(Clone, Debug)]
pub struct RedisSettings {
    address: Address,
    login: Option<Arc<dyn RedisLogin>>,
    authorities: Option<PathBuf>,
}

impl RedisSettings {
    /// The variables of the table of the [crate](crate).
    ///
    /// # Errors
    ///
    /// All mistakes at once.
    pub fn from_env() -> Result<Self, RedisConfigError> {
        Self::read(&|name| std::env::var(name).ok())
    }

    /// A server by its address, as `REDIS_URL` holds it.
    ///
    /// # Errors
    ///
    /// What is wrong with the address; `redis://` beyond loopback.
    pub fn new(url: &str) -> Result<Self, RedisConfigError> {
        Self::read(&|name| (name == URL).then(|| url.to_owned()))
    }

    /// Logs in with credentials that change.
    #[must_use]
    pub fn login(mut self, login: impl RedisLogin + 'static) -> Self {
        self.login = Some(Arc::new(login));
        self
    }

    /// Trusts the authorities in this PEM file beside those of the system.
    #[must_use]
    pub fn authorities(mut self, file: impl AsRef<Path>) -> Self {
        self.authorities = Some(file.as_ref().to_owned());
        self
    }

    fn read(look: &dyn Fn(&str) -> Option<String>) -> Result<Self, RedisConfigError> {
        let get = |name: &str| look(name).filter(|value| !value.trim().is_empty());
        let mut mistakes = Vec::new();
        let mut wrong =
            |setting, problem: String| mistakes.push(RedisMistake::new(setting, problem));
        let plaintext = match get(PLAINTEXT).as_deref() {
            None | Some("0") => false,
            Some("1") => true,
            Some(_) => {
                wrong(PLAINTEXT, "is neither 1 nor 0".into());
                false
            }
        };
        let address = match get(URL) {
            None => {
                wrong(URL, "missing; rediss://host:6380, for example".into());
                None
            }
            Some(text) => match Address::parse(&text) {
                Ok(address) if !address.tls && !address.is_loopback() && !plaintext => {
                    wrong(
                        URL,
                        "redis:// sends the password and all names in the clear; use rediss://, or \
                         ENTRA_REDIS_PLAINTEXT=1 where the network itself is encrypted"
                            .into(),
                    );
                    None
                }
                Ok(address) => Some(address),
                Err(problem) => {
                    wrong(URL, problem);
                    None
                }
            },
        };
        let in_url = address
            .as_ref()
            .is_some_and(|address| address.password.is_some());
        let file = get(PASSWORD_FILE).map(PathBuf::from);
        let identity = match get(LOGIN).as_deref() {
            None => false,
            Some("managed-identity") => true,
            Some(_) => {
                wrong(
                    LOGIN,
                    "is not managed-identity, which is the only value".into(),
                );
                false
            }
        };
        if [in_url, file.is_some(), identity]
            .into_iter()
            .filter(|set| *set)
            .count()
            > 1
        {
            wrong(
                URL,
                format!(
                    "has a password, or {PASSWORD_FILE} and {LOGIN} are both set: keep one way to log in"
                ),
            );
        }
        let username = get(USERNAME);
        if username.is_some() && in_url {
            wrong(
                USERNAME,
                "the URL has a user and a password: leave them out there".into(),
            );
        }
        let login = match (file, identity) {
            (Some(path), _) => {
                Some(Arc::new(PasswordFile { username, path }) as Arc<dyn RedisLogin>)
            }
            (None, true) => match managed_identity(username, address.as_ref()) {
                Ok(login) => Some(login),
                Err(problem) => {
                    wrong(LOGIN, problem);
                    None
                }
            },
            (None, false) => address.as_ref().and_then(in_address),
        };
        match (address, mistakes.is_empty()) {
            (Some(address), true) => Ok(Self {
                address,
                login,
                authorities: get(CA_FILE).map(PathBuf::from),
            }),
            _ => Err(RedisConfigError::all(mistakes)),
        }
    }

    /// Connects. A Redis that cannot be reached, or that refuses the login, within two seconds is logged; the store
    /// goes on trying.
    ///
    /// # Errors
    ///
    /// The authorities cannot be read.
    pub async fn connect(self) -> Result<RedisStore, RedisConfigError> {
        let authorities = match self.address.tls {
            false => None,
            true => Some(
                Authorities::read(self.authorities.as_deref())
                    .map_err(|problem| RedisConfigError::one(CA_FILE, problem))?,
            ),
        };
        if self.address.tls && self.address.topology == Topology::Cluster {
            tls::process_has_a_provider().map_err(|problem| RedisConfigError::one(URL, problem))?;
        }
        let servers = Servers::new(self.address, self.login, authorities)
            .map_err(|problem| RedisConfigError::one(CA_FILE, problem))?;
        let store = RedisStore::start(servers);
        if !store.connected_within(START).await {
            tracing::warn!(store = ?store, "Redis cannot be reached or refuses the login; going on without, and trying again");
        }
        Ok(store)
    }
}

/// The user and password that stand in the address.
fn in_address(address: &Address) -> Option<Arc<dyn RedisLogin>> {
    let password = address.password.as_ref()?.to_string();
    let credentials = RedisCredentials::new(address.username.clone(), password);
    Some(Arc::new(Fixed(credentials)))
}

#[cfg(feature = "managed-identity")]
fn managed_identity(
    username: Option<String>,
    address: Option<&Address>,
) -> Result<Arc<dyn RedisLogin>, String> {
    use crate::login::Identity;
    if address.is_some_and(|address| !address.tls) {
        return Err("a token is sent over TLS only: use rediss://".into());
    }
    let identity = entra_obo::managed_identity::ManagedIdentity::from_environment()
        .build()
        .map_err(|error| error.to_string())?;
    let scope = foundry_scopes::Scope::parse(Identity::SCOPE).map_err(|error| error.to_string())?;
    Ok(Arc::new(Identity {
        identity,
        scope,
        username,
    }))
}

#[cfg(not(feature = "managed-identity"))]
fn managed_identity(_: Option<String>, _: Option<&Address>) -> Result<Arc<dyn RedisLogin>, String> {
    Err("needs the feature `managed-identity` of entra-redis".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<RedisSettings, RedisConfigError> {
        RedisSettings::read(&|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn plaintext_is_for_loopback_unless_it_is_asked_for() {
        assert!(read(&[(URL, "redis://127.0.0.1:6379")]).is_ok());
        assert!(read(&[(URL, "redis://10.0.0.4:6379")]).is_err());
        assert!(read(&[(URL, "redis-cluster://127.0.0.1:1?node=10.0.0.4:1")]).is_err());
        assert!(read(&[(URL, "redis://10.0.0.4:6379"), (PLAINTEXT, "1")]).is_ok());
    }

    #[test]
    fn all_mistakes_are_said_at_once() {
        let error = read(&[(PLAINTEXT, "yes"), (LOGIN, "token")]).unwrap_err();
        let settings: Vec<_> = error.mistakes().map(RedisMistake::setting).collect();
        assert_eq!(settings, [PLAINTEXT, URL, LOGIN]);
        let error = read(&[
            (URL, "rediss://u:s3cret@a.example"),
            (PASSWORD_FILE, "/p"),
            (USERNAME, "v"),
        ])
        .unwrap_err();
        assert_eq!(error.mistakes().count(), 2);
        assert!(!format!("{error:?}").contains("s3cret"));
    }

    #[test]
    fn sealing_keys_are_missing_or_wrong_by_name() {
        assert!(
            sealing_keys(None)
                .unwrap_err()
                .problem()
                .contains("missing")
        );
        let error = sealing_keys(Some("c2hvcnQ=")).unwrap_err();
        assert!(
            error.problem().contains("openssl rand"),
            "{}",
            error.problem()
        );
        assert!(sealing_keys(Some("T5fI1kUq0PyfUJIn/PqUqoR0kDVKvTnIF4gWVG1Y4Zs=")).is_ok());
    }
}
