//! Decides about one token: from the cache, with the keys in memory, or with keys that are fetched.
//!
//! One way for access tokens and ID tokens. The claims are decoded once; a signature is checked
//! again only with keys that came meanwhile.

use std::borrow::Cow;
use std::fmt;

use entra_parts::foreign;
use foundry_scopes::TenantId;
use tokio::runtime::Handle;
use zeroize::Zeroizing;

use super::authenticator::Authenticator;
use super::authority_keys::{AuthorityKeys, Began, Snapshot};
use super::budget::Need;
use super::meter;
use crate::claims::Claims;
use crate::key::KeySet;
use crate::principal::VerifiedToken;
use crate::reject::{Reason, Rejection};
use crate::validate::{ExpectedSignIn, SignedIn, Validator};

/// What [`Authenticator::decide`] says of a token without waiting.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "yes, no, not yet")]
pub enum Decision {
    /// The token is accepted.
    Accepted(VerifiedToken),
    /// The token is not accepted.
    Rejected(Rejection),
    /// Keys have to be fetched, or a tenant registry has to be asked.
    Pending(PendingDecision),
}

/// A decision that needs keys from the authority or an answer of the tenant registry.
///
/// It holds what was read of the token, so that nothing is read twice. No request is made
/// before it is waited for.
pub struct PendingDecision(Box<Pending>);

struct Pending {
    authenticator: Authenticator,
    /// A credential: its bytes are overwritten in the end.
    token: Zeroizing<String>,
    missing: Missing,
}

impl PendingDecision {
    /// Fetches what is missing and decides. Waits for keys 5 s at most.
    ///
    /// # Errors
    ///
    /// As [`Authenticator::authenticate`].
    ///
    /// # Panics
    ///
    /// On a tokio runtime without its time driver.
    pub async fn wait(self) -> Result<VerifiedToken, Rejection> {
        let pending = *self.0;
        let authenticator = pending.authenticator;
        authenticator.finish(&pending.token, pending.missing).await
    }
}

impl fmt::Debug for PendingDecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PendingDecision(<redacted>)")
    }
}

/// What a decision about an access token waits for.
pub(super) enum Missing {
    Keys(MissingKeys),
    /// The registry's answer about the tenant of a token that was verified, with the generation
    /// of its keys.
    Registration(VerifiedToken, u64),
}

/// Keys that a token needs and that are not in memory.
pub(super) struct MissingKeys {
    source: AuthorityKeys,
    need: Need,
    began: Began,
    claims: Option<Claims>,
}

/// How far an access token got that is not in the cache.
enum Begun {
    Decided(Result<VerifiedToken, Rejection>),
    Missing(Missing),
}

/// How far a token got with what is in memory.
enum Progress<T> {
    /// It was verified, with the keys of this generation.
    Verified(T, u64),
    Needs(MissingKeys),
}

/// What a token is verified as.
trait Purpose {
    type Verified;

    /// Refuses what can be refused without a key. Passing proves nothing.
    fn precheck(
        &self,
        validator: &Validator,
        token: &str,
        claims: &mut Option<Claims>,
    ) -> Result<(), Rejection>;

    fn verify(
        &self,
        validator: &Validator,
        token: &str,
        keys: &KeySet,
        claims: &mut Option<Claims>,
    ) -> Result<Self::Verified, Rejection>;
}

/// The access token of a caller.
struct AccessToken;

impl Purpose for AccessToken {
    type Verified = VerifiedToken;

    fn precheck(
        &self,
        validator: &Validator,
        token: &str,
        claims: &mut Option<Claims>,
    ) -> Result<(), Rejection> {
        validator.precheck(token, claims)
    }

    fn verify(
        &self,
        validator: &Validator,
        token: &str,
        keys: &KeySet,
        claims: &mut Option<Claims>,
    ) -> Result<VerifiedToken, Rejection> {
        validator.verify_with(token, keys, claims)
    }
}

/// The ID token of a sign-in that this program began.
struct IdToken<'a>(ExpectedSignIn<'a>);

impl Purpose for IdToken<'_> {
    type Verified = SignedIn;

    fn precheck(
        &self,
        validator: &Validator,
        token: &str,
        claims: &mut Option<Claims>,
    ) -> Result<(), Rejection> {
        validator.precheck_id_token(token, claims, self.0)
    }

    fn verify(
        &self,
        validator: &Validator,
        token: &str,
        keys: &KeySet,
        claims: &mut Option<Claims>,
    ) -> Result<SignedIn, Rejection> {
        validator.signed_in(token, keys, claims, self.0)
    }
}

