//! Ways around validation, loud enough to be found in a review.

use foundry_scopes::TenantId;

use crate::principal::{TokenDigest, Unnamed};
use crate::{DecodeError, Principal, UnverifiedToken, VerifiedToken};

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
