//! How much is kept, and for how long.

use std::time::Duration;

/// The bounds of a [`GroupDirectory`](super::GroupDirectory).
///
/// ```
/// use std::time::Duration;
/// use entra_claims::groups::GroupLimits;
///
/// let limits = GroupLimits::default()
///     .kept_for(Duration::from_secs(60))
///     .timeout(Duration::from_secs(3));
/// assert_ne!(limits, GroupLimits::default());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupLimits {
    pub(super) users: usize,
    pub(super) groups: usize,
    pub(super) lookups: usize,
    pub(super) kept_for: Duration,
    pub(super) timeout: Duration,
}

impl Default for GroupLimits {
    /// 10,000 users with 1,000,000 groups in all (about 16 MB), 64 lookups at once, kept for 5
    /// minutes, 5 s for a lookup.
    fn default() -> Self {
        Self {
            users: 10_000,
            groups: 1_000_000,
            lookups: 64,
            kept_for: Duration::from_secs(300),
            timeout: Duration::from_secs(5),
        }
    }
}

impl GroupLimits {
    /// Of how many users the groups are kept. The oldest answer goes first.
    #[must_use]
    pub const fn users(mut self, users: usize) -> Self {
        self.users = users;
        self
    }

    /// How many groups are kept, of all users together. An answer with more is not kept.
    #[must_use]
    pub const fn groups(mut self, groups: usize) -> Self {
        self.groups = groups;
        self
    }

    /// How many lookups run at once. Whoever comes beyond that is told at once that it cannot
    /// be decided now.
    #[must_use]
    pub const fn lookups(mut self, lookups: usize) -> Self {
        self.lookups = lookups;
        self
    }

    /// For how long an answer counts; an hour at most. Zero asks for each request.
    #[must_use]
    pub fn kept_for(mut self, kept_for: Duration) -> Self {
        self.kept_for = kept_for.min(Duration::from_secs(3600));
        self
    }

    /// How long a lookup may take.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}
