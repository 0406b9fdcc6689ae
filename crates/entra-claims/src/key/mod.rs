//! JSON web key sets: entries read one by one, unusable ones left out, keys parsed once.

#[cfg(feature = "jsonwebtoken")]
mod jose;
mod jwk;
mod rsa;
#[cfg(test)]
mod vectors;

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters};
use entra_parts::json::{KeySetEntries, Reader};
use serde_json::value::RawValue;

use jwk::Jwk;

use crate::decode::JSON_LIMITS;
pub(crate) use rsa::Key;

/// Entries that are looked at; Entra ID publishes about ten.
pub(crate) const MAX_KEYS: usize = 256;
const MAX_BYTES: usize = 1024 * 1024;

/// The signature keys of one authority.
///
/// A handle: cloning it copies a pointer. An entry that cannot verify signatures of an
/// [`Algorithm`] (another type, use or algorithm, a modulus outside 2048 to 8192 bits, an
/// exponent that is even, below 3 or beyond 2^33, a missing `kid`) is left out and the
/// others are kept (RFC 7517, section 5). Where two different keys share a `kid`, both are
/// left out: which one signed cannot be known.
///
/// It also knows what the metadata beside it says, if it was fetched: the issuer and the
/// cloud that the authority itself names.
///
/// ```
/// use entra_claims::{KeySet, KeySetError};
///
/// assert_eq!(KeySet::from_json(b"{\"keys\":[]}").unwrap_err(), KeySetError::NoUsableKey);
/// assert_eq!(KeySet::from_json(b"[]").unwrap_err(), KeySetError::NotAKeySet);
/// ```
#[derive(Clone)]
pub struct KeySet(Arc<Inner>);

struct Inner {
    keys: Arc<[Arc<Key>]>,
    metadata: Metadata,
}

/// What the discovery document beside the key set says about its authority.
#[derive(Clone, Default, PartialEq, Eq)]
struct Metadata {
    issuer: Option<Box<str>>,
    cloud: Option<Box<str>>,
}

impl KeySet {
    /// Reads a JSON web key set (RFC 7517, section 5).
    ///
    /// # Errors
    ///
    /// Bytes that are not a JWKS document, or one without a usable key.
    pub fn from_json(document: &[u8]) -> Result<Self, KeySetError> {
        if document.len() > MAX_BYTES {
            return Err(KeySetError::TooLarge);
        }
        let text = str::from_utf8(document).map_err(|_| KeySetError::NotAKeySet)?;
        let reader = Reader::new(JSON_LIMITS);
        let entries = reader
            .read(text, KeySetEntries::<&RawValue>::new(&reader, MAX_KEYS))
            .map_err(|_| KeySetError::NotAKeySet)?
            .ok_or(KeySetError::NotAKeySet)?;
        if entries.len() > MAX_KEYS {
            return Err(KeySetError::TooManyKeys);
        }
        let keys = entries
            .iter()
            .filter_map(|entry| Key::from_jwk(&Jwk::parse(entry.get()).ok()?));
        let keys = without_ambiguity(keys.collect());
        if keys.is_empty() {
            return Err(KeySetError::NoUsableKey);
        }
        Ok(Self(Arc::new(Inner {
            keys: keys.into_iter().map(Arc::new).collect(),
            metadata: Metadata::default(),
        })))
    }

    /// A key set without a key: every token that gets as far is refused as signed with an
    /// unknown one. For tools that are to say so; an authority without keys is an error.
    #[must_use]
    pub fn empty() -> Self {
        Self(Arc::new(Inner {
            keys: Arc::new([]),
            metadata: Metadata::default(),
        }))
    }

    /// Reads a key set from a file.
    ///
    /// # Errors
    ///
    /// As [`from_json`](Self::from_json), and [`KeySetError::Unreadable`].
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, KeySetError> {
        let unreadable = |error: std::io::Error| KeySetError::Unreadable(error.kind());
        let file = File::open(path).map_err(unreadable)?;
        let mut document = Vec::new();
        // One byte more than allowed is enough to refuse it.
        file.take(MAX_BYTES as u64 + 1)
            .read_to_end(&mut document)
            .map_err(unreadable)?;
        Self::from_json(&document)
    }

    /// The same keys, beside metadata that names this issuer: `issuer` of the discovery
    /// document, with `{tenantid}` in it where the authority serves many tenants. For External
    /// ID it decides which of the possible issuers tokens must have.
    #[must_use]
    pub fn with_issuer(self, issuer: &str) -> Self {
        self.with_metadata(|metadata| metadata.issuer = Some(issuer.into()))
    }

