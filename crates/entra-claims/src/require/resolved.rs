//! Resolved groups of one user, from another source than the token.

use std::fmt;
use std::sync::Arc;

use foundry_scopes::ObjectId;

use crate::principal::PrincipalKey;

/// The groups of one user, asked for because the token does not hold them.
///
/// They belong to a tenant and an object, and
/// [`Requirement::check_with_groups`](crate::Requirement::check_with_groups) does not take
/// them for another user's.
///
/// ```
/// use entra_claims::{PrincipalKey, ResolvedGroups};
/// use foundry_scopes::{ObjectId, TenantId};
///
/// let user = PrincipalKey {
///     tenant: TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?,
///     object: ObjectId::parse("aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb")?,
/// };
/// let group = ObjectId::parse("cccccccc-3333-4444-5555-dddddddddddd")?;
/// let groups = ResolvedGroups::new(user, [group]);
/// assert!(groups.contains(group));
/// assert_eq!(groups.user(), user);
/// # Ok::<(), foundry_scopes::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ResolvedGroups {
    user: PrincipalKey,
    /// Sorted, each once.
    groups: Arc<[ObjectId]>,
}

impl ResolvedGroups {
    /// All groups of this user.
    #[must_use]
    pub fn new(user: PrincipalKey, groups: impl IntoIterator<Item = ObjectId>) -> Self {
        let mut groups: Vec<_> = groups.into_iter().collect();
        groups.sort_unstable();
        groups.dedup();
        Self {
            user,
            groups: groups.into(),
        }
    }

    /// Whose they are.
    #[must_use]
    pub fn user(&self) -> PrincipalKey {
        self.user
    }

    /// Whether the user is in this group.
    #[must_use]
    pub fn contains(&self, group: ObjectId) -> bool {
        self.groups.binary_search(&group).is_ok()
    }

    /// How many groups the user is in.
    #[must_use]
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether the user is in no group.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }
}

impl fmt::Debug for ResolvedGroups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResolvedGroups")
            .field("user", &self.user)
            .field("groups", &self.groups.len())
            .finish()
    }
}
