//! Signed client assertions, cached per endpoint (Entra doc "Microsoft identity platform
//! application authentication certificate credentials"; RFC 7523, section 3).

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use entra_parts::bounded::{BoundedMap, FOREVER};
use entra_parts::lock::lock;
use serde_json::json;

use super::proof::{AssertionRequest, CredentialError};
use super::signer::{AssertionSigner, SigningAlgorithm, SigningRequest};
use crate::request::random_guid;
use crate::secret::Secret;

/// Entra ID recommends five to ten minutes.
const LIFETIME: i64 = 600;
/// One is not used for the last minute of its life.
const RESERVE: i64 = 60;
/// Token endpoints for which one is kept, those signed for last; more tenants than that sign more
/// often.
const KEPT: usize = 64;

/// Signs assertions, and keeps each for as long as it serves.
pub(super) struct SignedAssertions {
    signer: Arc<dyn AssertionSigner>,
    rs256: AtomicBool,
    /// They end by the wall clock, which Entra ID reads: to the map they last for ever.
    kept: Mutex<BoundedMap<SignedFor, CachedAssertion>>,
}

/// What an assertion says. One for another client or endpoint never serves.
#[derive(Clone, PartialEq, Eq, Hash)]
struct SignedFor {
    client: String,
    endpoint: String,
}

struct CachedAssertion {
    text: Arc<Secret>,
    until: i64,
}

impl SignedAssertions {
    pub(super) fn new(signer: Arc<dyn AssertionSigner>) -> Self {
        Self {
            signer,
            rs256: AtomicBool::new(false),
            kept: Mutex::new(BoundedMap::new(KEPT)),
        }
    }

    pub(super) async fn assertion(
        &self,
        request: &AssertionRequest<'_>,
    ) -> Result<Arc<Secret>, CredentialError> {
        let made = SignedFor {
            client: request.client.to_string(),
            endpoint: request.endpoint.to_owned(),
        };
        if !request.renew
            && let Some(kept) = lock(&self.kept).get(&made, Duration::ZERO)
            && serves(kept.until, request.now)
        {
            return Ok(Arc::clone(&kept.text));
        }
        let text = Arc::new(Secret::new(self.sign(&made, request.now).await?));
        let kept = CachedAssertion {
            text: Arc::clone(&text),
            until: request.now.saturating_add(LIFETIME - RESERVE),
        };
        lock(&self.kept).insert(made, kept, FOREVER, Duration::ZERO);
        Ok(text)
    }

    pub(super) fn fall_back_to_rs256(&self) {
        self.rs256.store(true, Ordering::Relaxed);
        *lock(&self.kept) = BoundedMap::new(KEPT);
    }

    async fn sign(&self, made: &SignedFor, now: i64) -> Result<String, CredentialError> {
        let chain = self.signer.certificate_chain().await?;
        let leaf = chain
            .first()
            .ok_or_else(|| CredentialError::other("the signer has no certificate"))?;
        let algorithm = match self.signer.algorithm() {
            SigningAlgorithm::Ps256 if !self.rs256.load(Ordering::Relaxed) => {
                SigningAlgorithm::Ps256
            }
            _ => SigningAlgorithm::Rs256,
        };
        let mut header = json!({ "alg": algorithm.as_str(), "typ": "JWT" });
        if let Some(members) = header.as_object_mut() {
            let (name, thumbprint) = match algorithm {
                SigningAlgorithm::Ps256 => ("x5t#S256", digest(&SHA256, leaf)),
                SigningAlgorithm::Rs256 => ("x5t", digest(&SHA1_FOR_LEGACY_USE_ONLY, leaf)),
            };
            members.insert(name.to_owned(), URL_SAFE_NO_PAD.encode(thumbprint).into());
            if self.signer.sends_chain() {
                // RFC 7515, section 4.1.6: base64, not base64url.
                let chain: Vec<_> = chain.iter().map(|der| STANDARD.encode(der)).collect();
                members.insert("x5c".to_owned(), chain.into());
            }
        }
        let claims = json!({
            "aud": made.endpoint,
            "iss": made.client,
            "sub": made.client,
            "jti": random_guid(),
            "nbf": now,
            "iat": now,
            "exp": now.saturating_add(LIFETIME),
        });
        let message = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(claims.to_string())
        );
        let hashed = digest(&SHA256, message.as_bytes());
        let request = SigningRequest {
            algorithm,
            message: message.as_bytes(),
            digest: &hashed.as_ref().first_chunk().copied().unwrap_or([0; 32]),
            certificate: leaf,
        };
        let signature = self.signer.sign(request).await?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// A clock that was set back must not keep an old one: it would end in the past.
fn serves(until: i64, now: i64) -> bool {
    now < until && until.saturating_sub(now) <= LIFETIME
}

impl fmt::Debug for SignedAssertions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "signed, {:?}", self.signer)
    }
}
