//! Key sources of an [`Authenticator`](crate::Authenticator), and the health of its keys.
//!
//! 1. Keys are read without a lock. A refresh is due 12 hours after the last, at most 36 minutes
//!    later at random, and runs in a task of its own; no request waits for it.
//! 2. One fetch per authority is under way at a time, for all requests that need it.
//! 3. A `kid` that is not known causes at most one fetch a minute for each authority, and 16 for
//!    all authorities of an authenticator. Within that minute it is "unknown" if the last fetch
//!    succeeded, and "cannot decide" if it failed or was not made. A request waits for keys 5 s
//!    at most, then it cannot be decided; 16,384 may wait for the first keys and 1,024 for an
//!    unknown `kid`, and those beyond get that answer at once.
//! 4. A fetch that fails changes nothing: the fetched keys are served for 24 hours, or up to 7 days
//!    by [choice](crate::AuthenticatorBuilder::serve_stale_keys_for), and then it cannot be
//!    decided. The next try comes after 1 s, doubling up to 60 s (2 s without keys), or when
//!    the authority asks for it, an hour at most.
//! 5. Tenants of a list of up to 256 have keys of their own; a longer list, any organization,
//!    anybody and a [registry](crate::registry) use the ones that all tenants share. Each key's
//!    own issuer is compared either way.
//!
//! # For a health endpoint
//!
//! ```
//! use std::{sync::Arc, time::Duration};
//! use entra_claims::keys::StaticKeys;
//! use entra_claims::{AcceptedAudiences, Authenticator, KeySet, TenantPolicy, Validator};
//! use foundry_scopes::{ClientId, Cloud, TenantId};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let document = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/keys.json"));
//! let validator = Validator::new(
//!     Cloud::public(),
//!     TenantPolicy::single(TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?),
//!     AcceptedAudiences::for_client(ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555")?),
//! );
//! let authenticator = Authenticator::builder(validator)
//!     // Without this line: fetched from the authority.
//!     .key_source(Arc::new(StaticKeys::new(KeySet::from_json(document)?)))
//!     .build()?;
//! assert!(!authenticator.ready()); // for a readiness probe
//! authenticator.warm_up().await?; // at the start, so that no request waits
//! assert!(authenticator.ready());
//!
//! for health in authenticator.key_health() {
//!     assert_eq!(health.keys, 2);
//!     assert!(health.age.is_some_and(|age| age < Duration::from_secs(60)));
//!     assert_eq!(health.degraded_for, None); // for how long fetching has failed
//! }
//! # Ok(())
//! # }
//! ```

use std::fmt::Debug;
use std::path::PathBuf;
use std::time::Duration;

use foundry_scopes::TenantId;

pub use super::authority::KeyAuthority;
pub use super::discovery::HttpKeys;
use super::transport::{BoxFuture, TransportError};
use crate::key::{KeySet, KeySetError};

/// Where an [`Authenticator`](crate::Authenticator) gets keys from.
///
/// A source only fetches. When to fetch, one fetch at a time, the cool-down after an unknown
/// `kid`, keeping good keys while fetching fails: the authenticator does all of that above
/// any source. A fetch runs in a task of its own and is not cut short when a request goes
/// away, so **a source bounds its own time**; [`HttpKeys`](super::keys::HttpKeys) takes 10 s at most.
///
/// ```
/// use entra_claims::keys::{FetchReason, KeyAuthority, KeySource, KeySourceError};
/// use entra_claims::{KeySet, transport::BoxFuture};
///
/// /// Keys that another process puts into a table.
/// #[derive(Debug)]
/// struct Table;
///
/// impl KeySource for Table {
///     fn fetch<'a>(
///         &'a self,
///         authority: &'a KeyAuthority,
///         _: FetchReason,
///     ) -> BoxFuture<'a, Result<KeySet, KeySourceError>> {
///         Box::pin(async move {
///             let document = row(&authority.to_string()).await;
///             let document = document.ok_or(KeySourceError::other("the table has no such row"))?;
///             Ok(KeySet::from_json(document.as_bytes())?)
///         })
///     }
/// }
/// # async fn row(_: &str) -> Option<String> { None }
/// ```
pub trait KeySource: Debug + Send + Sync {
    /// Gets the keys of `authority` as they are now.
    ///
    /// An error says nothing about any token: what cannot be fetched cannot be decided.
    fn fetch<'a>(
        &'a self,
        authority: &'a KeyAuthority,
        reason: FetchReason,
    ) -> BoxFuture<'a, Result<KeySet, KeySourceError>>;
}

/// Why keys are fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FetchReason {
    /// No keys yet, or the fetched ones are due for a refresh.
    Refresh,
    /// A token names a key that is not among the fetched ones.
    UnknownKey,
}

