//! Builder of `StepUp`.

use std::sync::Arc;
use std::time::Duration;

use entra_claims::{Clock, SystemClock};
use entra_parts::seal::{SealError, Sealer, SealingKeys};

use super::causes::Causes;
use super::{Inner, Links, StepUp};
use crate::consent::ConsentPages;
use crate::shared::SharedTier;

/// How long a question may take to be answered, and how long a cause is remembered.
const TTL: Duration = Duration::from_secs(600);

/// In how many rounds of one request a user is asked.
const ROUNDS: u8 = 3;

/// Collects what a [`StepUp`] is made of.
#[derive(Debug)]
#[must_use = "nothing is built before `build`"]
pub struct StepUpBuilder {
    keys: Option<SealingKeys>,
    shared: Option<SharedTier>,
    links: Links,
    foundry: bool,
    clock: Arc<dyn Clock>,
}

impl StepUpBuilder {
    pub(super) fn new() -> Self {
        Self {
            keys: None,
            shared: None,
            links: Links::Administrators,
            foundry: false,
            clock: Arc::new(SystemClock::new()),
        }
    }

    /// The keys that seal request states; without them, random ones of this process.
    pub fn keys(mut self, keys: SealingKeys) -> Self {
        self.keys = Some(keys);
        self
    }

    /// Keeps what a 401 was sent for in a store that several instances share, and seals request
    /// states with its keys.
    pub fn shared(mut self, tier: SharedTier) -> Self {
        self.shared = Some(tier);
        self
    }

    /// Sends users to this server's own pages, which go on only for the user whose call it
    /// was, and to a sign-in with further proof for clients that understand no claims
    /// challenge.
    pub fn pages(mut self, pages: ConsentPages) -> Self {
        self.links = Links::Pages(pages);
        self
    }

    /// Sends users to Entra ID's consent page right away, without pages of this server.
    /// `uri` is where it sends them afterwards: a redirect URI that is registered for the
    /// application that makes the exchanges, for example a page that says "you can close this
    /// window". What arrives there with it can be ignored.
    ///
    /// Consent that another person gives there is that person's own, so a link in wrong hands
    /// opens nothing to its maker; but a user does not learn that the link was not meant for
    /// them, and it names the scopes.
    ///
    /// With neither, there is no page for the user, and links are for administrators.
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.links = Links::Authority {
            redirect_uri: uri.into(),
        };
        self
    }

    /// Answers missing consent as the tool gateway of Microsoft Foundry does, with the
    /// JSON-RPC error -32006 and `CONSENT_REQUIRED` in its text, so that a Foundry agent
    /// shows its user the link (`oauth_consent_request`).
    ///
    /// Only for servers that Foundry alone talks to: the number is not MCP's, and other
    /// clients show nothing of it.
    pub fn foundry_consent_errors(mut self) -> Self {
        self.foundry = true;
        self
    }

    /// Another clock, for tests.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The finished thing.
    ///
    /// # Errors
    ///
    /// [`SealError::NoRandomness`], if no keys were given; [`SealError::Derivation`].
    pub fn build(self) -> Result<StepUp, SealError> {
        let keys = match (self.keys, &self.shared) {
            (Some(keys), _) => keys,
            (None, Some(tier)) => tier.keys().clone(),
            (None, None) => SealingKeys::random()?,
        };
        let causes = Causes::new(Arc::clone(&self.clock), TTL, self.shared.as_ref())?;
        Ok(StepUp(Arc::new(Inner {
            sealer: Sealer::new("mcp-auth/request-state/2", &keys)?,
            links: self.links,
            foundry: self.foundry,
            rounds: ROUNDS,
            ttl: TTL,
            causes,
            clock: self.clock,
        })))
    }
}
