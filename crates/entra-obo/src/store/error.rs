//! Why a store did not do what it was asked.

/// Why a shared store did not do what it was asked. No caller who wants a token sees it: the
/// token then comes from Entra ID. [`ExchangeClient::forget`] returns it.
///
/// ```
/// use entra_obo::StoreError;
///
/// let error = StoreError::failed("READONLY");
/// assert_eq!(error.to_string(), "the shared store failed: READONLY");
/// ```
///
/// [`ExchangeClient::forget`]: crate::ExchangeClient::forget
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The store answered with an error, or not in a form that can be used.
    #[error("the shared store failed: {reason}")]
    Failed {
        /// What the implementation says. It is logged.
        reason: String,
    },
    /// The store did not answer in time.
    #[error("the shared store did not answer in time")]
    TimedOut,
    /// The store is left out after failures, until it answers again. It was not asked.
    #[error("the shared store is left out, after failures, until it answers again")]
    LeftOut,
}

impl StoreError {
    /// For a [`TokenStore`](crate::TokenStore) of your own. The reason is logged: no password
    /// and no address with one in it.
    #[must_use]
    pub fn failed(reason: impl Into<String>) -> Self {
        Self::Failed {
            reason: reason.into(),
        }
    }
}