impl Authenticator {
    /// Decides without waiting: from the cache, else with the keys in memory. What they cannot
    /// decide is [`Decision::Pending`], and looking causes no request.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use entra_claims::{AcceptedAudiences, Authenticator, KeySet, ManualClock, TenantPolicy, Validator};
    /// # use entra_claims::keys::StaticKeys;
    /// # use foundry_scopes::{ClientId, Cloud, TenantId};
    /// use entra_claims::Decision;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let token = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/token.txt"));
    /// # let keys = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/keys.json"));
    /// # let validator = Validator::new(
    /// #     Cloud::public(),
    /// #     TenantPolicy::single(TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?),
    /// #     AcceptedAudiences::for_client(ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555")?),
    /// # )
    /// # .with_clock(Arc::new(ManualClock::at(1_700_000_000)));
    /// let keys = StaticKeys::new(KeySet::from_json(keys.as_bytes())?);
    /// let authenticator = Authenticator::builder(validator).key_source(Arc::new(keys)).build()?;
    /// let Decision::Pending(pending) = authenticator.decide(token) else {
    ///     return Err("there are no keys yet".into());
    /// };
    /// assert!(pending.wait().await.is_ok());
    /// assert!(matches!(authenticator.decide(token), Decision::Accepted(_)));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn decide(&self, token: impl AsRef<[u8]>) -> Decision {
        let token = token.as_ref();
        if let Some(verified) = self.cached(token) {
            return Decision::Accepted(verified);
        }
        // What is held is text, so a hit is; bytes that are none are refused as no base64url.
        let token = &*match std::str::from_utf8(token) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => String::from_utf8_lossy(token),
        };
        match self.begin(token) {
            Begun::Decided(Ok(verified)) => Decision::Accepted(verified),
            Begun::Decided(Err(rejection)) => Decision::Rejected(rejection),
            Begun::Missing(missing) => Decision::Pending(PendingDecision(Box::new(Pending {
                authenticator: self.clone(),
                token: Zeroizing::new(token.to_owned()),
                missing,
            }))),
        }
    }

    /// Verifies a token, with keys that are fetched if need be.
    ///
    /// The tenant that the token claims only picks one of the configured authorities.
    ///
    /// # Errors
    ///
    /// As [`Validator::verify`]; and if the keys cannot be had in 5 s or the registry cannot be
    /// asked, a rejection of the class [`Unavailable`](crate::RejectionClass::Unavailable).
    ///
    /// # Panics
    ///
    /// On a tokio runtime without its time driver, where keys have to be fetched.
    pub async fn authenticate(&self, token: &str) -> Result<VerifiedToken, Rejection> {
        if let Some(verified) = self.cached(token) {
            return Ok(verified);
        }
        match self.begin(token) {
            Begun::Decided(decided) => decided,
            Begun::Missing(missing) => self.finish(token, missing).await,
        }
    }

    /// Verifies an ID token that the authority's token endpoint just gave this server for a
    /// sign-in on a page of its own: who it was. It opens nothing and is not remembered.
    ///
    /// # Errors
    ///
    /// As [`Validator::verify_id_token`], and as [`authenticate`](Self::authenticate) where
    /// keys cannot be had or the registry cannot be asked.
    ///
    /// # Panics
    ///
    /// As [`authenticate`](Self::authenticate).
    pub async fn authenticate_id_token(
        &self,
        token: &str,
        expected: ExpectedSignIn<'_>,
    ) -> Result<SignedIn, Rejection> {
        let purpose = IdToken(expected);
        let who = match self.verify_now(token, &purpose)? {
            Progress::Verified(who, _) => who,
            Progress::Needs(keys) => self.verify_later(token, keys, &purpose).await?.0,
        };
        if let Some(registry) = self.registry() {
            registry.admit(who.key().tenant).await?;
        }
        Ok(who)
    }

    /// Decides about a token that is not in the cache as far as no waiting is needed.
    fn begin(&self, token: &str) -> Begun {
        let decided = match self.verify_now(token, &AccessToken) {
            Ok(Progress::Needs(keys)) => return Begun::Missing(Missing::Keys(keys)),
            Ok(Progress::Verified(verified, generation)) => {
                let tenant = verified.principal().tenant();
                let registered = match self.registry() {
                    Some(registry) => registry.admit_now(tenant),
                    None => Some(Ok(())),
                };
                let Some(registered) = registered else {
                    return Begun::Missing(Missing::Registration(verified, generation));
                };
                registered.map(|()| self.remember(verified, generation))
            }
            Err(rejection) => Err(rejection),
        };
        meter::decided(outcome_name(&decided));
        Begun::Decided(decided)
    }

    /// Waits for what is missing, and decides.
    async fn finish(&self, token: &str, missing: Missing) -> Result<VerifiedToken, Rejection> {
        let decided = self.admit(token, missing).await;
        meter::decided(outcome_name(&decided));
        decided
    }

    async fn admit(&self, token: &str, missing: Missing) -> Result<VerifiedToken, Rejection> {
        let (verified, generation) = match missing {
            Missing::Keys(keys) => self.verify_later(token, keys, &AccessToken).await?,
            Missing::Registration(verified, generation) => (verified, generation),
        };
        if let Some(registry) = self.registry() {
            registry.admit(verified.principal().tenant()).await?;
        }
        Ok(self.remember(verified, generation))
    }

    /// Verifies with the keys in memory. A registry was not asked.
    fn verify_now<P: Purpose>(
        &self,
        token: &str,
        purpose: &P,
    ) -> Result<Progress<P::Verified>, Rejection> {
        let validator = self.validator();
        let mut claims = None;
        let source = self.route(token, purpose, &mut claims)?;
        let began = source.begin();
        let verified = source.current(|held| self.verify(token, held, &mut claims, purpose));
        let need = match verified {
            None => Need::Keys,
            Some(Err(rejection)) if rejection.reason() == Reason::UnknownKey => {
                meter::unknown_key();
                // Made only if it is logged.
                let quoted = |kid: String| tracing::field::display(foreign::quoted(&kid));
                tracing::debug!(
                    kid = validator.named_key(token).map(quoted),
                    "a token names an unknown signing key"
                );
                if source.is_settled(began) {
                    return Err(rejection);
                }
                Need::NewerKeys
            }
            Some(decided) => {
                let (verified, generation) = decided?;
                return Ok(Progress::Verified(verified, generation));
            }
        };
        // Before a fetch is made or waited for: what is refused anyway causes none.
        purpose.precheck(validator, token, &mut claims)?;
        Ok(Progress::Needs(MissingKeys {
            source: source.clone(),
            need,
            began,
            claims,
        }))
    }

    /// Fetches the missing keys and verifies with them. A registry was not asked.
    async fn verify_later<P: Purpose>(
        &self,
        token: &str,
        mut missing: MissingKeys,
        purpose: &P,
    ) -> Result<(P::Verified, u64), Rejection> {
        let source = &missing.source;
        let fetched = source.fetched_in_time(missing.need, missing.began);
        // Without a runtime nothing is fetched, and there is no timer either.
        let snapshot = match Handle::try_current() {
            Ok(_) => fetched.await?,
            Err(_) => source.fetched(missing.need, missing.began).await?,
        };
        self.verify(token, &snapshot, &mut missing.claims, purpose)
    }

    fn verify<P: Purpose>(
        &self,
        token: &str,
        held: &Snapshot,
        claims: &mut Option<Claims>,
        purpose: &P,
    ) -> Result<(P::Verified, u64), Rejection> {
        let verified = purpose.verify(self.validator(), token, &held.keys, claims)?;
        Ok((verified, held.generation))
    }

    /// The keys of the tenant that the token claims. The claims are read only where there is
    /// more than one authority.
    fn route<P: Purpose>(
        &self,
        token: &str,
        purpose: &P,
        claims: &mut Option<Claims>,
    ) -> Result<&AuthorityKeys, Rejection> {
        if let Some(only) = self.sources().only() {
            return Ok(only);
        }
        // What is wrong with the header is reported first.
        self.validator().check_header(token)?;
        let read = self.validator().peek(token)?;
        let tenant = read.tid().and_then(TenantId::from_token);
        *claims = Some(read);
        match tenant.and_then(|tenant| self.sources().of(tenant)) {
            Some(keys) => Ok(keys),
            None => {
                purpose.precheck(self.validator(), token, claims)?;
                Err(Rejection::bare(Reason::TenantNotAllowed))
            }
        }
    }
}

/// The label of the counter of outcomes.
fn outcome_name(outcome: &Result<VerifiedToken, Rejection>) -> &'static str {
    match outcome {
        Ok(_) => "accepted",
        Err(rejection) => rejection.code(),
    }
}

#[cfg(test)]
mod tests;
