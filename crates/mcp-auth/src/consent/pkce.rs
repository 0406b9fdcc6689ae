//! PKCE (RFC 7636).

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::seal::random_id;

/// A verifier of 384 random bits, and its challenge.
pub(super) struct Pkce {
    verifier: Zeroizing<String>,
    challenge: String,
}

impl Pkce {
    pub(super) fn new() -> Option<Self> {
        let verifier = Zeroizing::new(random_id()? + &random_id()?);
        let hash = digest(&SHA256, verifier.as_bytes());
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(hash);
        Some(Self {
            verifier,
            challenge,
        })
    }

    pub(super) fn verifier(&self) -> &str {
        &self.verifier
    }

    pub(super) fn challenge(&self) -> &str {
        &self.challenge
    }
}
