//! Where groups come from: a trait that users implement.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use foundry_scopes::ObjectId;

use crate::VerifiedToken;
use crate::transport::BoxFuture;

/// Where a [`GroupDirectory`](super::GroupDirectory) gets the groups of a user from.
///
/// A source only asks. One lookup at a time per user, a time limit, keeping the answers: the
/// directory does that above any source. See [the module](super) for an example.
///
/// The address in a token's `_claim_sources` is of a retired service: build a call of your
/// own (Graph doc "directoryObject: getMemberObjects"), with `securityEnabledOnly` as your
/// groups are.
pub trait GroupSource: Debug + Send + Sync {
    /// The object ids of **all** groups that this user is in, also by way of other groups.
    ///
    /// The answer must depend on nothing of the token but its tenant and object, by which it
    /// is kept. The token itself is there to call Microsoft Graph on behalf of the user.
    ///
    /// An error says nothing about the user: what cannot be asked cannot be decided.
    fn groups<'a>(
        &'a self,
        user: &'a VerifiedToken,
    ) -> BoxFuture<'a, Result<Vec<ObjectId>, GroupSourceError>>;
}

impl<S: GroupSource + ?Sized> GroupSource for Arc<S> {
    fn groups<'a>(
        &'a self,
        user: &'a VerifiedToken,
    ) -> BoxFuture<'a, Result<Vec<ObjectId>, GroupSourceError>> {
        (**self).groups(user)
    }
}

/// Why there is no answer. Holds nothing of a token or of a user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct GroupSourceError {
    message: &'static str,
    retry_after: Option<Duration>,
}

impl GroupSourceError {
    /// A failure, for the log.
    #[must_use]
    pub const fn new(message: &'static str) -> Self {
        Self {
            message,
            retry_after: None,
        }
    }

    /// With the pause that was asked for, as of a 429.
    #[must_use]
    pub const fn retry_after(mut self, pause: Duration) -> Self {
        self.retry_after = Some(pause);
        self
    }

    pub(super) const fn message(&self) -> &'static str {
        self.message
    }

    pub(super) fn pause(&self) -> Duration {
        self.retry_after.unwrap_or(Duration::from_secs(1))
    }
}
