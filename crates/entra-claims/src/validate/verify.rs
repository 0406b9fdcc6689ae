//! Token verification: the checks in their published order.

use aws_lc_rs::digest::{Digest, SHA256, digest};

#[cfg(feature = "http")]
use super::id_token::ExpectedSignIn;
use super::{Validator, claims, header};
use crate::claims::Claims;
use crate::decode::{Compact, Part, RawHeader, decode_base64, decode_claims, decode_into};
use crate::key::{Key, KeySet};
use crate::principal::{Principal, TokenDigest, Unnamed, VerifiedToken};
use crate::reject::{Detail, Reason, Rejection};

/// A header of Entra ID has about 80 bytes; one that fits is decoded on the stack.
const USUAL_HEADER: usize = 512;
/// The signature of an 8192-bit key.
const MAX_SIGNATURE: usize = 1024;

impl Validator {
    /// Verifies one token against one key set, which must be of the authority that the
    /// cloud and the token's tenant name.
    ///
    /// # Errors
    ///
    /// The first fault in the order of [`Reason`].
    pub fn verify(&self, token: &str, keys: &KeySet) -> Result<VerifiedToken, Rejection> {
        let verified = self.verify_with(token, keys, &mut None)?;
        self.needs_no_registry()
            .map_err(Rejection::after_signature)?;
        Ok(verified)
    }

    /// What does no I/O cannot ask a registry, and does not go on without it.
    pub(super) fn needs_no_registry(&self) -> Result<(), Rejection> {
        if self.tenants.is_registered() {
            let detail = Detail::advice("verify with an Authenticator, which asks the registry");
            return Err(Rejection::with(Reason::RegistryNotAsked, detail));
        }
        Ok(())
    }

    /// As [`verify`](Self::verify), with the claims if they were decoded before; they are kept
    /// for another try where the key is unknown. **A registry is not asked**: the caller asks.
    pub(crate) fn verify_with(
        &self,
        token: &str,
        keys: &KeySet,
        claims: &mut Option<Claims>,
    ) -> Result<VerifiedToken, Rejection> {
        let check = |claims: &Claims| claims::check(self, claims, keys.issuer());
        let (claims, checked, digest) = self.signed(token, keys, claims, check)?;
        let principal = Principal::read(&claims, checked.tenant)
            .map_err(|unnamed| no_principal(unnamed, &claims).after_signature())?;
        let digest = TokenDigest::of_signed(&digest);
        Ok(VerifiedToken::new(
            token,
            claims,
            principal,
            digest,
            checked.exp,
        ))
    }

    /// The claims, once they say what `check` wants and the signature holds.
    pub(super) fn signed(
        &self,
        token: &str,
        keys: &KeySet,
        claims: &mut Option<Claims>,
        check: impl FnOnce(&Claims) -> Result<claims::Checked, Rejection>,
    ) -> Result<(Claims, claims::Checked, Digest), Rejection> {
        let compact = self.split(token)?;
        let (mut stack, mut heap) = ([0; USUAL_HEADER], Vec::new());
        let header = read_header(&compact, &mut stack, &mut heap)?;
        let (kid, algorithm) = header::check(&header, &self.algorithms)?;
        let Some(key) = keys.find(kid, algorithm) else {
            return Err(Rejection::bare(Reason::UnknownKey));
        };
        let claims = match claims.take() {
            Some(claims) => claims,
            None => decode_claims(compact.payload).map_err(Rejection::from_decode)?,
        };
        let checked = check(&claims)?;
        self.key_is_for(key, keys, &claims, &checked)?;

        let mut signature = [0; MAX_SIGNATURE];
        let signature = decode_into(compact.signature, &mut signature, Part::Signature)
            .map_err(Rejection::from_decode)?;
        let digest = digest(&SHA256, compact.signing_input.as_bytes());
        if !key.verifies(algorithm, &digest, signature) {
            return Err(Rejection::bare(Reason::BadSignature));
        }
        Ok((claims, checked, digest))
    }

    /// Everything but the key and the signature: who the token says is calling.
    pub(crate) fn unsigned(&self, token: &str) -> Result<VerifiedToken, Rejection> {
        let compact = self.split(token)?;
        let (mut stack, mut heap) = ([0; USUAL_HEADER], Vec::new());
        let header = read_header(&compact, &mut stack, &mut heap)?;
        header::check(&header, &self.algorithms)?;
        let claims = decode_claims(compact.payload).map_err(Rejection::from_decode)?;
        let checked = claims::check(self, &claims, None)?;
        let mut signature = [0; MAX_SIGNATURE];
        decode_into(compact.signature, &mut signature, Part::Signature)
            .map_err(Rejection::from_decode)?;
        let principal = Principal::read(&claims, checked.tenant)
            .map_err(|unnamed| no_principal(unnamed, &claims))?;
        self.needs_no_registry()?;
        let digest = TokenDigest::of_assumed(token);
        Ok(VerifiedToken::new(
            token,
            claims,
            principal,
            digest,
            checked.exp,
        ))
    }

    /// Everything that can be refused without a key. Passing proves nothing.
    #[cfg(feature = "http")]
    pub(crate) fn precheck(
        &self,
        token: &str,
        claims: &mut Option<Claims>,
    ) -> Result<(), Rejection> {
        let claims = self.unsigned_claims(token, claims)?;
        claims::check(self, claims, None).map(drop)
    }

