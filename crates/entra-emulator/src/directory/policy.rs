//! Conditional Access.

use serde::{Deserialize, Serialize};

use super::id;

/// A Conditional Access policy of a tenant (Entra doc "Conditional Access").
///
/// ```
/// use entra_emulator::{AccessPolicy, PolicyRequirement};
///
/// # let orders = "0a1b2c3d-0000-4000-8000-0000000000a1";
/// let policy = AccessPolicy::new("0a1b2c3d-0000-4000-8000-0000000000ca", PolicyRequirement::Mfa)
///     .resource(orders);
/// assert_eq!(policy.id(), "0a1b2c3d-0000-4000-8000-0000000000ca");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessPolicy {
    #[serde(deserialize_with = "id::lower")]
    pub(crate) id: String,
    pub(crate) requirement: PolicyRequirement,
    /// Client ids; empty means every resource.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "id::lower_each"
    )]
    pub(crate) resources: Vec<String>,
    /// Object ids; empty means every user.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "id::lower_each"
    )]
    pub(crate) users: Vec<String>,
    #[serde(default = "enabled")]
    pub(crate) enabled: bool,
}

/// What a policy demands before a token is issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum PolicyRequirement {
    /// A second factor. Without it AADSTS50076 with a claims challenge; for a user who has
    /// none registered, AADSTS50079.
    Mfa,
    /// A sign-in that meets conditions the emulator does not look at more closely: a
    /// network, a risk level. Without it AADSTS53003 with a claims challenge; a new
    /// sign-in that carries the challenge meets them.
    Conditions,
    /// No token, whatever the user does: AADSTS53003 without a challenge.
    Block,
    /// A device that complies: AADSTS53000 with a claims challenge.
    CompliantDevice,
    /// A challenge of another provider: AADSTS50158 with a claims challenge.
    ExternalChallenge,
    /// A security policy of the tenant blocks: AADSTS530032 without a challenge.
    SecurityPolicy,
    /// A sign-in that is not older: AADSTS70043 for a refresh token that is.
    SignInFrequency {
        /// The greatest age of the sign-in, in seconds.
        seconds: i64,
    },
}

impl AccessPolicy {
    /// A policy that is on, for every resource and every user. `id` is a GUID, which claims
    /// challenges name.
    pub fn new(id: impl AsRef<str>, requirement: PolicyRequirement) -> Self {
        Self {
            id: id.as_ref().to_ascii_lowercase(),
            requirement,
            resources: Vec::new(),
            users: Vec::new(),
            enabled: true,
        }
    }

    /// Narrows it to a resource, by client id; may be said more than once.
    #[must_use]
    pub fn resource(mut self, client_id: impl AsRef<str>) -> Self {
        self.resources.push(client_id.as_ref().to_ascii_lowercase());
        self
    }

    /// Narrows it to a user, by object id; may be said more than once.
    #[must_use]
    pub fn user(mut self, object_id: impl AsRef<str>) -> Self {
        self.users.push(object_id.as_ref().to_ascii_lowercase());
        self
    }

    /// Turns it off.
    #[must_use]
    pub fn disabled(mut self) -> Self {
        self.enabled = false;
        self
    }

    /// The id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it demands.
    #[must_use]
    pub fn requirement(&self) -> &PolicyRequirement {
        &self.requirement
    }

    pub(crate) fn covers(&self, resource: &str, user: &str) -> bool {
        let has = |list: &[String], id: &str| list.is_empty() || list.iter().any(|l| l == id);
        self.enabled && has(&self.resources, resource) && has(&self.users, user)
    }
}

fn enabled() -> bool {
    true
}
