//! Settings of a verifier.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use entra_claims::{Clock, Requirement, SystemClock};
use foundry_scopes::Audience;

use super::check::{MAX_LIFETIME, TokenHash};
use super::replay::ReplayRecords;
use super::source::ContextKeysOf;
use super::trust::{Trust, TrustedIssuer};
use super::verifier::{ContextVerifier, Inner};
use crate::key::Algorithm;
use crate::url::is_issuer_url;

/// The app role that lets an agent speak for users, unless another requirement is set.
pub(super) const ASSERT_ROLE: &str = "UserContext.Assert";

/// Records in memory, unless others are set.
const RECORDS: usize = 100_000;

/// Settings of a [`ContextVerifier`].
#[must_use = "a verifier is built with `build`"]
pub struct ContextVerifierBuilder {
    audience: Audience,
    issuers: Vec<TrustedIssuer>,
    agents: Requirement,
    algorithms: Vec<Algorithm>,
    max_lifetime: Duration,
    token_hash: TokenHash,
    replay: Option<ReplayRecords>,
    clock: Arc<dyn Clock>,
}

/// Settings that no verifier can be built from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifierConfigError {
    /// No issuer is trusted.
    #[error("no issuer is trusted: name one")]
    NoIssuer,
    /// Its name is no https URL (or http on loopback).
    #[error("the issuer `{0}` has to be an https URL without query and fragment")]
    Issuer(String),
    /// Two of one name.
    #[error("the issuer `{0}` is there twice")]
    IssuerTwice(String),
    /// It may speak of no agent, or of users of no tenant.
    #[error("the issuer `{0}` may speak of no agent, or for users of no tenant: name them")]
    NothingTrusted(String),
    /// No algorithm.
    #[error("no algorithm is allowed")]
    NoAlgorithm,
    /// The longest life of a context is not between 1 and 300 s.
    #[error("the longest life of a context is {0:?}, and has to be between 1 s and 300 s")]
    Lifetime(Duration),
}

impl ContextVerifier {
    /// For the API of this audience, as `aud` of its contexts has it: its Application ID URI or client id.
    pub fn builder(audience: Audience) -> ContextVerifierBuilder {
        ContextVerifierBuilder::new(audience)
    }
}

impl ContextVerifierBuilder {
    fn new(audience: Audience) -> Self {
        Self {
            audience,
            issuers: Vec::new(),
            agents: Requirement::role(ASSERT_ROLE),
            algorithms: vec![Algorithm::Es256, Algorithm::Rs256],
            max_lifetime: Duration::from_secs(MAX_LIFETIME.unsigned_abs()),
            token_hash: TokenHash::IfPresent,
            replay: None,
            clock: Arc::new(SystemClock::new()),
        }
    }

    /// An issuer whose contexts are taken. May be called again.
    pub fn issuer(mut self, issuer: TrustedIssuer) -> Self {
        self.issuers.push(issuer);
        self
    }

    /// What an agent's own token needs to speak for users at all, instead of the app role `UserContext.Assert`: for example a
    /// list of clients, [`Requirement::clients`].
    pub fn agents(mut self, requirement: Requirement) -> Self {
        self.agents = requirement;
        self
    }

    /// Takes these algorithms only.
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms = algorithms.into_iter().collect();
        self
    }

    /// Takes no context that lives longer: 300 s is the default and the most.
    pub fn max_lifetime(mut self, lifetime: Duration) -> Self {
        self.max_lifetime = lifetime;
        self
    }

    /// Takes only contexts that are bound to the access token beside them (`ath`).
    pub fn require_token_hash(mut self) -> Self {
        self.token_hash = TokenHash::Required;
        self
    }

    /// Where used contexts are recorded; without it in memory, 100,000 at most.
    pub fn replay(mut self, records: ReplayRecords) -> Self {
        self.replay = Some(records);
        self
    }

    /// Another clock, for tests.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The verifier.
    ///
    /// # Errors
    ///
    /// [`VerifierConfigError`].
    pub fn build(self) -> Result<ContextVerifier, VerifierConfigError> {
        if self.issuers.is_empty() {
            return Err(VerifierConfigError::NoIssuer);
        }
        if self.algorithms.is_empty() {
            return Err(VerifierConfigError::NoAlgorithm);
        }
        let max_lifetime = i64::try_from(self.max_lifetime.as_secs()).unwrap_or(i64::MAX);
        if !(1..=MAX_LIFETIME).contains(&max_lifetime) {
            return Err(VerifierConfigError::Lifetime(self.max_lifetime));
        }
        let mut issuers: Vec<Trust> = Vec::new();
        for issuer in self.issuers {
            let named = issuer.url.to_string();
            if !is_issuer_url(&named) {
                return Err(VerifierConfigError::Issuer(named));
            }
            if issuers.iter().any(|other| other.url == issuer.url) {
                return Err(VerifierConfigError::IssuerTwice(named));
            }
            if issuer.agents.is_empty() || issuer.tenants.is_empty() {
                return Err(VerifierConfigError::NothingTrusted(named));
            }
            issuers.push(Trust {
                keys: ContextKeysOf::new(&issuer.url, issuer.source, Arc::clone(&self.clock)),
                url: issuer.url,
                agents: issuer.agents,
                tenants: issuer.tenants,
            });
        }
        let clock = Arc::clone(&self.clock);
        let memory = || ReplayRecords::in_memory_with_clock(RECORDS, clock);
        Ok(ContextVerifier(Arc::new(Inner {
            audience: self.audience,
            issuers,
            agents: self.agents,
            algorithms: self.algorithms,
            max_lifetime,
            token_hash: self.token_hash,
            replay: self.replay.unwrap_or_else(memory),
            clock: self.clock,
        })))
    }
}

impl fmt::Debug for ContextVerifierBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextVerifierBuilder")
            .field("audience", &self.audience)
            .field("issuers", &self.issuers)
            .finish_non_exhaustive()
    }
}
