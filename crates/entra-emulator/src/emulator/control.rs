//! Changing what an emulator serves while it runs.

use super::running::Emulator;
use crate::directory::{AccessPolicy, Assignment, ConsentGrant, Directory, DirectoryError, User};
use crate::fault::{Fault, FaultId, PendingFault};
use crate::identity::IdentityState;
use crate::keys;
use crate::steer::DeviceCodeError;

impl Emulator {
    /// Lets the next matching request go wrong. Of several faults that match, the oldest
    /// strikes.
    ///
    /// A fault that [`check`](Fault::check) refuses strikes as far as it can be served.
    #[expect(clippy::must_use_candidate, reason = "it is called for what it does")]
    pub fn fail_next(&self, fault: Fault) -> FaultId {
        self.shared.faults.add(fault)
    }

    /// The faults that are not spent, oldest first.
    #[must_use]
    pub fn pending_faults(&self) -> Vec<PendingFault> {
        self.shared.faults.pending()
    }

    /// Takes a fault back; `false` if it was spent or is unknown.
    #[expect(clippy::must_use_candidate, reason = "it is called for what it does")]
    pub fn remove_fault(&self, id: FaultId) -> bool {
        self.shared.faults.remove(id)
    }

    /// Takes all faults back.
    pub fn clear_faults(&self) {
        self.shared.faults.clear();
    }

