//! What is wrong with a configuration.

/// Why a validator cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// An allow-list without a tenant.
    #[error("the list of tenants is empty")]
    NoTenants,
    /// No audience.
    #[error("the list of audiences is empty")]
    NoAudiences,
    /// No version of tokens.
    #[error("the list of token versions is empty")]
    NoVersions,
    /// No signature algorithm.
    #[error("the list of algorithms is empty")]
    NoAlgorithms,
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
    /// A limit for the size of tokens that no token fits under, or beyond what Microsoft's
    /// own library reads.
    #[error(
        "a token size of {bytes} bytes is not between {} and {}",
        super::LEAST_MAX_TOKEN,
        super::MOST_MAX_TOKEN
    )]
    #[non_exhaustive]
    TokenSize {
        /// What was asked for.
        bytes: usize,
    },
    /// An authority with a domain in it: whose that is only the directory knows.
    #[cfg(feature = "http")]
    #[error("the authority names a domain: use the directory (tenant) id instead")]
    DomainAuthority,
    /// External ID without named tenants (a registry names none), or with more than 256: it has
    /// no keys that tenants share.
    #[cfg(feature = "http")]
    #[error(
        "External ID serves named tenants: make the policy with `TenantPolicy::single` or with a list of up to 256"
    )]
    UnnamedTenants,
    /// The policy leaves tenants to a registry, and there is none.
    #[cfg(feature = "http")]
    #[error("the tenant policy asks a registry: pass one to `tenant_registry`")]
    NoRegistry,
    /// There is a registry, and the policy does not ask it.
    #[cfg(feature = "http")]
    #[error("the tenant policy asks no registry: make it with `TenantPolicy::registered`")]
    UnusedRegistry,
    /// A limit of a tenant registry that is out of bounds.
    #[cfg(feature = "http")]
    #[error("the {what} of a tenant registry is {allowed}, not {found}")]
    #[non_exhaustive]
    RegistryLimit {
        /// Which.
        what: &'static str,
        /// What it may be.
        allowed: String,
        /// What was asked for.
        found: String,
    },
    /// The HTTP client could not be made.
    #[error("the HTTP client could not be made")]
    Transport,
}
