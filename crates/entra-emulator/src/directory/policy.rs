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
    /// Authentication contexts; a policy with some covers the requests that demand one of
    /// them, and no others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) contexts: Vec<String>,
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
            contexts: Vec::new(),
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

    /// Targets an authentication context (`c1` to `c99`) in the place of resources; may be
    /// said more than once. A request whose `claims` demand the context (`acrs`) must meet
    /// the requirement, and the challenge names the context.
    #[must_use]
    pub fn context(mut self, id: impl Into<String>) -> Self {
        self.contexts.push(id.into());
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
        let listed = self.resources.is_empty() || self.resources.iter().any(|r| r == resource);
        self.is_on_for(user) && self.contexts.is_empty() && listed
    }

    /// Whether it guards an authentication context for this user.
    pub(crate) fn guards(&self, context: &str, user: &str) -> bool {
        self.is_on_for(user) && self.contexts.iter().any(|c| c == context)
    }

    fn is_on_for(&self, user: &str) -> bool {
        self.enabled && (self.users.is_empty() || self.users.iter().any(|u| u == user))
    }

    /// Takes a user out of the list; a list that gets empty by it covers nobody.
    pub(crate) fn forget_user(&mut self, user: &str) {
        let listed = self.users.iter().any(|u| u == user);
        self.users.retain(|u| u != user);
        self.enabled &= !(listed && self.users.is_empty());
    }
}

fn enabled() -> bool {
    true
}