    /// The same of an ID token.
    #[cfg(feature = "http")]
    pub(crate) fn precheck_id_token(
        &self,
        token: &str,
        claims: &mut Option<Claims>,
        expected: ExpectedSignIn<'_>,
    ) -> Result<(), Rejection> {
        let claims = self.unsigned_claims(token, claims)?;
        claims::check_id_token(self, claims, None, expected.client).map(drop)
    }

    /// The claims behind a header that passes, decoded unless they were before.
    #[cfg(feature = "http")]
    fn unsigned_claims<'c>(
        &self,
        token: &str,
        claims: &'c mut Option<Claims>,
    ) -> Result<&'c Claims, Rejection> {
        self.check_header(token)?;
        if claims.is_none() {
            *claims = Some(self.peek(token)?);
        }
        claims
            .as_ref()
            .ok_or_else(|| Rejection::bare(Reason::MissingClaim))
    }

    /// The `kid` of a header that passes.
    #[cfg(feature = "http")]
    pub(crate) fn named_key(&self, token: &str) -> Option<String> {
        let compact = self.split(token).ok()?;
        let (mut stack, mut heap) = ([0; USUAL_HEADER], Vec::new());
        let header = read_header(&compact, &mut stack, &mut heap).ok()?;
        header.kid.map(std::borrow::Cow::into_owned)
    }

    #[cfg(feature = "http")]
    pub(crate) fn check_header(&self, token: &str) -> Result<(), Rejection> {
        let compact = self.split(token)?;
        let (mut stack, mut heap) = ([0; USUAL_HEADER], Vec::new());
        let header = read_header(&compact, &mut stack, &mut heap)?;
        header::check(&header, &self.algorithms).map(drop)
    }

    /// The claims of a token, to route it to one of the configured authorities.
    #[cfg(feature = "http")]
    pub(crate) fn peek(&self, token: &str) -> Result<Claims, Rejection> {
        decode_claims(self.split(token)?.payload).map_err(Rejection::from_decode)
    }

    /// Whether a token that was verified before is still within its times. No allowance
    /// at the end: a token that needs it is decoded again.
    #[cfg(feature = "http")]
    pub(crate) fn is_current(&self, token: &VerifiedToken, now: i64) -> bool {
        let began = token.claims().nbf();
        now < token.expires_at_unix()
            && began.is_none_or(|nbf| nbf <= now.saturating_add(self.leeway))
    }

    fn split<'t>(&self, token: &'t str) -> Result<Compact<'t>, Rejection> {
        Compact::split(token, self.max_token).map_err(Rejection::from_decode)
    }

    /// The key's own issuer and cloud, where the key set names them.
    fn key_is_for(
        &self,
        key: &Key,
        keys: &KeySet,
        claims: &Claims,
        checked: &claims::Checked,
    ) -> Result<(), Rejection> {
        let iss = claims.iss().unwrap_or_default();
        if !key.signs_for(&self.cloud, checked.tenant, iss) {
            let detail =
                Detail::found(key.issuer()).needed(self.cloud.issuer_v2().render(checked.tenant));
            return Err(Rejection::with(Reason::KeyIssuerMismatch, detail));
        }
        // What the configuration says comes before what the authority says of itself.
        let ours = self.cloud.key_cloud().or(keys.cloud_instance_name());
        match (key.cloud(), ours) {
            (Some(found), Some(needed)) if found != needed => Err(Rejection::with(
                Reason::KeyCloudMismatch,
                Detail::found(found).needed(needed),
            )),
            _ => Ok(()),
        }
    }
}

/// On the stack where it fits, so that refusing an unknown key allocates nothing; a header
/// that brings certificates along, which are ignored, may be longer.
fn read_header<'b>(
    compact: &Compact<'_>,
    stack: &'b mut [u8],
    heap: &'b mut Vec<u8>,
) -> Result<RawHeader<'b>, Rejection> {
    let bytes = if compact.header.len() / 4 * 3 < stack.len() {
        decode_into(compact.header, stack, Part::Header).map_err(Rejection::from_decode)?
    } else {
        *heap = decode_base64(compact.header, Part::Header).map_err(Rejection::from_decode)?;
        heap.as_slice()
    };
    RawHeader::parse(bytes).map_err(Rejection::from_decode)
}

fn no_principal(unnamed: Unnamed, claims: &Claims) -> Rejection {
    match unnamed {
        Unnamed::UnknownClient => {
            let found = claims.azp_or_appid().unwrap_or_default();
            let detail = Detail::found(found).needed("a client id that is a GUID").hint(
                "the client is named in another form, as a client with a metadata document may be \
                 by its URL: register it in the tenant, and report the form of its token",
            );
            Rejection::with(Reason::MissingIdentity, detail)
        }
        Unnamed::Unusable(name) => {
            let detail = Detail::advice("missing, or not a GUID in lower case").needed(name);
            Rejection::with(Reason::MissingIdentity, detail)
        }
        Unnamed::Contradiction(what) => {
            Rejection::with(Reason::ContradictoryClaims, Detail::advice(what))
        }
        Unnamed::UnknownKind(what) => Rejection::with(
            Reason::UnknownCaller,
            Detail::found(what)
                .needed("a delegated scope, or idtyp app")
                .hint("add the optional claim idtyp to the API's access tokens"),
        ),
    }
}
