//! For how long answers of a registry are kept, and how many.

use std::time::Duration;

use crate::ConfigError;

/// How long a registry may take, and for how long its answers are kept.
///
/// | what | default | at most |
/// | --- | --- | --- |
/// | [`known_for`](Self::known_for): a tenant that is known | 5 min | 24 h |
/// | [`unknown_for`](Self::unknown_for): one that is not | 30 s | 1 h |
/// | [`stale_for`](Self::stale_for): a known one beyond that, while the registry fails | 1 h | 24 h |
/// | [`deadline`](Self::deadline) of one lookup | 3 s | 30 s |
/// | [`tenants`](Self::tenants) that are kept, of the known and of the unknown each | 16,384 | 1,048,576 |
///
/// A tenant that is removed from the registry is denied after `known_for` at the latest,
/// whatever is remembered of its tokens; and after `known_for` and `stale_for` if the registry
/// cannot be asked meanwhile. At most 64 lookups of tenants that are not known are under way
/// at a time; beyond that the answer is "cannot decide" at once.
///
/// ```
/// use std::time::Duration;
/// use entra_claims::registry::TenantCacheLimits;
///
/// let minute = TenantCacheLimits::default().known_for(Duration::from_secs(60))?;
/// assert_ne!(minute, TenantCacheLimits::default());
/// let error = minute.deadline(Duration::ZERO).unwrap_err();
/// assert_eq!(error.to_string(), "the deadline of a tenant registry is 1 ms to 30 s, not 0 s");
/// # Ok::<(), entra_claims::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TenantCacheLimits {
    pub(super) known_for: Duration,
    pub(super) unknown_for: Duration,
    pub(super) stale_for: Duration,
    pub(super) deadline: Duration,
    pub(super) tenants: usize,
}

/// Lookups of tenants that are not known, at a time.
pub(super) const MOST_LOOKUPS: usize = 64;
const MOST_TENANTS: usize = 1024 * 1024;
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

impl Default for TenantCacheLimits {
    fn default() -> Self {
        Self {
            known_for: Duration::from_secs(300),
            unknown_for: Duration::from_secs(30),
            stale_for: HOUR,
            deadline: Duration::from_secs(3),
            tenants: 16 * 1024,
        }
    }
}

impl TenantCacheLimits {
    /// A tenant that is known is asked about again after this time; a fifth before its end in
    /// the background, if there are requests.
    ///
    /// # Errors
    ///
    /// Less than a second or more than 24 hours.
    pub fn known_for(mut self, time: Duration) -> Result<Self, ConfigError> {
        self.known_for = within("time to keep known tenants", time, SECOND..=DAY)?;
        Ok(self)
    }

    /// A tenant that is not known is denied without a question for this time.
    ///
    /// # Errors
    ///
    /// More than an hour: somebody who just signed up waits for it.
    pub fn unknown_for(mut self, time: Duration) -> Result<Self, ConfigError> {
        self.unknown_for = within("time to keep unknown tenants", time, Duration::ZERO..=HOUR)?;
        Ok(self)
    }

    /// A known tenant is served for this time longer while the registry fails. Unknown ones
    /// never are: then it cannot be decided.
    ///
    /// # Errors
    ///
    /// More than 24 hours.
    pub fn stale_for(mut self, time: Duration) -> Result<Self, ConfigError> {
        self.stale_for = within("time beyond a failure", time, Duration::ZERO..=DAY)?;
        Ok(self)
    }

    /// A lookup that takes longer has failed.
    ///
    /// # Errors
    ///
    /// Less than a millisecond or more than 30 seconds.
    pub fn deadline(mut self, time: Duration) -> Result<Self, ConfigError> {
        let most = Duration::from_secs(30);
        self.deadline = within("deadline", time, Duration::from_millis(1)..=most)?;
        Ok(self)
    }

    /// So many known tenants are kept, and so many unknown ones; what was not used for the
    /// longest time is asked about again.
    ///
    /// # Errors
    ///
    /// None, or more than 1,048,576.
    pub fn tenants(mut self, most: usize) -> Result<Self, ConfigError> {
        if !(1..=MOST_TENANTS).contains(&most) {
            return Err(ConfigError::RegistryLimit {
                what: "number of tenants",
                allowed: "1 to 1048576".to_owned(),
                found: most.to_string(),
            });
        }
        self.tenants = most;
        Ok(self)
    }
}

const SECOND: Duration = Duration::from_secs(1);

fn within(
    what: &'static str,
    time: Duration,
    allowed: std::ops::RangeInclusive<Duration>,
) -> Result<Duration, ConfigError> {
    if allowed.contains(&time) {
        return Ok(time);
    }
    let words = |time: &Duration| match time.as_secs() {
        0 if time.is_zero() => "0 s".to_owned(),
        0 => format!("{time:?}").replace("ms", " ms"),
        seconds => format!("{seconds} s"),
    };
    Err(ConfigError::RegistryLimit {
        what,
        allowed: format!("{} to {}", words(allowed.start()), words(allowed.end())),
        found: words(&time),
    })
}
