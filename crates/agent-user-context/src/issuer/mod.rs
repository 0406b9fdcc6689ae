//! Issuer of contexts: the gateway that validated the user.

mod builder;
mod call;
mod keys;
mod sessions;
mod sign;
mod turn;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use entra_claims::Clock;
use foundry_scopes::Scope;

use crate::agent::AgentId;

pub use builder::{IssuerBuilder, IssuerConfigError};
pub use call::CallRequest;
pub use keys::{SigningKeys, SigningKeysError};
pub use sessions::{SessionError, SessionId, Sessions, UserSessions};

/// Issues turn contexts for users that it validated, and trades them for call contexts.
///
/// It belongs into the gateway in front of the agent, and holds the only keys: an agent cannot sign, so neither it nor
/// its model can invent a user. Every method takes what the validator made ([`VerifiedToken`](entra_claims::VerifiedToken)), never text.
///
/// 1. A turn begins with a person's token, a session of that person, and an agent that is configured, for scopes
///    that are configured for it.
/// 2. A turn context is good for 300 s at most and for this issuer alone. With its own app-only token the agent it
///    was issued for trades it for call contexts: one API, fewer scopes or the same, 60 s.
/// 3. It is renewed until the turn is over (15 min).
/// 4. A trade or a renewal needs the session to last: after a sign-out there are no more contexts.
///
/// A handle: cloning it copies a pointer.
///
/// ```
/// use agent_user_context::{AgentId, CallRequest, Issuer, LocalSigner, Sessions, SigningKeys};
/// use foundry_scopes::{AppIdUri, Scope, ScopeName};
/// # use entra_claims::VerifiedToken;
///
/// # async fn example(user: VerifiedToken, agents_token: VerifiedToken) -> Result<(), Box<dyn std::error::Error>> {
/// let orders = Scope::parse("api://orders.contoso.example/orders.read")?;
/// let agent = AgentId::from_token(&agents_token); // in a service: from the configuration
/// let sessions = Sessions::in_memory(10_000);
/// let issuer = Issuer::builder("https://gateway.contoso.example", SigningKeys::new(LocalSigner::generate()?)?, sessions.clone())
///     .agent(agent, [orders.clone()])
///     .build()?;
///
/// // At the gateway, with the user's request:
/// let session = sessions.open(&user, std::time::Duration::from_secs(3600)).await?;
/// let turn = issuer.start_turn(&user, &session, agent, &[orders]).await?;
///
/// // At the gateway, when the agent asks with its own token:
/// let api = AppIdUri::parse("api://orders.contoso.example")?;
/// let scope = [ScopeName::parse("orders.read")?];
/// let call = issuer.call_context(&agents_token, turn.expose(), CallRequest::new(&api, &scope)).await?;
/// assert!(call.expires_at_unix() <= turn.expires_at_unix());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Issuer(Arc<Inner>);

struct Inner {
    url: Box<str>,
    keys: SigningKeys,
    sessions: Arc<dyn UserSessions>,
    /// What each agent may be given at most.
    agents: HashMap<AgentId, HashSet<Scope>>,
    lifetimes: Lifetimes,
    clock: Arc<dyn Clock>,
}

/// How long what lives.
#[derive(Clone, Copy, Debug)]
struct Lifetimes {
    turn_context: i64,
    call_context: i64,
    turn: i64,
}

impl Issuer {
    /// An issuer of this name, an https URL that APIs compare byte for byte (plain http on loopback, for
    /// development).
    pub fn builder(
        url: impl Into<String>,
        keys: SigningKeys,
        sessions: impl UserSessions + 'static,
    ) -> IssuerBuilder {
        IssuerBuilder::new(url.into(), keys, Arc::new(sessions))
    }

    /// Its name: `iss` of all contexts, and `aud` of turn contexts.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.0.url
    }

    /// The agents that get contexts.
    pub fn agents(&self) -> impl Iterator<Item = AgentId> {
        self.0.agents.keys().copied()
    }

    /// The public keys, as a JSON web key set, to be served over https without authentication.
    #[must_use]
    pub fn key_set(&self) -> String {
        self.0.keys.document(self.0.clock.wall())
    }

    /// How long a copy of [`key_set`](Self::key_set) may be kept: `Cache-Control: max-age`.
    #[must_use]
    pub const fn key_set_max_age() -> Duration {
        Duration::from_secs(keys::CACHE_TIME.unsigned_abs())
    }

    /// The keys, to rotate them.
    #[must_use]
    pub fn signing_keys(&self) -> &SigningKeys {
        &self.0.keys
    }

    /// How many seconds are left until then, for `expires_in`.
    #[must_use]
    pub fn seconds_until(&self, unix: i64) -> u64 {
        u64::try_from(unix.saturating_sub(self.now())).unwrap_or_default()
    }

    fn now(&self) -> i64 {
        self.0.clock.wall()
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer")
            .field("url", &self.0.url)
            .field("agents", &self.0.agents.len())
            .field("keys", &self.0.keys)
            .finish_non_exhaustive()
    }
}
