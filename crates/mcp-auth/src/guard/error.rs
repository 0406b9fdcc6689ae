//! `GuardError`: settings with which a guard is not built.

use entra_claims::RequirementError;

/// Why a guard is not built.
///
/// ```
/// use entra_claims::{AcceptedAudiences, Authenticator, Requirement, TenantPolicy, Validator};
/// use foundry_scopes::{AppIdUri, ClientId, Cloud, TenantId};
/// use mcp_auth::AuthLayer;
///
/// let api = ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555")?;
/// let validator = Validator::new(
///     Cloud::public(),
///     TenantPolicy::single(TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?),
///     AcceptedAudiences::for_client(api),
/// );
/// // A list that was meant to be filled from a file:
/// let nobody = Requirement::any_of([]);
/// let guard = AuthLayer::for_api(Authenticator::new(validator)?, AppIdUri::api(api), nobody);
/// let error = guard.unwrap_err().to_string();
/// assert!(error.contains("an empty list is met by no caller"), "{error}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GuardError {
    /// A requirement that no caller can meet, so that every request would be refused.
    #[error("{of}: {error}")]
    #[non_exhaustive]
    Requirement {
        /// Whose requirement: the guard's, or that of a tool, prompt, resource or method.
        of: String,
        /// Which part, and why.
        error: RequirementError,
    },
    /// A limit with which nothing would work.
    #[error("the limit {limit} cannot be {value}: {allowed} are allowed")]
    #[non_exhaustive]
    Limit {
        /// The limit's name.
        limit: &'static str,
        /// What was asked for.
        value: String,
        /// The range.
        allowed: &'static str,
    },
}

impl GuardError {
    pub(crate) fn requirement(of: impl Into<String>, error: RequirementError) -> Self {
        Self::Requirement {
            of: of.into(),
            error,
        }
    }

    pub(crate) fn limit(limit: &'static str, value: impl ToString, allowed: &'static str) -> Self {
        Self::Limit {
            limit,
            value: value.to_string(),
            allowed,
        }
    }
}
