//! Changes of the directory while it is served, for Rust and HTTP alike.

use crate::{
    DirectoryError, Grant, Tenant, User,
    directory::{GrantKind, check_grant},
    state::Shared,
};

impl Shared {
    pub(crate) fn grant_consent(&self, tenant: &str, grant: Grant) -> Result<(), DirectoryError> {
        self.change_tenant(tenant, |t| {
            check_grant(t, &grant)?;
            t.grants.push(grant);
            Ok(())
        })
    }

    pub(crate) fn revoke_consent(
        &self,
        tenant: &str,
        client: &str,
        resource: &str,
    ) -> Result<(), DirectoryError> {
        self.change_tenant(tenant, |t| {
            t.grants.retain(|grant| match &grant.kind {
                GrantKind::Delegated { client: c, .. } => {
                    !(c.eq_ignore_ascii_case(client)
                        && grant.resource.eq_ignore_ascii_case(resource))
                }
                GrantKind::AppRoles { .. }
                | GrantKind::UserRoles { .. }
                | GrantKind::GroupRoles { .. } => true,
            });
            Ok(())
        })
    }

    fn change_tenant(
        &self,
        tenant: &str,
        change: impl FnOnce(&mut Tenant) -> Result<(), DirectoryError>,
    ) -> Result<(), DirectoryError> {
        self.change(|directory| match directory.find_mut(tenant) {
            Some(tenant) => change(tenant),
            None => Err(DirectoryError::Unknown {
                what: "tenant",
                value: tenant.to_owned(),
                tenant: tenant.to_owned(),
            }),
        })
    }

    pub(crate) fn change_user(
        &self,
        tenant: &str,
        object_id: &str,
        change: impl FnOnce(User) -> User,
    ) -> Result<(), DirectoryError> {
        self.change_tenant(tenant, |t| {
            let mut users = t.users.iter_mut();
            match users.find(|u| u.object_id().eq_ignore_ascii_case(object_id)) {
                Some(user) => *user = change(user.clone()),
                None => {
                    return Err(DirectoryError::Unknown {
                        what: "user",
                        value: object_id.to_owned(),
                        tenant: t.id.clone(),
                    });
                }
            }
            Ok(())
        })
    }
}
