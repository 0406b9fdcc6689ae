//! The checks of one context, in their order; no I/O.

use aws_lc_rs::digest::{Digest, SHA256, digest};
use entra_claims::{PrincipalKey, VerifiedToken};
use foundry_scopes::TenantId;

use crate::agent::AgentId;
use crate::claims::{Claims, peek_issuer};
use crate::jws::{Compact, Header, Kind, decode};
use crate::key::{Algorithm, VerifyingKey};
use crate::reason::{ContextReason, ContextRefusal};
use crate::request::RequestDigest;

/// How far clocks may be apart.
pub(crate) const SKEW: i64 = 30;
/// No context lives longer.
pub(crate) const MAX_LIFETIME: i64 = 300;

/// What a context has to be.
pub(crate) struct Expected<'a> {
    pub(crate) kind: Kind,
    pub(crate) audience: &'a str,
    pub(crate) algorithms: &'a [Algorithm],
    pub(crate) now: i64,
    /// How much longer than `exp` it is taken.
    pub(crate) grace: i64,
    pub(crate) max_lifetime: i64,
    /// Whose users; none of them is a choice of the issuer, whose own contexts these are.
    pub(crate) tenants: Option<&'a [TenantId]>,
    pub(crate) token_hash: TokenHash,
    pub(crate) request: Option<RequestDigest>,
}

/// Whether a context has to be bound to the access token beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenHash {
    IfPresent,
    Required,
}

/// A context that was cut and whose header was accepted. Its claims are only kept.
pub(crate) struct Read {
    header: Header,
    digest: Digest,
    signature: Vec<u8>,
    claims: Result<Claims, ContextReason>,
    issuer: Option<String>,
}

/// A context for which everything holds that can be said without its past and without the operation.
pub(crate) struct Checked {
    pub(crate) claims: Claims,
    pub(crate) user: PrincipalKey,
}

impl<'a> Expected<'a> {
    /// A turn context that came back to its issuer.
    pub(crate) const fn turn(audience: &'a str, now: i64) -> Self {
        Self {
            kind: Kind::Turn,
            audience,
            algorithms: &[Algorithm::Es256, Algorithm::Rs256],
            now,
            // The issuer's own clock.
            grace: 0,
            max_lifetime: MAX_LIFETIME,
            tenants: None,
            token_hash: TokenHash::IfPresent,
            request: None,
        }
    }

    /// Steps 2 and 3: size, parts, header.
    pub(crate) fn read(&self, text: &str) -> Result<Read, ContextReason> {
        let compact = Compact::split(text)?;
        let payload = decode(compact.payload).ok_or(ContextReason::Malformed)?;
        let signature = decode(compact.signature).ok_or(ContextReason::Malformed)?;
        let header = Header::read(compact.header, self.kind, self.algorithms)?;
        let payload = str::from_utf8(&payload).map_err(|_| ContextReason::MalformedClaims);
        let claims = payload.and_then(Claims::parse);
        let issuer = match (&claims, payload) {
            (Err(_), Ok(payload)) => peek_issuer(payload),
            _ => None,
        };
        Ok(Read {
            header,
            digest: digest(&SHA256, compact.signing_input.as_bytes()),
            signature,
            claims,
            issuer,
        })
    }
}

impl Read {
    pub(crate) fn kid(&self) -> &str {
        &self.header.kid
    }

    /// Whom the context names as its issuer: good for picking a configured one, and for nothing else.
    ///
    /// Where not even that can be read, what is wrong with the claims.
    pub(crate) fn issuer(&self) -> Result<&str, ContextReason> {
        match (&self.claims, &self.issuer) {
            (Ok(claims), _) => Ok(&claims.iss),
            (Err(_), Some(issuer)) => Ok(issuer),
            (Err(reason), None) => Err(*reason),
        }
    }

    /// Steps 4 to 10, with the key that the configured issuer has under this name.
    pub(crate) fn check(
        self,
        key: &VerifyingKey,
        issuer: &str,
        may_speak_of: impl Fn(AgentId) -> bool,
        agent: &VerifiedToken,
        expected: &Expected<'_>,
    ) -> Result<Checked, ContextRefusal> {
        // 4, 5: the key fits, the signature holds.
        if key.algorithm() != self.header.algorithm {
            return Err(ContextReason::KeyUnfit.into());
        }
        if !key.verifies(&self.digest, &self.signature) {
            return Err(ContextReason::BadSignature.into());
        }
        // 6: claims.
        let claims = self.claims?;
        let user = claims.subject();
        let mark = claims
            .jti
            .first_chunk()
            .map_or(0, |first| u64::from_be_bytes(*first));
        let refused = |reason| Err(ContextRefusal::new(reason).of_user(user, mark));
        let acting = AgentId::from_token(agent);
        // 7: issuer, its agents, audience.
        if *claims.iss != *issuer {
            return refused(ContextReason::UnknownIssuer);
        }
        if !may_speak_of(acting) {
            return refused(ContextReason::IssuerNotForAgent);
        }
        if *claims.aud != *expected.audience {
            return refused(ContextReason::WrongAudience);
        }
        // 8: times.
        if claims.iat > expected.now.saturating_add(SKEW) {
            return refused(ContextReason::IssuedInFuture);
        }
        if claims.exp.saturating_add(expected.grace) <= expected.now {
            return refused(ContextReason::Expired);
        }
        let lifetime = claims.exp.saturating_sub(claims.iat);
        if lifetime <= 0 || lifetime > expected.max_lifetime {
            return refused(ContextReason::LivesTooLong);
        }
        // 9: the agent whose own token came with it, and that very token; the request.
        if claims.act.agent != acting {
            return refused(ContextReason::WrongAgent);
        }
        match claims.ath {
            Some(hash)
                if hash[..] != *digest(&SHA256, agent.expose_token().as_bytes()).as_ref() =>
            {
                return refused(ContextReason::WrongAccessToken);
            }
            None if expected.token_hash == TokenHash::Required => {
                return refused(ContextReason::NotBoundToToken);
            }
            _ => {}
        }
        if claims
            .req
            .is_some_and(|req| expected.request.is_none_or(|seen| *seen.as_bytes() != req))
        {
            return refused(ContextReason::WrongRequest);
        }
        // 10: the user.
        let Some(user) = user else {
            return refused(ContextReason::MalformedSubject);
        };
        if expected
            .tenants
            .is_some_and(|tenants| !tenants.contains(&user.tenant))
        {
            return refused(ContextReason::SubjectOfOtherTenant);
        }
        let subject = user.object.as_bytes();
        if subject == acting.client().as_bytes() || subject == agent.principal().object().as_bytes()
        {
            return refused(ContextReason::SubjectIsAgent);
        }
        Ok(Checked { claims, user })
    }
}
