//! The machine that managed identities belong to.

use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// How the metadata endpoints of managed identities answer (Entra doc "How to use managed
/// identities on an Azure VM to acquire an access token", error handling).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum IdentityState {
    /// With tokens.
    #[default]
    Ready,
    /// 404: the endpoint is not there yet.
    NotReady,
    /// 410: the endpoint is being updated, up to 70 seconds.
    Updating,
    /// 429 with `Retry-After: 1`.
    Throttled,
    /// 500.
    Failing,
    /// 503.
    Unavailable,
}

impl IdentityState {
    /// Status, `error` and text, unless it is ready.
    pub(crate) fn failure(self) -> Option<(u16, &'static str, &'static str)> {
        Some(match self {
            Self::Ready => return None,
            Self::NotReady => (404, "not_found", "The identity endpoint is not ready."),
            Self::Updating => (410, "gone", "The identity endpoint is being updated."),
            Self::Throttled => (429, "too_many_requests", "Too many requests."),
            Self::Failing => (
                500,
                "unknown",
                "Failed to retrieve token from the Active directory.",
            ),
            Self::Unavailable => (503, "service_unavailable", "The service is unavailable."),
        })
    }
}

/// State and secret of the metadata endpoints of one emulator.
pub(crate) struct IdentityService {
    state: Mutex<IdentityState>,
    /// What `X-IDENTITY-HEADER` must say: it shows that the caller runs in the app.
    pub(crate) header: String,
}

impl IdentityService {
    pub(crate) fn new() -> Self {
        Self {
            state: Mutex::default(),
            header: uuid::Uuid::new_v4().to_string(),
        }
    }

    pub(crate) fn state(&self) -> IdentityState {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set(&self, state: IdentityState) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }
}