    /// Lets the metadata endpoints of managed identities answer like this until told
    /// otherwise.
    pub fn set_identity_state(&self, state: IdentityState) {
        self.shared.identity.set(state);
    }

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
        self.shared.replace_directory(directory)
    }

    /// Goes back to the start: the directory, keys and clock are those it started with, and
    /// codes, refresh tokens, sign-ins, faults and the journal are empty.
    ///
    /// Access tokens that are out stay valid as long as their key is published.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use entra_emulator::{Directory, Emulator, demo};
    ///
    /// let emulator = Emulator::start(Directory::demo()).await?;
    /// let seed = emulator.directory().to_json();
    /// emulator.disable_user(demo::TENANT, demo::ALICE)?;
    /// assert_ne!(emulator.directory().to_json(), seed);
    /// emulator.reset();
    /// assert_eq!(emulator.directory().to_json(), seed);
    /// # Ok(())
    /// # }
    /// ```
    pub fn reset(&self) {
        self.shared.reset();
    }

    /// Adds consent, or an app role assignment, in a tenant (its id or domain).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use entra_emulator::{Directory, Emulator, ConsentGrant, demo};
    ///
    /// let emulator = Emulator::start(Directory::demo()).await?;
    /// let grant = ConsentGrant::delegated(demo::MCP_SERVER, demo::PAYROLL_API, [demo::PAYROLL_READ]);
    /// emulator.grant_consent(demo::TENANT, grant)?;
    /// emulator.revoke_consent(demo::TENANT, demo::MCP_SERVER, demo::PAYROLL_API)?;
    ///
    /// let nobody = ConsentGrant::delegated(demo::MCP_SERVER, demo::PAYROLL_API, ["no such scope"]);
    /// assert!(emulator.grant_consent(demo::TENANT, nobody).is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The tenant does not exist, or the grant names something that it does not have.
    pub fn grant_consent(&self, tenant: &str, grant: ConsentGrant) -> Result<(), DirectoryError> {
        self.shared.grant_consent(tenant, grant)
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
        self.shared.revoke_consent(tenant, client, resource)
    }

    /// Disables a user's account: no more tokens for it (AADSTS50057).
    ///
    /// # Errors
    ///
    /// The tenant or the user does not exist.
    pub fn disable_user(&self, tenant: &str, object_id: &str) -> Result<(), DirectoryError> {
        self.shared.change_user(tenant, object_id, User::disabled)
    }

    /// Enables a user's account again.
    ///
    /// # Errors
    ///
    /// The tenant or the user does not exist.
    pub fn enable_user(&self, tenant: &str, object_id: &str) -> Result<(), DirectoryError> {
        self.shared.change_user(tenant, object_id, User::enabled)
    }

    /// Demands from now on that users and apps are assigned to an app (its client id):
    /// AADSTS50105 and AADSTS501051 for others.
    ///
    /// # Errors
    ///
    /// The tenant or the app does not exist.
    pub fn require_assignment(&self, tenant: &str, client_id: &str) -> Result<(), DirectoryError> {
        self.shared
            .set_assignment(tenant, client_id, Assignment::Required)
    }

    /// Lets those who are not assigned to an app in again.
    ///
    /// # Errors
    ///
    /// The tenant or the app does not exist.
    pub fn lift_assignment(&self, tenant: &str, client_id: &str) -> Result<(), DirectoryError> {
        self.shared
            .set_assignment(tenant, client_id, Assignment::Optional)
    }

    /// Adds a Conditional Access policy to a tenant; one with the same id is replaced.
    ///
    /// # Errors
    ///
    /// The tenant does not exist, or the policy names something that it does not have.
    pub fn set_policy(&self, tenant: &str, policy: AccessPolicy) -> Result<(), DirectoryError> {
        self.shared.set_policy(tenant, policy)
    }

    /// Removes a Conditional Access policy, by id; one that is not there is ignored.
    ///
    /// # Errors
    ///
    /// The tenant does not exist.
    pub fn remove_policy(&self, tenant: &str, id: &str) -> Result<(), DirectoryError> {
        self.shared.remove_policy(tenant, id)
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

    /// Publishes the key that [`rotate_keys`](Self::rotate_keys) will sign with, ahead of
    /// it, as Entra does. Once until the next rotation.
    pub fn publish_next_key(&self) {
        self.shared.change_keys(keys::KeyRing::publish_next);
    }

    /// Puts another key under the `kid` of the one that signs, in the key sets and for new
    /// tokens; a second call takes it back. It is what an attacker, or a mistake, would do.
    pub fn swap_key_under_same_kid(&self) {
        self.shared.change_keys(keys::KeyRing::swap_material);
    }

    /// Approves a device code as a user of a tenant, without a browser: the user signs in
    /// and answers what policies ask.
    ///
    /// # Errors
    ///
    /// Nothing waits for that user code, there is no such user, or consent or a policy
    /// blocks it.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use entra_emulator::{Directory, Emulator, demo};
    ///
    /// let emulator = Emulator::start(Directory::demo()).await?;
    /// let url = format!("{}/oauth2/v2.0/devicecode", emulator.authority(demo::TENANT));
    /// let form = [("client_id", demo::MCP_CLIENT), ("scope", demo::MCP_READ_SCOPE)];
    /// let started: serde_json::Value =
    ///     reqwest::Client::new().post(url).form(&form).send().await?.json().await?;
    ///
    /// let code = started["user_code"].as_str().ok_or("no code")?;
    /// emulator.approve_device_code(code, demo::TENANT, demo::ALICE)?;
    /// assert!(emulator.decline_device_code(code).is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn approve_device_code(
        &self,
        user_code: &str,
        tenant: &str,
        user: &str,
    ) -> Result<(), DeviceCodeError> {
        self.shared().approve_device_code(user_code, tenant, user)
    }

    /// Declines a device code, as a user does on the page.
    ///
    /// # Errors
    ///
    /// Nothing waits for that user code.
    pub fn decline_device_code(&self, user_code: &str) -> Result<(), DeviceCodeError> {
        self.shared().decline_device_code(user_code)
    }

    /// Lets a user change the password: refresh tokens of public clients from before now
    /// answer AADSTS50173, those of confidential clients live on.
    ///
    /// # Errors
    ///
    /// The tenant or the user does not exist.
    pub fn change_password(&self, tenant: &str, object_id: &str) -> Result<(), DirectoryError> {
        self.shared().change_password(tenant, object_id)
    }

    /// Deletes a user: its refresh tokens answer AADSTS500341.
    ///
    /// # Errors
    ///
    /// The tenant or the user does not exist, or the user is a guest's account at home.
    pub fn delete_user(&self, tenant: &str, object_id: &str) -> Result<(), DirectoryError> {
        self.shared().delete_user(tenant, object_id)
    }

    /// Revokes a user's sessions: refresh tokens from before now answer AADSTS50173.
    ///
    /// # Errors
    ///
    /// The tenant or the user does not exist.
    pub fn revoke_sessions(&self, tenant: &str, object_id: &str) -> Result<(), DirectoryError> {
        self.shared().revoke_sessions(tenant, object_id)
    }
}
