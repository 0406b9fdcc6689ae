//! Configuration errors of validators and authenticators.

use std::ops::RangeInclusive;
use std::time::Duration;

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
    /// A limit, a time or a size that cannot work.
    #[error("{limit} is {found}, and may be {allowed}")]
    #[non_exhaustive]
    OutOfRange {
        /// Which, by the name of its setter.
        limit: &'static str,
        /// What was asked for.
        found: String,
        /// The allowed range.
        allowed: String,
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
    /// The policy leaves tenants to a registry, and no registry is configured.
    #[cfg(feature = "http")]
    #[error("the tenant policy asks a registry: pass one to `tenant_registry`")]
    NoRegistry,
    /// There is a registry, and the policy does not ask it.
    #[cfg(feature = "http")]
    #[error("the tenant policy asks no registry: make it with `TenantPolicy::registered`")]
    UnusedRegistry,
    /// The HTTP client could not be made.
    #[error("the HTTP client could not be made")]
    Transport,
}

impl ConfigError {
    pub(crate) fn out_of_range(limit: &'static str, found: String, allowed: String) -> Self {
        Self::OutOfRange {
            limit,
            found,
            allowed,
        }
    }

    /// Whether a time is within its range.
    pub(crate) fn check_time(
        limit: &'static str,
        time: Duration,
        allowed: &RangeInclusive<Duration>,
    ) -> Result<(), Self> {
        if allowed.contains(&time) {
            return Ok(());
        }
        let words = |time: &Duration| match (time.as_secs(), time.subsec_millis()) {
            (0, 1..) => format!("{} ms", time.as_millis()),
            (seconds, _) => format!("{seconds} s"),
        };
        let allowed = format!("{} to {}", words(allowed.start()), words(allowed.end()));
        Err(Self::out_of_range(limit, words(&time), allowed))
    }

    /// Whether a number is within its range.
    pub(crate) fn check_number(
        limit: &'static str,
        number: usize,
        allowed: &RangeInclusive<usize>,
    ) -> Result<(), Self> {
        if allowed.contains(&number) {
            return Ok(());
        }
        let allowed = format!("{} to {}", allowed.start(), allowed.end());
        Err(Self::out_of_range(limit, number.to_string(), allowed))
    }
}
