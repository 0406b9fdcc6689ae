//! Error of a shared store: no answer, or one that cannot be used.

/// The longest value that is written to a [`SharedStore`](crate::store::SharedStore) or taken from one: 64 KiB.
pub const MAX_STORED_VALUE: usize = 64 * 1024;

/// Why a shared store did not do what it was asked.
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
    /// The value is longer than a store keeps. It was not asked.
    #[error(
        "the value is longer than the {} bytes that a store keeps",
        MAX_STORED_VALUE
    )]
    TooLong,
}

impl StoreError {
    /// For a [`SharedStore`](super::SharedStore) of your own. The reason is logged: no password
    /// and no address with one in it.
    #[must_use]
    pub fn failed(reason: impl Into<String>) -> Self {
        Self::Failed {
            reason: reason.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_what_the_store_said() {
        let error = StoreError::failed("READONLY");
        assert_eq!(error.to_string(), "the shared store failed: READONLY");
    }
}
