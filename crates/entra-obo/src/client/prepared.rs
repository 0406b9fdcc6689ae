//! What a downstream works out once.

use foundry_scopes::{ScopeSet, TenantAuthority};
use http::Uri;

use crate::cache::key::Prefix;

/// What is the same for every user.
pub(super) struct Prepared {
    pub(super) authority: TenantAuthority,
    pub(super) endpoint: Uri,
    pub(super) scopes: ScopeSet,
    pub(super) scope: String,
    pub(super) prefix: Prefix,
}
