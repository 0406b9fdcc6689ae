//! Settings of an issuer.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use entra_claims::{Clock, SystemClock};
use foundry_scopes::Scope;

use super::{Inner, Issuer, Lifetimes, SigningKeys, UserSessions};
use crate::agent::AgentId;
use crate::url::is_issuer_url;
use crate::verify::MAX_LIFETIME;

/// The default life of a call context.
const CALL_LIFETIME: i64 = 60;
/// The default length of a turn.
const TURN: i64 = 15 * 60;
/// And the longest that can be set.
const LONGEST_TURN: i64 = 60 * 60;

/// Settings of an [`Issuer`].
#[must_use = "an issuer is built with `build`"]
pub struct IssuerBuilder {
    url: String,
    keys: SigningKeys,
    sessions: Arc<dyn UserSessions>,
    agents: HashMap<AgentId, HashSet<Scope>>,
    call_lifetime: Duration,
    turn_limit: Duration,
    clock: Arc<dyn Clock>,
}

/// Settings that no issuer can be built from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssuerConfigError {
    /// Its name is no https URL (or http on loopback), or has a query, a fragment or a blank.
    #[error("the issuer's name has to be an https URL without query and fragment")]
    Url,
    /// No agent would get a context.
    #[error("no agent is configured, or one without a scope")]
    NoAgent,
    /// `.default` is everything, and a context names operations.
    #[error("`{0}` stands for everything: name the operations")]
    DefaultScope(String),
    /// A limit that cannot work.
    #[error("{what} is {value:?}, and has to be between 1 s and {most:?}")]
    #[non_exhaustive]
    Limit {
        /// Which.
        what: &'static str,
        /// Its value.
        value: Duration,
        /// The longest.
        most: Duration,
    },
}

impl IssuerBuilder {
    pub(super) fn new(url: String, keys: SigningKeys, sessions: Arc<dyn UserSessions>) -> Self {
        let seconds = |seconds: i64| Duration::from_secs(seconds.unsigned_abs());
        Self {
            url,
            keys,
            sessions,
            agents: HashMap::new(),
            call_lifetime: seconds(CALL_LIFETIME),
            turn_limit: seconds(TURN),
            clock: Arc::new(SystemClock::new()),
        }
    }

    /// An agent that gets contexts, and the scopes that it may get at most. May be called again.
    pub fn agent(mut self, agent: AgentId, scopes: impl IntoIterator<Item = Scope>) -> Self {
        self.agents.entry(agent).or_default().extend(scopes);
        self
    }

    /// How long a turn may last with all renewals: 15 minutes by default, an hour at most.
    pub fn turn_limit(mut self, limit: Duration) -> Self {
        self.turn_limit = limit;
        self
    }

    /// How long a call context lives: 60 s by default, 300 s at most.
    pub fn call_lifetime(mut self, lifetime: Duration) -> Self {
        self.call_lifetime = lifetime;
        self
    }

    /// Another clock, for tests.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The issuer.
    ///
    /// # Errors
    ///
    /// [`IssuerConfigError`].
    pub fn build(self) -> Result<Issuer, IssuerConfigError> {
        if !is_issuer_url(&self.url) {
            return Err(IssuerConfigError::Url);
        }
        if self.agents.is_empty() || self.agents.values().any(HashSet::is_empty) {
            return Err(IssuerConfigError::NoAgent);
        }
        if let Some(all) = self
            .agents
            .values()
            .flatten()
            .find(|scope| scope.is_default())
        {
            return Err(IssuerConfigError::DefaultScope(all.to_string()));
        }
        let lifetimes = Lifetimes {
            turn_context: MAX_LIFETIME,
            call_context: limit(
                "the life of a call context",
                self.call_lifetime,
                MAX_LIFETIME,
            )?,
            turn: limit("the length of a turn", self.turn_limit, LONGEST_TURN)?,
        };
        Ok(Issuer(Arc::new(Inner {
            url: self.url.into(),
            keys: self.keys,
            sessions: self.sessions,
            agents: self.agents,
            lifetimes,
            clock: self.clock,
        })))
    }
}

fn limit(what: &'static str, value: Duration, most: i64) -> Result<i64, IssuerConfigError> {
    let seconds = i64::try_from(value.as_secs()).unwrap_or(i64::MAX);
    match (1..=most).contains(&seconds) {
        true => Ok(seconds),
        false => Err(IssuerConfigError::Limit {
            what,
            value,
            most: Duration::from_secs(most.unsigned_abs()),
        }),
    }
}

impl fmt::Debug for IssuerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuerBuilder")
            .field("url", &self.url)
            .field("agents", &self.agents)
            .finish_non_exhaustive()
    }
}
