//! Changes of the directory while it is served, for Rust and HTTP alike.

use crate::directory::{
    AccessPolicy, Assignment, ConsentGrant, Directory, DirectoryError, GrantKind, Tenant, User,
    check_grant,
};
use crate::state::Shared;

impl Shared {
    pub(crate) fn grant_consent(
        &self,
        tenant: &str,
        grant: ConsentGrant,
    ) -> Result<(), DirectoryError> {
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

    pub(crate) fn replace_directory(&self, directory: Directory) -> Result<(), DirectoryError> {
        directory.check()?;
        self.change(|current| {
            *current = directory;
            Ok(())
        })
    }

    pub(crate) fn set_policy(
        &self,
        tenant: &str,
        policy: AccessPolicy,
    ) -> Result<(), DirectoryError> {
        self.change(|directory| {
            let found = directory.find_mut(tenant);
            let found = found.ok_or_else(|| unknown("tenant", tenant, tenant))?;
            found.policies.retain(|p| p.id != policy.id);
            found.policies.push(policy);
            directory.check()
        })
    }

    pub(crate) fn remove_policy(&self, tenant: &str, id: &str) -> Result<(), DirectoryError> {
        self.change_tenant(tenant, |t| {
            t.policies.retain(|p| !p.id.eq_ignore_ascii_case(id));
            Ok(())
        })
    }

    pub(crate) fn set_assignment(
        &self,
        tenant: &str,
        client_id: &str,
        assignment: Assignment,
    ) -> Result<(), DirectoryError> {
        self.change_tenant(tenant, |t| {
            let mut apps = t.apps.iter_mut();
            let app = apps.find(|a| a.client_id().eq_ignore_ascii_case(client_id));
            let app = app.ok_or_else(|| unknown("app", client_id, &t.id))?;
            app.assignment = assignment;
            Ok(())
        })
    }

    /// Deletes a user with what was granted to it.
    pub(crate) fn delete_user(&self, tenant: &str, object_id: &str) -> Result<(), DirectoryError> {
        self.change(|directory| {
            let found = directory.find_mut(tenant);
            let found = found.ok_or_else(|| unknown("tenant", tenant, tenant))?;
            let id = object_id.to_ascii_lowercase();
            let before = found.users.len();
            found.users.retain(|user| user.object_id() != id);
            if found.users.len() == before {
                return Err(unknown("user", object_id, &found.id));
            }
            found
                .grants
                .retain(|grant| grant.user() != Some(id.as_str()));
            for policy in &mut found.policies {
                policy.forget_user(&id);
            }
            directory.check()
        })
    }

    fn change_tenant(
        &self,
        tenant: &str,
        change: impl FnOnce(&mut Tenant) -> Result<(), DirectoryError>,
    ) -> Result<(), DirectoryError> {
        self.change(|directory| match directory.find_mut(tenant) {
            Some(tenant) => change(tenant),
            None => Err(unknown("tenant", tenant, tenant)),
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
                None => return Err(unknown("user", object_id, &t.id)),
            }
            Ok(())
        })
    }
}

fn unknown(what: &'static str, value: &str, tenant: &str) -> DirectoryError {
    DirectoryError::Unknown {
        what,
        value: value.to_owned(),
        tenant: tenant.to_owned(),
    }
}
