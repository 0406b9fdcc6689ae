//! Groups overage: users in more groups than a token lists.
//!
//! A token lists up to 200 groups; of a user in more it lists none and says so (groups
//! overage). [`Requirement::check`](crate::Requirement::check) then cannot tell. A
//! [`GroupSource`] of yours asks Microsoft Graph, and a [`GroupDirectory`] keeps the answers:
//!
//! ```
//! use entra_claims::groups::{GroupDirectory, GroupSource, GroupSourceError};
//! use entra_claims::{Reason, Requirement, VerifiedToken, transport::BoxFuture};
//! use foundry_scopes::ObjectId;
//!
//! /// Asks Microsoft Graph: `POST /users/{oid}/getMemberObjects` with the application's own
//! /// token, or `POST /me/getMemberObjects` with one on behalf of the user.
//! #[derive(Debug)]
//! struct Graph;
//!
//! impl GroupSource for Graph {
//!     fn groups<'a>(
//!         &'a self,
//!         user: &'a VerifiedToken,
//!     ) -> BoxFuture<'a, Result<Vec<ObjectId>, GroupSourceError>> {
//!         Box::pin(async move {
//!             let answer = get_member_objects(user.principal().object()).await;
//!             answer.ok_or(GroupSourceError::new("Microsoft Graph did not answer"))
//!         })
//!     }
//! }
//! # async fn get_member_objects(_: ObjectId) -> Option<Vec<ObjectId>> {
//! #     Some(vec![ObjectId::from_u128(7)])
//! # }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! # let token = "eyJhbGciOiJSUzI1NiJ9.eyJ0aWQiOiI4ZWFlZjAyMy0yYjM0LTRkYTEtOWJhYS04YmM4YzlkNmE0OTAiLCJvaWQiOiJhYWFhYWFhYS0wMDAwLTExMTEtMjIyMi1iYmJiYmJiYmJiYmIiLCJhenAiOiIyMjIyMzMzMy1jY2NjLTQ0NDQtZGRkZC01NTU1ZWVlZTY2NjYiLCJzY3AiOiJzIiwiZXhwIjoxNzAwMDAwMDAwLCJoYXNncm91cHMiOnRydWV9.c2ln";
//! # let token = entra_claims::dangerous::assume_verified(token).unwrap();
//! let admins = Requirement::group(ObjectId::from_u128(7));
//! // The token says only that the user is in too many groups.
//! assert_eq!(admins.check(&token).unwrap_err().reason(), Reason::GroupsUnknown);
//!
//! let directory = GroupDirectory::new(Graph);
//! assert!(directory.check(&admins, &token).await.is_ok());
//! let others = Requirement::group(ObjectId::from_u128(8));
//! let refusal = directory.check(&others, &token).await.unwrap_err();
//! assert_eq!(refusal.reason(), Reason::MissingGroup);
//! # }
//! ```
//!
//! What holds:
//!
//! 1. The source is asked only where the groups decide and the token does not hold them.
//! 2. Whatever goes wrong (an error, no answer in time, a panic, too many lookups at once) is
//!    [`Reason::GroupsUnavailable`](crate::Reason::GroupsUnavailable), "cannot tell now": never
//!    "a member" and never "not a member".
//! 3. An answer belongs to one tenant and object. It is looked up by both, and a check with
//!    another user's groups cannot tell.
//! 4. One lookup per user at a time, in a task of its own; concurrent requests for that user wait for it.
//!    Failures are shared with those who wait and not remembered.
//!
//! A requirement that is checked where nothing can be waited for, as by the layer of
//! `mcp-auth`, leaves the group out; the handler then checks it with the directory.
//!
//! **A membership that was taken away counts until the answer is forgotten**, five minutes
//! unless you set another time, or [`GroupDirectory::forget`].

mod directory;

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use foundry_scopes::ObjectId;

use crate::http::transport::BoxFuture;
use crate::principal::VerifiedToken;
pub use crate::require::ResolvedGroups;
use crate::validate::ConfigError;
pub use directory::GroupDirectory;

/// Where a [`GroupDirectory`] gets the groups of a user from.
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

    const fn message(&self) -> &'static str {
        self.message
    }

    fn pause(&self) -> Duration {
        self.retry_after.unwrap_or(Duration::from_secs(1))
    }
}

/// The bounds of a [`GroupDirectory`].
///
/// ```
/// use std::time::Duration;
/// use entra_claims::groups::GroupLimits;
///
/// let limits = GroupLimits::default()
///     .with_kept_for(Duration::from_secs(60))
///     .with_timeout(Duration::from_secs(3));
/// assert_ne!(limits, GroupLimits::default());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupLimits {
    users: usize,
    groups: usize,
    lookups: usize,
    kept_for: Duration,
    timeout: Duration,
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
    pub const fn with_users(mut self, users: usize) -> Self {
        self.users = users;
        self
    }

    /// How many groups are kept, of all users together. An answer with more is not kept.
    #[must_use]
    pub const fn with_groups(mut self, groups: usize) -> Self {
        self.groups = groups;
        self
    }

    /// How many lookups run at once. A request beyond that learns at once that it cannot
    /// be decided now.
    #[must_use]
    pub const fn with_lookups(mut self, lookups: usize) -> Self {
        self.lookups = lookups;
        self
    }

    /// For how long an answer counts; an hour at most. Zero asks for each request.
    #[must_use]
    pub const fn with_kept_for(mut self, kept_for: Duration) -> Self {
        self.kept_for = kept_for;
        self
    }

    /// Whether a directory can work with these.
    fn check(&self) -> Result<(), ConfigError> {
        let hour = Duration::from_secs(3600);
        ConfigError::check_time("kept_for", self.kept_for, &(Duration::ZERO..=hour))?;
        let least = Duration::from_millis(1);
        ConfigError::check_time("timeout", self.timeout, &(least..=hour))?;
        ConfigError::check_number("lookups", self.lookups, &(1..=usize::MAX))
    }

    /// How long a lookup may take.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}
