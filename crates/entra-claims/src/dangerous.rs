//! Ways around validation, loud enough to be found in a review.

use foundry_scopes::TenantId;

use crate::principal::{TokenDigest, Unnamed};
use crate::validate::BoundTokens;
use crate::{DecodeError, Principal, UnverifiedToken, Validator, VerifiedToken};

/// **Takes a token as verified without verifying anything.**
///
/// For tokens that something trusted has already validated (a gateway in front of this
/// process that nobody can go around), and for tests of handlers. Whoever can reach this
/// function with a text of their own is any user of any tenant.
///
/// The token's digest is another than the one that verification would give, so its cache
/// entries are apart from those of verified tokens.
///
/// ```
/// use entra_claims::{PrincipalKind, dangerous};
/// # let token = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/token.txt"));
/// let token = dangerous::assume_verified(token)?;
/// assert_eq!(token.principal().kind(), PrincipalKind::User);
/// # Ok::<(), entra_claims::DecodeError>(())
/// ```
///
/// # Errors
///
/// A text that cannot be decoded, or claims that name nobody: `tid`, `oid` and `azp` or
/// `appid` as GUIDs, `exp`, and a recognizable kind of caller are needed.
pub fn assume_verified(token: &str) -> Result<VerifiedToken, DecodeError> {
    let decoded = UnverifiedToken::decode(token)?;
    decoded.signature_form()?;
    let claims = decoded.into_claims();
    let tenant = claims
        .tid()
        .and_then(TenantId::from_token)
        .ok_or(DecodeError::Unusable("tid"))?;
    let exp = claims.exp().ok_or(DecodeError::Unusable("exp"))?;
    let principal = Principal::read(&claims, tenant).map_err(|unnamed| match unnamed {
        Unnamed::Unusable(name) => DecodeError::Unusable(name),
        Unnamed::Contradiction(_) | Unnamed::UnknownKind(_) => DecodeError::Unusable("idtyp"),
    })?;
    let digest = TokenDigest::of_assumed(token);
    Ok(VerifiedToken::new(token, claims, principal, digest, exp))
}

/// **Lets tokens that are bound to a key pass as bearer tokens.**
///
/// Such a token (`cnf`) says that only the holder of a key may use it, and this validator
/// does not ask for the proof: whoever copied the token passes. Brokers on Windows send
/// them to APIs that never asked for binding; this is for an API that must serve those
/// clients and accepts what that means.
///
/// ```
/// use entra_claims::{AcceptedAudiences, TenantPolicy, Validator, dangerous};
/// use foundry_scopes::{ClientId, Cloud, TenantId};
///
/// let validator = Validator::new(
///     Cloud::public(),
///     TenantPolicy::single(TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?),
///     AcceptedAudiences::of_client(ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555")?),
/// );
/// let validator = dangerous::accept_bound_tokens_as_bearer(validator);
/// # let _ = validator;
/// # Ok::<(), foundry_scopes::ParseError>(())
/// ```
#[must_use]
pub fn accept_bound_tokens_as_bearer(validator: Validator) -> Validator {
    validator.with_bound_tokens(BoundTokens::TakenAsBearer)
}
