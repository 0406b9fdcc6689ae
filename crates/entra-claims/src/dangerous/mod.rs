//! Ways around token validation, with names that a review finds.

#[cfg(feature = "test-tokens")]
mod test_token;

use foundry_scopes::TenantId;

use crate::decode::{DecodeError, UnverifiedToken};
use crate::principal::{Principal, TokenDigest, Unnamed, VerifiedToken};
use crate::reject::Rejection;
use crate::validate::{BoundTokens, Validator};
#[cfg(feature = "test-tokens")]
pub use test_token::TestToken;

/// **Takes a token as verified without verifying anything.**
///
/// For tokens that something trusted has already validated (a gateway in front of this
/// process that cannot be bypassed). An attacker who can reach this function with a text of their
/// own is any user of any tenant. Tests of handlers have `TestToken` (feature `test-tokens`).
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
/// A text that cannot be decoded, or claims that identify no caller: `tid`, `oid` and `azp` or
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
        Unnamed::UnknownClient => DecodeError::Unusable("azp or appid"),
        Unnamed::Contradiction(what) => DecodeError::Contradiction(what),
        Unnamed::UnknownKind(what) => DecodeError::UnknownCaller(what),
    })?;
    let digest = TokenDigest::of_assumed(token);
    Ok(VerifiedToken::new(token, claims, principal, digest, exp))
}

/// **Takes a token as verified without its signature, after every other check.**
///
/// For a token whose signature something trusted has already checked, where this process
/// still has to decide whether the token is meant for it: form, algorithm, kind of token,
/// issuer, tenant, version, audience, times and caller are checked as
/// [`Validator::verify`] does it, with the same reasons. An attacker who can reach this function
/// with a text of their own is any user of the tenants that the validator accepts.
///
/// The digest is the one of [`assume_verified`], so cache entries of a forged copy never
/// meet those of the real token.
///
/// ```
/// use std::sync::Arc;
/// use entra_claims::{AcceptedAudiences, ManualClock, Reason, TenantPolicy, Validator, dangerous};
/// use foundry_scopes::{ClientId, Cloud, TenantId};
/// # let token = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/token.txt"));
/// let tenant = TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?;
/// let policy = |api| {
///     let audiences = AcceptedAudiences::for_client(ClientId::parse(api)?);
///     let validator = Validator::new(Cloud::public(), TenantPolicy::single(tenant), audiences);
///     Ok::<_, foundry_scopes::ParseError>(validator.with_clock(Arc::new(ManualClock::at(1_700_000_000))))
/// };
/// let ours = policy("11112222-bbbb-3333-cccc-4444dddd5555")?;
/// assert!(dangerous::assume_signature(&ours, token).is_ok());
///
/// let another = policy("22223333-cccc-4444-dddd-5555eeee6666")?;
/// let refusal = dangerous::assume_signature(&another, token).unwrap_err();
/// assert_eq!(refusal.reason(), Reason::WrongAudience);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// The first fault in the order of [`Reason`](crate::Reason), but those of keys and
/// signatures. A policy that leaves tenants to a registry accepts none here, since no registry is asked.
pub fn assume_signature(validator: &Validator, token: &str) -> Result<VerifiedToken, Rejection> {
    validator.unsigned(token)
}

/// **Lets tokens that are bound to a key pass as bearer tokens.**
///
/// Such a token (`cnf`) says that only the holder of a key may use it, and this validator
/// does not ask for the proof: a thief's copy of the token passes. Brokers on Windows send
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
///     AcceptedAudiences::for_client(ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555")?),
/// );
/// let validator = dangerous::accept_bound_tokens_as_bearer(validator);
/// # let _ = validator;
/// # Ok::<(), foundry_scopes::ParseError>(())
/// ```
#[must_use]
pub fn accept_bound_tokens_as_bearer(validator: Validator) -> Validator {
    validator.with_bound_tokens(BoundTokens::TakenAsBearer)
}

// Keeps made-up tokens out of released programs. Cargo unites the features that anything in a
// build asks for, so a feature alone is no protection: one crate that lists it under the wrong
// dependencies is enough. Builds without debug assertions, as `--release` makes them, therefore
// do not compile with it.
#[cfg(all(
    feature = "test-tokens",
    not(debug_assertions),
    not(entra_claims_test_tokens)
))]
compile_error!(
    "the feature `test-tokens` of entra-claims makes verified tokens out of nothing, and this is \
     a build without debug assertions, as of `--release`. List the feature under \
     [dev-dependencies] only. To run tests or benchmarks in release mode, set \
     RUSTFLAGS=\"--cfg entra_claims_test_tokens\"."
);
