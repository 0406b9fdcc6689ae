//! Policies as configuration: which tokens and callers are accepted, read from JSON or TOML.

mod cloud;
mod fields;
mod node;
mod read;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use node::Node;

use crate::key::KeySet;
use crate::principal::VerifiedToken;
use crate::reject::Rejection;
use crate::require::Requirement;
use crate::validate::Validator;

/// Everything that decides whether a token is let in, as configuration: a [`Validator`] and
/// a [`Requirement`].
///
/// Read from any self-describing format that serde knows: JSON, TOML. `cloud`, `tenants`,
/// `audiences` and `token_kinds` have no defaults; an unknown field is an error, and so are one
/// that is given twice, a list that binds no accepted token and a rule that no caller can meet. All mistakes are
/// listed at once, each with its path.
///
/// | field | value; whom it binds | left out |
/// | --- | --- | --- |
/// | `cloud` | `public`, `usgov`, `china`, `{"custom": {"name", "authority", "issuer_v1", "issuer_v2", "key_cloud"}}`, `{"external_id": {"authority": "https://contoso.ciamlogin.com", "hosts": [..]}}`, `{"loopback": "http://127.0.0.1:8080"}` | |
/// | `tenants` | `{"mode": "single", "tenant": GUID}`, `{"mode": "allow", "tenants": [GUID]}`, `{"mode": "organizations"}`, `{"mode": "common"}`, `{"mode": "registry"}` | |
/// | `audiences` | what `aud` may be, each as it stands in the token | |
/// | `token_kinds` | `delegated`, `app` | |
/// | `versions` | `1.0`, `2.0` | both |
/// | `algorithms` | `RS256`, `PS256` | `RS256` |
/// | `clock_skew_s` | seconds, up to 600 | 300 |
/// | `max_token_bytes` | 1 to 262144 | 32768 |
/// | `required_scopes_any` | users: one of these delegated scopes, short or qualified with an accepted audience. Binds no application | any scope |
/// | `required_roles_any` | applications on their own: one of these app roles. Binds no user | any app role |
/// | `required_user_roles_any` | users: one of these app roles, beside the scopes. Binds no application | no role |
/// | `roles_assigned_in` | roles of users and of applications: `"any"`, or the tenants whose administrators' assignments count; a guard that accepts more than one tenant needs it | not said |
/// | `allowed_clients` | users and applications: through no other client, and as an application one of these needs no role; `null` for any | any |
///
/// An application on its own needs a role, or to be one of `allowed_clients`. With the mode
/// `registry` an `Authenticator` on [`validator`](Self::validator) asks your tenant registry;
/// [`check`](Self::check) alone refuses.
///
/// ```
/// use entra_claims::{KeySet, Policy, Reason};
/// # let keys = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/keys.json"));
/// # let token = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/token.txt"));
/// let policy = Policy::from_json(r#"{
///     "cloud": "public",
///     "tenants": {"mode": "single", "tenant": "8eaef023-2b34-4da1-9baa-8bc8c9d6a490"},
///     "audiences": ["11112222-bbbb-3333-cccc-4444dddd5555"],
///     "token_kinds": ["delegated"],
///     "required_scopes_any": ["access_as_user"]
/// }"#)?;
/// let refusal = policy.check(token, &KeySet::from_json(keys.as_bytes())?).unwrap_err();
/// assert_eq!(refusal.reason(), Reason::Expired);
///
/// let error = Policy::from_json(r#"{
///     "cloud": "public",
///     "tenants": {"mode": "single", "tenant": "contoso"},
///     "audiences": ["11112222-bbbb-3333-cccc-4444dddd5555"],
///     "token_kinds": ["delegated"],
///     "versions": [2.0]
/// }"#).unwrap_err();
/// let [tenant, version] = error.mistakes() else { panic!("{error}") };
/// assert!(tenant.starts_with("tenants.tenant: "));
/// assert!(version.ends_with(r#"write "2.0" with quotes"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Policy {
    validator: Validator,
    requirement: Requirement,
}

/// Why a text is no policy: everything that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the policy cannot be used: {}", .0.join("; "))]
pub struct PolicyError(Vec<String>);

impl PolicyError {
    /// The mistakes, each with its path (`tenants.tenant: ...`).
    #[must_use]
    pub fn mistakes(&self) -> &[String] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Policy {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let document = Node::deserialize(from)?;
        read::policy(&document).map_err(|mistakes| D::Error::custom(mistakes.join("; ")))
    }
}

impl Policy {
    /// Reads a policy from JSON.
    ///
    /// # Errors
    ///
    /// Text that is no JSON, or all mistakes in it.
    pub fn from_json(text: &str) -> Result<Self, PolicyError> {
        let document = serde_json::from_str(text)
            .map_err(|error| PolicyError(vec![format!("this is not JSON: {error}")]))?;
        read::policy(&document).map_err(PolicyError)
    }

    /// Verifies a token and checks what its caller holds.
    ///
    /// # Errors
    ///
    /// The first fault in the order of [`Reason`](crate::Reason).
    pub fn check(&self, token: &str, keys: &KeySet) -> Result<VerifiedToken, Rejection> {
        let verified = self.validator.verify(token, keys)?;
        self.requirement.check(&verified)?;
        Ok(verified)
    }

    /// Which tokens are good.
    #[must_use]
    pub fn validator(&self) -> &Validator {
        &self.validator
    }

    /// Which callers of good tokens are let in.
    #[must_use]
    pub fn requirement(&self) -> &Requirement {
        &self.requirement
    }

    /// The same policy with another validator, for example one with another clock.
    #[must_use]
    pub fn with_validator(mut self, change: impl FnOnce(Validator) -> Validator) -> Self {
        self.validator = change(self.validator);
        self
    }
}
