//! Signing keys of an issuer: one that signs, those published ahead, those that are still needed.

use std::fmt;
use std::sync::{Arc, RwLock};

use entra_parts::lock::{read, write};
use serde_json::{Value, json};

use crate::jws::{Kind, encode};
use crate::key::{Algorithm, PublicKeyError, VerifyingKey};
use crate::signer::ContextSigner;
use crate::verify::{MAX_LIFETIME, SKEW};

/// How long verifiers keep a key set; a new key is published for so long before it signs.
pub(super) const CACHE_TIME: i64 = 600;

/// After it was replaced a key is published until what it signed last has ended.
const KEPT: i64 = MAX_LIFETIME + SKEW;

/// The keys of an issuer. A handle.
///
/// To rotate, [`announce`](Self::announce) the next key in all instances: it is published at once and signs ten minutes
/// later, when no verifier has an older copy of the key set; the one before stays published until the last context
/// that it signed has ended. After a leak, [`replace`](Self::replace) the keys: the old ones are withdrawn, and verifiers
/// refuse them ten minutes later at the latest.
#[derive(Clone)]
pub struct SigningKeys(Arc<RwLock<Vec<Entry>>>);

#[derive(Clone)]
struct Entry {
    signs_from: i64,
    key: Arc<SigningKey>,
}

/// A key that signs, with all that can be prepared.
pub(super) struct SigningKey {
    pub(super) algorithm: Algorithm,
    pub(super) signer: Arc<dyn ContextSigner>,
    kid: String,
    jwk: Value,
    verifying: VerifyingKey,
    turn_header: String,
    call_header: String,
}

/// A signer whose public half cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SigningKeysError {
    /// Its public half is no key on P-256 or RSA one of 2048 to 8192 bits.
    #[error("the signer's public key cannot be used: {0}")]
    PublicKey(PublicKeyError),
    /// It is one of the keys already.
    #[error("this key is one of the issuer's already")]
    Known,
}

impl SigningKeys {
    /// One key, which signs at once.
    ///
    /// # Errors
    ///
    /// [`SigningKeysError::PublicKey`].
    pub fn new(signer: impl ContextSigner + 'static) -> Result<Self, SigningKeysError> {
        let first = Entry::new(Arc::new(signer), i64::MIN)?;
        Ok(Self(Arc::new(RwLock::new(vec![first]))))
    }

    /// The next key: published from `published_unix` on (Unix seconds, now or before), signs ten minutes later.
    /// Instances that start later give the same time.
    ///
    /// # Errors
    ///
    /// [`SigningKeysError`].
    pub fn announce(
        &self,
        signer: impl ContextSigner + 'static,
        published_unix: i64,
    ) -> Result<(), SigningKeysError> {
        let next = Entry::new(Arc::new(signer), published_unix.saturating_add(CACHE_TIME))?;
        let mut entries = write(&self.0);
        if entries.iter().any(|entry| entry.key.kid == next.key.kid) {
            return Err(SigningKeysError::Known);
        }
        entries.push(next);
        entries.sort_by_key(|entry| entry.signs_from);
        Ok(())
    }

    /// **Withdraws all keys** and signs with this one at once: after a leak. What the old ones signed is refused by
    /// verifiers as soon as they fetch the key set again, ten minutes later at the latest. Until they do, they refuse
    /// the new key's contexts or fetch for them.
    ///
    /// # Errors
    ///
    /// [`SigningKeysError::PublicKey`].
    pub fn replace(&self, signer: impl ContextSigner + 'static) -> Result<(), SigningKeysError> {
        *write(&self.0) = vec![Entry::new(Arc::new(signer), i64::MIN)?];
        Ok(())
    }

    /// The names of the published keys, the oldest first.
    #[must_use]
    pub fn kids(&self, now_unix: i64) -> Vec<String> {
        let published = self.published(now_unix);
        published.iter().map(|key| key.kid.clone()).collect()
    }

    pub(super) fn document(&self, now: i64) -> String {
        let keys: Vec<_> = self
            .published(now)
            .iter()
            .map(|key| key.jwk.clone())
            .collect();
        json!({ "keys": keys }).to_string()
    }

    /// The key that signs now.
    pub(super) fn signing(&self, now: i64) -> Option<Arc<SigningKey>> {
        let entries = read(&self.0);
        let active = entries.iter().rev().find(|entry| entry.signs_from <= now);
        active.map(|entry| Arc::clone(&entry.key))
    }

    /// For contexts that come back.
    pub(super) fn verifying(&self, kid: &str, now: i64) -> Option<VerifyingKey> {
        let published = self.published(now);
        let found = published.iter().find(|key| key.kid == kid);
        found.map(|key| key.verifying.clone())
    }

    /// Those to come, the active one, and those that were replaced a short time ago.
    fn published(&self, now: i64) -> Vec<Arc<SigningKey>> {
        let entries = read(&self.0);
        let successors = entries.iter().skip(1).map(|entry| Some(entry.signs_from));
        let ends = successors.chain([None]);
        entries
            .iter()
            .zip(ends)
            .filter(|(_, replaced)| replaced.is_none_or(|at| now < at.saturating_add(KEPT)))
            .map(|(entry, _)| Arc::clone(&entry.key))
            .collect()
    }
}

impl Entry {
    fn new(signer: Arc<dyn ContextSigner>, signs_from: i64) -> Result<Self, SigningKeysError> {
        let public = signer.public_key();
        let verifying = VerifyingKey::new(&public).map_err(SigningKeysError::PublicKey)?;
        let kid = public.thumbprint();
        let algorithm = public.algorithm();
        let header = |kind: Kind| {
            let header = json!({ "alg": algorithm.as_str(), "kid": kid, "typ": kind.typ() });
            encode(header.to_string())
        };
        let key = SigningKey {
            algorithm,
            jwk: public.to_jwk(&kid),
            turn_header: header(Kind::Turn),
            call_header: header(Kind::Call),
            verifying,
            signer,
            kid,
        };
        Ok(Self {
            signs_from,
            key: Arc::new(key),
        })
    }
}

impl SigningKey {
    /// The header, in base64url.
    pub(super) fn header(&self, kind: Kind) -> &str {
        match kind {
            Kind::Turn => &self.turn_header,
            Kind::Call => &self.call_header,
        }
    }
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = read(&self.0);
        let kids = entries.iter().map(|entry| &entry.key.kid);
        f.debug_tuple("SigningKeys")
            .field(&kids.collect::<Vec<_>>())
            .finish()
    }
}
