//! The tenant segment of a path: a tenant, or an alias such as `common`.

use crate::directory::{Directory, PERSONAL, Tenant, id::canonical_guid};
use crate::errors::{AadError, table};

/// The tenant part of a path.
pub(crate) enum Authority<'a> {
    Tenant(&'a Tenant),
    /// `common`, `organizations` or `consumers`: the tenant follows from the user.
    Any(&'static str),
}

impl<'a> Authority<'a> {
    /// Whether a tenant answers under this authority: `consumers` is the tenant of personal
    /// accounts, `organizations` all others.
    pub(crate) fn includes(&self, tenant: &Tenant) -> bool {
        match self {
            Self::Tenant(own) => own.id == tenant.id,
            Self::Any("consumers") => tenant.id == PERSONAL,
            Self::Any("organizations") => tenant.id != PERSONAL,
            Self::Any(_) => true,
        }
    }

    pub(crate) fn find(directory: &'a Directory, segment: &str) -> Result<Self, AadError> {
        let aliases = ["common", "organizations", "consumers"];
        if let Some(alias) = aliases
            .into_iter()
            .find(|a| a.eq_ignore_ascii_case(segment))
        {
            return Ok(Self::Any(alias));
        }
        if let Some(tenant) = directory.find(segment) {
            return Ok(Self::Tenant(tenant));
        }
        let guid_or_domain = canonical_guid(segment).is_some() || segment.contains('.');
        let row = match guid_or_domain {
            true => table::TENANT_NOT_FOUND,
            false => table::TENANT_MALFORMED,
        };
        Err(AadError::new(row).arg(segment))
    }
}
