//! Managed identities: service principals of a machine, without credentials.

use serde::{Deserialize, Serialize};

use super::App;

/// How a managed identity belongs to the machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum ManagedIdentity {
    /// The machine's own.
    SystemAssigned,
    /// One of several, by its Azure resource id.
    UserAssigned { resource_id: String },
}

impl App {
    /// Makes it the system-assigned managed identity of the machine that the emulator plays.
    /// It gets tokens from the metadata endpoints only.
    ///
    /// ```
    /// use entra_emulator::App;
    ///
    /// let identity = App::new("0a1b2c3d-0000-4000-8000-0000000000e1", "vm").system_assigned_identity();
    /// assert!(identity.is_managed_identity());
    /// ```
    #[must_use]
    pub fn system_assigned_identity(mut self) -> Self {
        self.managed = Some(ManagedIdentity::SystemAssigned);
        self
    }

    /// Makes it a user-assigned managed identity, with its Azure resource id.
    #[must_use]
    pub fn user_assigned_identity(mut self, resource_id: impl Into<String>) -> Self {
        self.managed = Some(ManagedIdentity::UserAssigned {
            resource_id: resource_id.into(),
        });
        self
    }

    /// Whether it is a managed identity.
    #[must_use]
    pub fn is_managed_identity(&self) -> bool {
        self.managed.is_some()
    }
}
