//! User assertions without signature verification, under a name that stands out in a review.

use entra_claims::{Rejection, Validator, dangerous};

use crate::assertion::{AssertionError, UserAssertion};

/// **Makes a user assertion of a token whose signature this process did not check.**
///
/// For a token that something trusted has already verified: a gateway that no request can go
/// around, or a platform that hands it over. Entra ID checks the signature when the token
/// is exchanged, so a forged one gives nothing; but whatever else this process does with
/// such a user rests on the gateway alone.
///
/// Everything that can be checked without keys is checked, by the validator that would
/// verify it: the audience belongs to this client, the issuer is the tenant's, the tenant is
/// allowed, the token has not expired, and it stands for a user. What it says is
/// remembered under another digest than a verified token's, so a copy with a forged
/// signature never finds the entry of the real one.
///
/// ```
/// use std::sync::Arc;
/// use entra_claims::{AcceptedAudiences, ManualClock, TenantPolicy, Validator};
/// use entra_obo::dangerous;
/// use foundry_scopes::{ClientId, Cloud, TenantId};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use entra_emulator::{Directory, Emulator, demo};
/// # let emulator = Emulator::start(Directory::demo()).await?;
/// # let cloud = Cloud::loopback(emulator.base_url())?;
/// # let token = emulator
/// #     .forge()
/// #     .user_token(demo::TENANT, demo::ALICE, demo::MCP_CLIENT, demo::MCP_SERVER, &[demo::MCP_READ])?
/// #     .sign()?;
/// # let graph_token = emulator
/// #     .forge()
/// #     .user_token(demo::TENANT, demo::ALICE, demo::MCP_CLIENT, demo::ORDERS_API, &[demo::ORDERS_READ])?
/// #     .sign()?;
///
/// // The same policy as for verification, without keys.
/// let validator = Validator::new(
///     cloud,
///     TenantPolicy::single(TenantId::parse(demo::TENANT)?),
///     AcceptedAudiences::for_client(ClientId::parse(demo::MCP_SERVER)?),
/// );
/// let assertion = dangerous::assertion_without_signature(&validator, &token)?;
/// assert_eq!(assertion.tenant(), TenantId::parse(demo::TENANT)?);
///
/// // A token for another API is not this client's to exchange.
/// assert!(dangerous::assertion_without_signature(&validator, &graph_token).is_err());
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`UnverifiedAssertionError::Refused`] with the first fault that the validator finds, and
/// [`UnverifiedAssertionError::Assertion`] for a token without a user.
pub fn assertion_without_signature(
    validator: &Validator,
    token: &str,
) -> Result<UserAssertion, UnverifiedAssertionError> {
    let token =
        dangerous::assume_signature(validator, token).map_err(UnverifiedAssertionError::Refused)?;
    UserAssertion::try_from(&token).map_err(UnverifiedAssertionError::Assertion)
}

/// Why a token does not become an assertion, signature aside.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UnverifiedAssertionError {
    /// The validator would refuse it whatever its signature.
    #[error(transparent)]
    Refused(Rejection),
    /// It stands for no user.
    #[error(transparent)]
    Assertion(AssertionError),
}
