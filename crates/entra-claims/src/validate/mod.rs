//! The validator: every check, in the published order.

mod advice;
mod audiences;
mod claims;
mod config;
mod header;
mod lifetime;
mod tenants;

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use foundry_scopes::Cloud;

pub use audiences::AcceptedAudiences;
pub use config::ConfigError;
pub use tenants::TenantPolicy;

use crate::decode::{Compact, Part, RawHeader, decode_claims, decode_into};
use crate::key::Key;
use crate::principal::{TokenDigest, Unnamed};
use crate::reject::Detail;
use crate::{
    Algorithm, Claims, Clock, KeySet, Principal, Reason, Rejection, SystemClock, VerifiedToken,
};

/// The most clock skew that may be configured, in seconds.
const MAX_LEEWAY: u64 = 600;
/// Microsoft's own libraries allow as much.
const DEFAULT_LEEWAY: i64 = 300;
/// A header of Entra ID has about 80 bytes.
const MAX_HEADER: usize = 1024;
/// The signature of an 8192-bit key.
const MAX_SIGNATURE: usize = 1024;

/// Decides whether a token is accepted. No I/O, no global state.
///
/// Cloud, tenants and audiences have no defaults: a validator without them cannot be
/// written. See [`Reason`] for the checks and their order.
///
/// ```
/// use std::sync::Arc;
/// use entra_claims::{AcceptedAudiences, KeySet, ManualClock, Reason, TenantPolicy, Validator};
/// use foundry_scopes::{ClientId, Cloud, TenantId};
/// # let keys = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/keys.json"));
/// # let token = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/token.txt"));
/// let clock = Arc::new(ManualClock::at(1_700_000_000));
/// let validator = Validator::new(
///     Cloud::public(),
///     TenantPolicy::single(TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?),
///     AcceptedAudiences::of_client(ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555")?),
/// )
/// .with_clock(clock.clone());
/// let keys = KeySet::from_json(keys.as_bytes())?;
///
/// let verified = validator.verify(token, &keys)?;
/// assert_eq!(verified.claims().name(), Some("Alice"));
///
/// clock.set_wall(1_700_010_000);
/// assert_eq!(validator.verify(token, &keys).unwrap_err().reason(), Reason::Expired);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Validator {
    cloud: Cloud,
    tenants: TenantPolicy,
    audiences: AcceptedAudiences,
    clock: Arc<dyn Clock>,
    leeway: i64,
}

impl Validator {
    /// A validator for tokens of these tenants, in this cloud, for these audiences.
    #[must_use]
    pub fn new(cloud: Cloud, tenants: TenantPolicy, audiences: AcceptedAudiences) -> Self {
        Self {
            cloud,
            tenants,
            audiences,
            clock: Arc::new(SystemClock::new()),
            leeway: DEFAULT_LEEWAY,
        }
    }

    /// The same validator on another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The same validator with another allowance for clocks that differ. The default is
    /// 300 s.
    ///
    /// # Errors
    ///
    /// More than 600 s.
    pub fn with_leeway(mut self, leeway: Duration) -> Result<Self, ConfigError> {
        let seconds = leeway.as_secs();
        match i64::try_from(seconds) {
            Ok(leeway) if seconds <= MAX_LEEWAY => self.leeway = leeway,
            _ => return Err(ConfigError::LeewayTooLarge { seconds }),
        }
        Ok(self)
    }

    /// The cloud.
    #[must_use]
    pub fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    /// The accepted tenants.
    #[must_use]
    pub fn tenants(&self) -> &TenantPolicy {
        &self.tenants
    }

    /// The accepted audiences.
    #[must_use]
    pub fn audiences(&self) -> &AcceptedAudiences {
        &self.audiences
    }

    /// Verifies one token against one key set, which must be of the authority that the
    /// cloud and the token's tenant name.
    ///
    /// # Errors
    ///
    /// The first fault in the order of [`Reason`].
    pub fn verify(&self, token: &str, keys: &KeySet) -> Result<VerifiedToken, Rejection> {
        self.verify_with(token, keys, None)
    }

