//! Changing what an emulator serves while it runs.

use crate::{
    Directory, DirectoryError, Emulator, Grant, Tenant, User,
    directory::{GrantKind, check_grant},
    keys,
};

impl Emulator {
    /// A copy of the directory as it is now.
    #[must_use]
    pub fn directory(&self) -> Directory {
        Directory::clone(&self.shared.directory())
    }

    /// Replaces the whole directory. Codes and refresh tokens stay, and answer for users
    /// and apps as they are when they are used.
    ///
    /// # Errors
    ///
    /// The directory contradicts itself; the old one stays.
    pub fn replace_directory(&self, directory: Directory) -> Result<(), DirectoryError> {
        directory.check()?;
        self.shared.change(|current| {
            *current = directory;
            Ok(())
        })
    }

    /// Adds consent, or an app role assignment, in a tenant (its id or domain).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use entra_emulator::{Directory, Emulator, Grant, demo};
    ///
    /// let emulator = Emulator::start(Directory::demo()).await?;
    /// let grant = Grant::delegated(demo::MCP_SERVER, demo::PAYROLL_API, [demo::PAYROLL_READ]);
    /// emulator.grant_consent(demo::TENANT, grant)?;
    /// emulator.revoke_consent(demo::TENANT, demo::MCP_SERVER, demo::PAYROLL_API)?;
    ///
    /// let nobody = Grant::delegated(demo::MCP_SERVER, demo::PAYROLL_API, ["no such scope"]);
    /// assert!(emulator.grant_consent(demo::TENANT, nobody).is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The tenant does not exist, or the grant names something that it does not have.
    pub fn grant_consent(&self, tenant: &str, grant: Grant) -> Result<(), DirectoryError> {
        self.change_tenant(tenant, |t| {
            check_grant(t, &grant)?;
            t.grants.push(grant);
            Ok(())
        })
    }

    /// Takes back all delegated consent of `client` for `resource` (client ids), of all
    /// users; app roles stay.
    ///
    /// Tokens that are out stay valid until they expire, as at Entra.
    ///
    /// # Errors
    ///
    /// The tenant does not exist.
    pub fn revoke_consent(
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

    /// Disables a user's account: no more tokens for it (AADSTS50057).
    ///
    /// # Errors
    ///
    /// The tenant or the user does not exist.
    pub fn disable_user(&self, tenant: &str, object_id: &str) -> Result<(), DirectoryError> {
        self.change_user(tenant, object_id, User::disabled)
    }

    /// Enables a user's account again.
    ///
    /// # Errors
    ///
    /// The tenant or the user does not exist.
    pub fn enable_user(&self, tenant: &str, object_id: &str) -> Result<(), DirectoryError> {
        self.change_user(tenant, object_id, User::enabled)
    }

    /// Signs with another key from now on, which no key set has shown before the third
    /// rotation. The key that signed until now stays published; one from before that goes.
    pub fn rotate_keys(&self) {
        self.shared.change_keys(keys::KeyRing::rotate);
    }

    /// Publishes only the key that signs now: tokens signed with an older one are of an
    /// unknown key from now on.
    pub fn drop_old_keys(&self) {
        self.shared.change_keys(keys::KeyRing::drop_old);
    }

    fn change_tenant(
        &self,
        tenant: &str,
        change: impl FnOnce(&mut Tenant) -> Result<(), DirectoryError>,
    ) -> Result<(), DirectoryError> {
        self.shared
            .change(|directory| match directory.find_mut(tenant) {
                Some(tenant) => change(tenant),
                None => Err(DirectoryError::Unknown {
                    what: "tenant",
                    value: tenant.to_owned(),
                    tenant: tenant.to_owned(),
                }),
            })
    }

    fn change_user(
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
