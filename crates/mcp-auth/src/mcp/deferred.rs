//! Challenges that a handler raises while it runs, sent instead of the handler's answer.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use entra_claims::Requirement;
use entra_parts::lock::lock;

use crate::caller::Caller;
use crate::challenge::Challenge;
use crate::guard::Authorization;
use crate::refusal::Refusal;

/// Where a handler leaves a challenge that the layer then sends instead of the handler's
/// answer: in the extensions of every request that [`McpLayer`](crate::McpLayer) lets
/// through.
///
/// Some refusals are only found while a tool runs: an exchange wants further proof, or the
/// scope depends on the arguments. Clients sign in again or ask for more scopes when they
/// see HTTP 401 or 403 with `WWW-Authenticate`, so that is what they should get:
///
/// 1. the handler [fills](Self::fill) the slot, or lets [`require`](Self::require) do it;
/// 2. it returns any error;
/// 3. the layer drops that answer and sends the challenge with the status that fits its
///    [`error`](Challenge::error).
///
/// That works until the head of an HTTP answer is on its way, which depends on the mode:
///
/// | mode | HTTP 401/403 |
/// | --- | --- |
/// | 2026-07-28, any configuration | yes, unless the handler sent a notification before |
/// | older, `legacy_session_mode(false)` with `json_response(true)` | yes, likewise |
/// | older, `legacy_session_mode(false)` with event streams | as a rule not: `rmcp` answers 200 at once |
/// | older, in a session (`rmcp`'s default) | never |
///
/// [`ChallengeDelivery`] says which it is, decided under a lock: with [`ChallengeDelivery::Http`] the client
/// gets the challenge, with [`ChallengeDelivery::InBand`] it gets what the handler returns, so that
/// has to tell the user what to do (a tool error with text; no code of its own in
/// -32000..-32099, which MCP reserves).
///
/// ```
/// use mcp_auth::{Challenge, ChallengeError, DeferredChallenge, ChallengeDelivery};
///
/// /// What a tool does about a claims challenge that an exchange brought.
/// fn further_proof(slot: &DeferredChallenge, claims: &str) -> Option<&'static str> {
///     let challenge = slot.challenge().error(ChallengeError::InsufficientClaims).claims(claims);
///     match slot.fill(challenge) {
///         ChallengeDelivery::Http => None,
///         _ => Some("Sign in again with a second factor, then call the tool again."),
///     }
/// }
/// # let _ = further_proof;
/// ```
#[derive(Clone)]
pub struct DeferredChallenge(Arc<Inner>);

struct Inner {
    authorization: Arc<Authorization>,
    state: Mutex<State>,
}

enum State {
    Open,
    Filled(Refusal),
    Closed,
}

/// How a challenge reaches the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChallengeDelivery {
    /// The layer answers with it: whatever the handler returns is dropped.
    Http,
    /// It is too late for that: the handler's own answer has to say it.
    InBand,
}

/// A requirement that the caller does not meet, found by a handler.
#[derive(Clone, Debug)]
pub struct DeniedOperation {
    refusal: Refusal,
    delivery: ChallengeDelivery,
}

impl DeferredChallenge {
    pub(super) fn open(authorization: Arc<Authorization>) -> Self {
        Self::new(authorization, State::Open)
    }

    /// For a request whose answer begins before a handler can refuse.
    pub(super) fn closed(authorization: Arc<Authorization>) -> Self {
        Self::new(authorization, State::Closed)
    }

    fn new(authorization: Arc<Authorization>, state: State) -> Self {
        let state = Mutex::new(state);
        Self(Arc::new(Inner {
            authorization,
            state,
        }))
    }

    /// The challenge to start from: it knows the resource's metadata and base scopes, where
    /// the layer guards a resource.
    #[must_use]
    pub fn challenge(&self) -> Challenge {
        self.0.authorization.challenge()
    }

    /// Leaves a challenge. The first one stays.
    #[must_use = "with `ChallengeDelivery::InBand` the client learns of it from the handler only"]
    pub fn fill(&self, challenge: Challenge) -> ChallengeDelivery {
        self.put(Refusal::challenged(challenge))
    }

    /// Checks a requirement that only the handler knows, for example one that depends on
    /// the arguments. What is known before belongs into the layer's policy.
    ///
    /// # Errors
    ///
    /// The caller does not meet it. The slot holds the step-up challenge then: 403 with the
    /// base scopes and the missing ones, or without scopes where none would help.
    pub fn require(
        &self,
        requirement: &Requirement,
        caller: &Caller,
    ) -> Result<(), DeniedOperation> {
        let checked = self
            .0
            .authorization
            .check_handler(requirement.clone(), caller.token());
        checked.map_err(|refusal| DeniedOperation {
            delivery: self.put(refusal.clone()),
            refusal,
        })
    }

    /// The head of the answer is about to be sent: what was left until now, and no more.
    pub(super) fn close(&self) -> Option<Refusal> {
        match std::mem::replace(&mut *self.state(), State::Closed) {
            State::Filled(refusal) => Some(refusal),
            State::Open | State::Closed => None,
        }
    }

    /// Whether the handler's answer is dropped for a challenge.
    pub(super) fn is_filled(&self) -> bool {
        matches!(*self.state(), State::Filled(_))
    }

    fn put(&self, refusal: Refusal) -> ChallengeDelivery {
        let mut state = self.state();
        match *state {
            State::Open => {
                *state = State::Filled(refusal);
                ChallengeDelivery::Http
            }
            State::Filled(_) => ChallengeDelivery::Http,
            State::Closed => {
                drop(state);
                // The layer never sees it, so the log learns of it here.
                refusal.trace();
                ChallengeDelivery::InBand
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that could panic runs under the lock.
        lock(&self.0.state)
    }
}

impl DeniedOperation {
    /// How the client learns of it.
    #[must_use]
    pub fn delivery(&self) -> ChallengeDelivery {
        self.delivery
    }

    /// Why, for the log.
    #[must_use]
    pub fn refusal(&self) -> &Refusal {
        &self.refusal
    }
}

impl fmt::Display for DeniedOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the caller lacks a permission that this needs")
    }
}

impl std::error::Error for DeniedOperation {}

impl fmt::Debug for DeferredChallenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match *self.state() {
            State::Open => "open",
            State::Filled(_) => "filled",
            State::Closed => "closed",
        };
        write!(f, "DeferredChallenge({state})")
    }
}