    /// As [`verify`](Self::verify), with the claims if they were decoded before.
    pub(crate) fn verify_with(
        &self,
        token: &str,
        keys: &KeySet,
        claims: Option<Claims>,
    ) -> Result<VerifiedToken, Rejection> {
        let compact = Compact::split(token).map_err(Rejection::from_decode)?;
        // On the stack, so that refusing an unknown key allocates nothing.
        let mut buffer = [0; MAX_HEADER];
        let header = read_header(&compact, &mut buffer)?;
        let kid = header::check(&header)?;
        let Some(key) = keys.find(kid, Algorithm::Rs256) else {
            return Err(Rejection::bare(Reason::UnknownKey));
        };
        let claims = match claims {
            Some(claims) => claims,
            None => decode_claims(compact.payload).map_err(Rejection::from_decode)?,
        };
        let checked = claims::check(self, &claims)?;
        self.key_is_for(key, &claims, &checked)?;

        let mut signature = [0; MAX_SIGNATURE];
        let signature = decode_into(compact.signature, &mut signature, Part::Signature)
            .map_err(Rejection::from_decode)?;
        let digest = digest(&SHA256, compact.signing_input.as_bytes());
        if !key.verifies(Algorithm::Rs256, &digest, signature) {
            return Err(Rejection::bare(Reason::BadSignature));
        }

        let principal = Principal::read(&claims, checked.tenant)
            .map_err(|unnamed| no_principal(unnamed).after_signature())?;
        let digest = TokenDigest::of_signed(&digest);
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
    pub(crate) fn precheck(&self, token: &str) -> Result<(), Rejection> {
        self.check_header(token)?;
        let claims = crate::decode::peek_claims(token).map_err(Rejection::from_decode)?;
        claims::check(self, &claims).map(drop)
    }

    #[cfg(feature = "http")]
    pub(crate) fn check_header(&self, token: &str) -> Result<(), Rejection> {
        let compact = Compact::split(token).map_err(Rejection::from_decode)?;
        let mut buffer = [0; MAX_HEADER];
        let header = read_header(&compact, &mut buffer)?;
        header::check(&header).map(drop)
    }

    /// Whether a token that was verified before is still within its times. No allowance
    /// at the end: a token that needs it is looked at anew.
    #[cfg(feature = "http")]
    pub(crate) fn is_current(&self, token: &VerifiedToken) -> bool {
        let now = self.clock.wall();
        let began = token.claims().nbf();
        now < token.expires_at_unix()
            && began.is_none_or(|nbf| nbf <= now.saturating_add(self.leeway))
    }

    #[cfg(feature = "http")]
    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The key's own issuer and cloud, where the key set names them.
    fn key_is_for(
        &self,
        key: &Key,
        claims: &Claims,
        checked: &claims::Checked,
    ) -> Result<(), Rejection> {
        let iss = claims.iss().unwrap_or_default();
        if !key.signs_for(&self.cloud, checked.tenant, iss) {
            let detail =
                Detail::found(key.issuer()).needed(self.cloud.issuer_v2().render(checked.tenant));
            return Err(Rejection::with(Reason::KeyIssuerMismatch, detail));
        }
        match (key.cloud(), self.cloud.key_cloud()) {
            (Some(found), Some(needed)) if found != needed => Err(Rejection::with(
                Reason::KeyCloudMismatch,
                Detail::found(found).needed(needed),
            )),
            _ => Ok(()),
        }
    }
}

fn read_header<'b>(
    compact: &Compact<'_>,
    buffer: &'b mut [u8],
) -> Result<RawHeader<'b>, Rejection> {
    decode_into(compact.header, buffer, Part::Header)
        .and_then(RawHeader::parse)
        .map_err(Rejection::from_decode)
}

fn no_principal(unnamed: Unnamed) -> Rejection {
    match unnamed {
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
