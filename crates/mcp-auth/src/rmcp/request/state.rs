//! The sealed request state of multi round-trip requests.

use std::time::Duration;

use ::rmcp::model::{ElicitResult, ElicitationAction};
use entra_parts::seal::{Binding, Sealer};
use serde::{Deserialize, Serialize};

use super::{McpRequest, digest};

/// What the one input request of a round is called.
pub(in super::super) const QUESTION: &str = "consent";

/// How often a user was asked in this request, and until when that counts.
///
/// It decides nothing but that, so a client that sends an old one again gains nothing: the
/// exchange is requested each time. Therefore no memory of used states is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct State {
    /// Rounds that were answered with a question.
    #[serde(rename = "r")]
    pub(in super::super) asked: u8,
    /// Unix seconds.
    #[serde(rename = "e")]
    expires_at: i64,
}

/// What a client brought back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Reply {
    /// The first round.
    Nothing,
    /// The user went to the page, or at least said so.
    Accepted(State),
    /// The user does not want to.
    Refused,
    /// Not made by this server, or not for this request, caller or time.
    Invalid,
}

impl State {
    pub(in super::super) fn new(asked: u8, now: i64, ttl: Duration) -> Self {
        let ttl = i64::try_from(ttl.as_secs()).unwrap_or(i64::MAX);
        Self {
            asked,
            expires_at: now.saturating_add(ttl),
        }
    }
}

impl McpRequest {
    /// Seals a state for this caller and this request.
    pub(in super::super) fn seal(&self, state: State, sealer: &Sealer) -> Option<String> {
        let content = serde_json::to_vec(&state).ok()?;
        sealer.seal_text(&self.bound(), &content).ok()
    }

    /// What came back with the request (MCP 2026-07-28, Multi McpRequest-Trip Requests, "Security
    /// considerations": whatever it is, the client may have written it).
    pub(in super::super) fn reply(&self, sealer: &Sealer, now: i64) -> Reply {
        let (text, responses) = match (&self.state, &self.responses) {
            (None, None) => return Reply::Nothing,
            // Answers to nothing that was asked here.
            (None, Some(_)) => return Reply::Invalid,
            (Some(text), responses) => (text, responses),
        };
        let opened = sealer.open_text(&self.bound(), text);
        let state = opened.and_then(|content| serde_json::from_slice::<State>(&content).ok());
        let Some(state) = state.filter(|state| state.expires_at > now) else {
            return Reply::Invalid;
        };
        let answer = responses.as_ref().and_then(|all| all.get(QUESTION));
        match answer.map(|json| serde_json::from_value::<ElicitResult>(json.clone())) {
            Some(Ok(ElicitResult {
                action: ElicitationAction::Accept,
                ..
            })) => Reply::Accepted(state),
            Some(Ok(_)) => Reply::Refused,
            // A state without its answer, or with a malformed one.
            Some(Err(_)) | None => Reply::Invalid,
        }
    }

    fn bound(&self) -> Binding {
        let principal = self.caller.principal();
        Binding::new("state")
            .and(principal.tenant().as_bytes())
            .and(principal.object().as_bytes())
            .and(principal.client().as_bytes())
            .and(self.target.method)
            .and(&self.target.name)
            .and(digest::arguments_of(&self.target.message.0))
    }
}
