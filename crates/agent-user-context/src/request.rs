//! Digest of a request, for contexts that are good for one request alone.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};

/// SHA-256 over method, path with query, and body of a request, each with its length in front (`req`).
///
/// Path and query are the bytes as they are sent: a proxy that rewrites them breaks the binding.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RequestDigest([u8; 32]);

impl RequestDigest {
    /// Of a request: for example `POST`, `/orders?draft=1` and its body.
    #[must_use]
    pub fn new(method: &str, path_and_query: &str, body: &[u8]) -> Self {
        let mut context = Context::new(&SHA256);
        for field in [method.as_bytes(), path_and_query.as_bytes(), body] {
            context.update(&(field.len() as u64).to_be_bytes());
            context.update(field);
        }
        let mut bytes = [0; 32];
        bytes.copy_from_slice(context.finish().as_ref());
        Self(bytes)
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for RequestDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestDigest")
    }
}