impl FetchReason {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Refresh => "refresh",
            Self::UnknownKey => "unknown_key",
        }
    }
}

/// Why there are no keys. Holds nothing of a token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeySourceError {
    /// No answer.
    #[error(transparent)]
    Transport(TransportError),
    /// A status other than 200.
    #[error("the authority answered {status}")]
    #[non_exhaustive]
    Status {
        /// The status.
        status: u16,
        /// The pause that it asked for.
        retry_after: Option<Duration>,
    },
    /// A discovery document that cannot be read.
    #[error("the discovery document cannot be read")]
    NotMetadata,
    /// The discovery document is another issuer's.
    #[error("the discovery document is another issuer's")]
    #[non_exhaustive]
    OtherIssuer {
        /// Whose.
        found: String,
        /// Whose it should be.
        needed: String,
    },
    /// Its `jwks_uri` is not on one of the authority's own hosts.
    #[error("the discovery document's jwks_uri is not on the authority's own hosts")]
    #[non_exhaustive]
    ForeignKeys {
        /// Where it is.
        found: String,
        /// Where it should be.
        needed: String,
    },
    /// A document that is no key set, or without a usable key.
    #[error(transparent)]
    KeySet(#[from] KeySetError),
    /// The fetching task panicked.
    #[error("the fetching task ended early")]
    Aborted,
    /// What a source of your own says.
    #[error("{message}")]
    #[non_exhaustive]
    Other {
        /// For the log: no secret may stand in it.
        message: &'static str,
        /// When to try again at the earliest.
        retry_after: Option<Duration>,
    },
}

impl KeySourceError {
    /// A failure of a source of your own.
    #[must_use]
    pub const fn other(message: &'static str) -> Self {
        Self::Other {
            message,
            retry_after: None,
        }
    }

    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } | Self::Other { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

/// Keys that never change, for every authority: for tests and for machines without a network.
///
/// ```
/// use entra_claims::{KeySet, keys::StaticKeys};
///
/// let document = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/keys.json"));
/// let source = StaticKeys::new(KeySet::from_json(document)?);
/// assert!(format!("{source:?}").contains("key-1"));
/// # Ok::<(), entra_claims::KeySetError>(())
/// ```
///
/// An `Authenticator` on them is in the example of [`keys`](super::keys).
#[derive(Clone, Debug)]
pub struct StaticKeys(KeySet);

impl StaticKeys {
    /// These keys.
    #[must_use]
    pub fn new(keys: KeySet) -> Self {
        Self(keys)
    }
}

impl KeySource for StaticKeys {
    fn fetch<'a>(
        &'a self,
        _: &'a KeyAuthority,
        _: FetchReason,
    ) -> BoxFuture<'a, Result<KeySet, KeySourceError>> {
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }
}

/// A key set in a file that something else keeps up to date. It is read again on every
/// refresh and when a token names an unknown key, at most once a minute for the latter.
///
/// ```
/// use entra_claims::keys::{FetchReason, KeyAuthority, KeyFile, KeySource};
/// use foundry_scopes::Authority;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let authority = Authority::parse("https://login.microsoftonline.com/organizations")?;
/// let authority = KeyAuthority::from_authority(&authority)?;
/// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/keys.json");
/// let keys = KeyFile::at(path).fetch(&authority, FetchReason::Refresh).await?;
/// assert_eq!(keys.kids().collect::<Vec<_>>(), ["key-1", "key-2"]);
///
/// // A file that is not there is no verdict on any token, but "cannot decide".
/// let missing = KeyFile::at("/nowhere/keys.json");
/// assert!(missing.fetch(&authority, FetchReason::Refresh).await.is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct KeyFile(PathBuf);

impl KeyFile {
    /// The file at `path`. It is read when keys are needed, and not before.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }
}

impl KeySource for KeyFile {
    fn fetch<'a>(
        &'a self,
        _: &'a KeyAuthority,
        _: FetchReason,
    ) -> BoxFuture<'a, Result<KeySet, KeySourceError>> {
        Box::pin(async move {
            let path = self.0.clone();
            let read = tokio::task::spawn_blocking(move || KeySet::from_file(path)).await;
            Ok(read.map_err(|_| KeySourceError::Aborted)??)
        })
    }
}

/// How the keys of one authority are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyHealth {
    /// The tenant, if the authority is one tenant's own.
    pub tenant: Option<TenantId>,
    /// How many usable keys there are; 0 if there are none, or only ones that are too old.
    pub keys: usize,
    /// How long ago the keys were fetched.
    pub age: Option<Duration>,
    /// For how long fetching has failed. The keys fetched before are served meanwhile.
    pub degraded_for: Option<Duration>,
}

impl KeyHealth {
    /// Whether tokens of this authority can be decided.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        self.keys > 0
    }
}
