//! A policy that is kept in a file.

mod cloud;
mod file;

use serde::Deserialize;

use crate::key::KeySet;
use crate::principal::VerifiedToken;
use crate::reject::Rejection;
use crate::require::Requirement;
use crate::validate::Validator;

/// Everything that decides whether a token is let in, as configuration: a [`Validator`] and
/// a [`Requirement`].
///
/// Read from any format that serde knows. `cloud`, `tenants`, `audiences` and `token_kinds`
/// have no defaults, a field that is not known is an error, and so is one that stands twice.
///
/// | field | value | default |
/// | --- | --- | --- |
/// | `cloud` | `public`, `usgov`, `china`, `{"custom": {"name", "authority", "issuer_v1", "issuer_v2", "key_cloud"}}`, `{"external_id": {"authority": "https://contoso.ciamlogin.com", "hosts": [..]}}`, `{"loopback": "http://127.0.0.1:8080"}` | |
/// | `tenants` | `{"mode": "single", "tenant": GUID}`, `{"mode": "allow", "tenants": [GUID]}`, `{"mode": "organizations"}`, `{"mode": "common"}`, `{"mode": "registry"}` | |
/// | `audiences` | what `aud` may be, each as it stands in the token | |
/// | `token_kinds` | `delegated`, `app` | |
/// | `versions` | `1.0`, `2.0` | both |
/// | `algorithms` | `RS256`, `PS256` | `RS256` |
/// | `clock_skew_s` | seconds, up to 600 | 300 |
/// | `max_token_bytes` | 1 to 262144 | 32768 |
/// | `required_scopes_any` | one of these delegated scopes, short or qualified | any scope |
/// | `required_roles_any` | one of these application roles | any role |
/// | `allowed_clients` | no other client, and these need no role; `null` for any | any |
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
/// let error = Policy::from_json(r#"{"tenants": {"mode": "organizations", "tenants": []}}"#);
/// assert!(error.unwrap_err().to_string().contains("unknown field `tenants`"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "file::PolicyFile")]
pub struct Policy {
    validator: Validator,
    requirement: Requirement,
}

/// Why a text is no policy: what is wrong, and where.
#[derive(Debug, thiserror::Error)]
#[error("not a policy: {0}")]
pub struct PolicyError(String);

impl Policy {
    /// Reads a policy from JSON.
    ///
    /// # Errors
    ///
    /// Text that is no JSON, an unknown or missing field, or a value that cannot be one.
    pub fn from_json(text: &str) -> Result<Self, PolicyError> {
        serde_json::from_str(text).map_err(|error| PolicyError(error.to_string()))
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