    /// The same keys, beside metadata that names this cloud: `cloud_instance_name` of the
    /// discovery document.
    #[must_use]
    pub fn with_cloud_instance_name(self, name: &str) -> Self {
        self.with_metadata(|metadata| metadata.cloud = Some(name.into()))
    }

    fn with_metadata(self, change: impl FnOnce(&mut Metadata)) -> Self {
        let mut metadata = self.0.metadata.clone();
        change(&mut metadata);
        Self(Arc::new(Inner {
            keys: Arc::clone(&self.0.keys),
            metadata,
        }))
    }

    /// The issuer that the metadata beside the keys names, if it is known.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.0.metadata.issuer.as_deref()
    }

    /// The cloud that the metadata beside the keys names, if it is known.
    #[must_use]
    pub fn cloud_instance_name(&self) -> Option<&str> {
        self.0.metadata.cloud.as_deref()
    }

    /// The names of the usable keys.
    pub fn kids(&self) -> impl Iterator<Item = &str> {
        self.0.keys.iter().map(|key| key.kid())
    }

    /// The key of this name, if it may be used with `algorithm`.
    pub(crate) fn find(&self, kid: &str, algorithm: Algorithm) -> Option<&Arc<Key>> {
        let key = self.named(kid)?;
        key.allows(algorithm).then_some(key)
    }

    fn named(&self, kid: &str) -> Option<&Arc<Key>> {
        self.0.keys.iter().find(|key| key.kid() == kid)
    }

    /// Whether every key of `older` is still here, beside the same metadata. Others may
    /// have come.
    #[cfg(feature = "http")]
    pub(crate) fn continues(&self, older: &Self) -> bool {
        self.0.metadata == older.0.metadata && older.0.keys.iter().all(|key| self.holds(key))
    }

    /// Whether this very key is in the set.
    #[cfg(feature = "http")]
    fn holds(&self, key: &Key) -> bool {
        self.named(key.kid()).is_some_and(|it| it.same(key))
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.kids()).finish()
    }
}

/// One key per `kid`; of different keys with one `kid`, none.
fn without_ambiguity(keys: Vec<Key>) -> Vec<Key> {
    let mut kept: Vec<Key> = Vec::with_capacity(keys.len());
    let mut ambiguous: Vec<Box<str>> = Vec::new();
    for key in keys {
        match kept.iter().find(|other| other.kid() == key.kid()) {
            None => kept.push(key),
            Some(other) if other.same(&key) => {}
            Some(_) => ambiguous.push(key.kid().into()),
        }
    }
    kept.retain(|key| !ambiguous.iter().any(|kid| **kid == *key.kid()));
    kept
}

/// A signature algorithm (RFC 7518, section 3.1).
///
/// It is taken from the configuration and never from what a token says (RFC 8725,
/// section 3.1). Entra's metadata lists RS256 alone.
///
/// ```
/// use entra_claims::Algorithm;
///
/// assert_eq!(Algorithm::from_name("RS256"), Some(Algorithm::Rs256));
/// assert_eq!(Algorithm::from_name("rs256"), None);
/// assert_eq!(Algorithm::from_name("none"), None);
/// assert_eq!(Algorithm::Ps256.as_str(), "PS256");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PSS with SHA-256 and a salt of 32 bytes.
    Ps256,
}

impl Algorithm {
    const ALL: [Self; 2] = [Self::Rs256, Self::Ps256];

    /// The name in a header's or a key's `alg`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
        }
    }

    /// The algorithm of this name, in exactly this spelling.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }

    fn parameters(self) -> &'static RsaParameters {
        match self {
            Self::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
            Self::Ps256 => &RSA_PSS_2048_8192_SHA256,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why no key could be taken from a document. Never holds any of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeySetError {
    /// Larger than 1 MiB.
    #[error("the key set is larger than 1 MiB")]
    TooLarge,
    /// Not a JSON object with an array `keys` (RFC 7517, section 5).
    #[error("the document is not a JSON web key set")]
    NotAKeySet,
    /// More entries than any authority publishes.
    #[error("the key set has more than {} entries", MAX_KEYS)]
    TooManyKeys,
    /// The file cannot be read.
    #[error("the file with the key set cannot be read: {0}")]
    Unreadable(std::io::ErrorKind),
    /// No entry is an RSA signature key that can be used.
    #[error("the key set holds no usable RSA signature key")]
    NoUsableKey,
}
