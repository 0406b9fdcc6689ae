//! What is wrong with a configuration.

/// Why a validator cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// An allow-list without a tenant.
    #[error("the list of tenants is empty")]
    NoTenants,
    /// More clock skew than ten minutes.
    #[error(
        "a leeway of {seconds} s is more than the {} s that are allowed",
        super::MAX_LEEWAY
    )]
    #[non_exhaustive]
    LeewayTooLarge {
        /// What was asked for.
        seconds: u64,
    },
    /// Keys that cannot be refreshed, served for less than a day or more than a week.
    #[cfg(feature = "http")]
    #[error("stale keys are served for 24 to 168 hours, not {hours}")]
    #[non_exhaustive]
    StaleKeys {
        /// What was asked for.
        hours: u64,
    },
    /// The HTTP client could not be made.
    #[error("the HTTP client could not be made")]
    Transport,
}
