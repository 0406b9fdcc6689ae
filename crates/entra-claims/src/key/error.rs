//! Why a document is not a key set.

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
    #[error("the key set has more than {} entries", super::MAX_KEYS)]
    TooManyKeys,
    /// The file cannot be read.
    #[error("the file with the key set cannot be read: {0}")]
    Unreadable(std::io::ErrorKind),
    /// No entry is an RSA signature key that can be used.
    #[error("the key set holds no usable RSA signature key")]
    NoUsableKey,
}
