//! The machine that managed identities belong to.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
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
    /// Where Azure Arc's challenge files go; nothing means that there is no Arc.
    arc: Option<PathBuf>,
    /// The secret of each challenge that is open, with its file.
    challenges: Mutex<HashMap<String, PathBuf>>,
}

impl IdentityService {
    pub(crate) fn new(arc: Option<PathBuf>) -> Self {
        Self {
            state: Mutex::default(),
            header: uuid::Uuid::new_v4().to_string(),
            arc,
            challenges: Mutex::default(),
        }
    }

    /// Whether the machine is connected to Azure Arc.
    pub(crate) fn has_arc(&self) -> bool {
        self.arc.is_some()
    }

    /// A new challenge: a file that only this machine can read, whose content the next request
    /// must carry.
    pub(crate) fn challenge(&self) -> std::io::Result<PathBuf> {
        let missing = || std::io::Error::from(std::io::ErrorKind::NotFound);
        let directory = self.arc.as_ref().ok_or_else(missing)?;
        let secret = crate::tokens::random_text(4);
        let file = directory.join(format!("{}.key", uuid::Uuid::new_v4()));
        write_privately(&file, &secret)?;
        let mut open = self
            .challenges
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if open.len() >= OPEN {
            open.drain().for_each(|(_, file)| {
                let _ = std::fs::remove_file(file);
            });
        }
        open.insert(secret, file.clone());
        Ok(file)
    }

    /// Whether the text is the content of an open challenge; it is good once.
    pub(crate) fn answer(&self, secret: &str) -> bool {
        let mut open = self
            .challenges
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let file = open.remove(secret);
        if let Some(file) = &file {
            let _ = std::fs::remove_file(file);
        }
        file.is_some()
    }

    pub(crate) fn state(&self) -> IdentityState {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set(&self, state: IdentityState) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }
}

impl Drop for IdentityService {
    fn drop(&mut self) {
        let open = self.challenges.get_mut();
        let open = open.unwrap_or_else(PoisonError::into_inner);
        for file in open.values() {
            let _ = std::fs::remove_file(file);
        }
    }
}

/// Challenges that wait for an answer; each is a file.
const OPEN: usize = 1_000;

/// Writes a new file that its owner alone can read.
pub(crate) fn write_privately(file: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(file)?.write_all(text.as_bytes())
}
