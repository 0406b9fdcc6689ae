//! What was asked of an emulator.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::Notify;

use crate::kept::{BYTES, KEPT};

/// Parameters whose values are never kept.
const SECRETS: [&str; 14] = [
    "access_token",
    "actor_token",
    "assertion",
    "client_assertion",
    "client_secret",
    "code",
    "code_verifier",
    "device_code",
    "id_token",
    "id_token_hint",
    "password",
    "refresh_token",
    "subject_token",
    "user_federated_identity_credential",
];

/// What stands for a value that is not kept.
pub(crate) const MASK: &str = "<masked>";

/// No parameter that a client sends on purpose is longer; the rest of one is cut off.
const VALUE: usize = 16 * 1024;

/// As many parameters of one request are kept.
const PARAMS: usize = 64;

/// One request and what became of it.
#[derive(Clone, Debug, Serialize)]
pub struct JournalEntry {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) params: Vec<(String, String)>,
    pub(crate) basic_client_id: Option<String>,
    pub(crate) status: u16,
    pub(crate) error_code: Option<u32>,
    pub(crate) correlation_id: String,
}

impl JournalEntry {
    /// The HTTP method.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The path, without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// A parameter of the query or the form. Secrets, assertions, codes and refresh
    /// tokens read `<masked>`.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        let mut params = self.params.iter();
        params.find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The `grant_type` of a token request.
    #[must_use]
    pub fn grant_type(&self) -> Option<&str> {
        self.param("grant_type")
    }

    /// The client: `client_id`, or the user name of HTTP Basic.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.param("client_id").or(self.basic_client_id.as_deref())
    }

    /// The HTTP status of the answer.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The number of the AADSTS error, if the answer was one.
    #[must_use]
    pub fn error_code(&self) -> Option<u32> {
        self.error_code
    }

    /// The correlation id: the client's, or the one made for it.
    #[must_use]
    pub fn correlation_id(&self) -> &str {
        &self.correlation_id
    }
}

/// The requests of one emulator, oldest first; the last 10 000 are kept, and 16 MiB of what
/// they sent, with values of at most 16 KiB. Handles are cheap to clone and share the entries.
///
/// A request is entered before its answer is sent: who has the answer finds the entry.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use entra_emulator::{Directory, Emulator};
///
/// let emulator = Emulator::start(Directory::demo()).await?;
/// assert_eq!(emulator.journal().count(|e| e.path().ends_with("/token")), 0);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Journal(Arc<Pages>);

#[derive(Debug, Default)]
struct Pages {
    entries: Mutex<Entries>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct Entries {
    all: VecDeque<JournalEntry>,
    bytes: usize,
}

/// The requests waited for did not come in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found} of {wanted} requests came in time")]
#[non_exhaustive]
pub struct WaitError {
    /// How many matching requests were waited for.
    pub wanted: usize,
    /// How many came.
    pub found: usize,
}

impl Journal {
    /// All entries, oldest first.
    #[must_use]
    pub fn entries(&self) -> Vec<JournalEntry> {
        self.lock().all.iter().cloned().collect()
    }

    /// The newest entry.
    #[must_use]
    pub fn last(&self) -> Option<JournalEntry> {
        self.lock().all.back().cloned()
    }

    /// How many entries match.
    pub fn count(&self, matches: impl Fn(&JournalEntry) -> bool) -> usize {
        self.lock().all.iter().filter(|e| matches(e)).count()
    }

    /// How many token requests there were with this `grant_type`.
    #[must_use]
    pub fn count_grant(&self, grant_type: &str) -> usize {
        self.count(|e| e.grant_type() == Some(grant_type))
    }

    /// Waits until at least `count` entries match, also such as are there already, and
    /// gives them.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use entra_emulator::{Directory, Emulator};
    /// use std::time::Duration;
    ///
    /// let emulator = Emulator::start(Directory::demo()).await?;
    /// let missing = emulator.journal().wait_for(1, Duration::ZERO, |e| e.status() == 200).await;
    /// assert_eq!(missing.unwrap_err().found, 0);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// They did not come within `timeout`, in real time.
    pub async fn wait_for(
        &self,
        count: usize,
        timeout: Duration,
        matches: impl Fn(&JournalEntry) -> bool + Send + Sync,
    ) -> Result<Vec<JournalEntry>, WaitError> {
        let enough = async {
            loop {
                // Registered before the look, so that nothing slips in between.
                let arrived = self.0.arrived.notified();
                let found = self.matching(&matches);
                if found.len() >= count {
                    return found;
                }
                arrived.await;
            }
        };
        match tokio::time::timeout(timeout, enough).await {
            Ok(found) => Ok(found),
            Err(_) => Err(WaitError {
                wanted: count,
                found: self.count(&matches),
            }),
        }
    }

    /// The entries that match, oldest first.
    pub fn matching(&self, matches: impl Fn(&JournalEntry) -> bool) -> Vec<JournalEntry> {
        self.lock()
            .all
            .iter()
            .filter(|e| matches(e))
            .cloned()
            .collect()
    }

    /// Forgets all entries.
    pub fn clear(&self) {
        *self.lock() = Entries::default();
    }

    pub(crate) fn push(&self, mut entry: JournalEntry) {
        entry.params.truncate(PARAMS);
        for (name, value) in &mut entry.params {
            if SECRETS.contains(&name.as_str()) {
                MASK.clone_into(value);
            }
            cut(name);
            cut(value);
        }
        entry.params.shrink_to_fit();
        cut(&mut entry.path);
        cut(&mut entry.method);
        entry.basic_client_id.iter_mut().for_each(cut);
        let size = entry.size();
        let mut entries = self.lock();
        entries.bytes = entries.bytes.saturating_add(size);
        entries.all.push_back(entry);
        while entries.all.len() > KEPT || entries.bytes > BYTES {
            let Some(oldest) = entries.all.pop_front() else {
                break;
            };
            entries.bytes = entries.bytes.saturating_sub(oldest.size());
        }
        drop(entries);
        self.0.arrived.notify_waiters();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Entries> {
        self.0
            .entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn cut(text: &mut String) {
    if text.len() > VALUE {
        let end = (0..=VALUE).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or_default());
        text.push_str("...");
    }
    text.shrink_to_fit();
}

impl JournalEntry {
    /// The bytes of what was sent.
    fn size(&self) -> usize {
        let params = self.params.iter();
        let params: usize = params.map(|(name, value)| name.len() + value.len()).sum();
        let client = self.basic_client_id.as_ref().map_or(0, String::len);
        self.method.len() + self.path.len() + self.correlation_id.len() + params + client
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_and_the_rest_is_kept() {
        let journal = Journal::default();
        let mut params: Vec<_> = SECRETS
            .iter()
            .map(|s| ((*s).into(), "topsecret".into()))
            .collect();
        params.push(("scope".to_owned(), "openid".to_owned()));
        journal.push(JournalEntry {
            method: "POST".into(),
            path: "/t/oauth2/v2.0/token".into(),
            params,
            basic_client_id: Some("basic".into()),
            status: 200,
            error_code: None,
            correlation_id: String::new(),
        });
        assert!(!format!("{journal:?}").contains("topsecret"));
        let entry = journal.last().unwrap();
        assert_eq!(entry.param("scope"), Some("openid"));
        assert_eq!(entry.param("assertion"), Some(MASK));
        assert_eq!(entry.client_id(), Some("basic"));
    }

    #[test]
    fn what_was_sent_is_bounded_by_bytes() {
        let journal = Journal::default();
        for number in 0..2_000 {
            let large = |n: usize| (format!("p{n}"), "\u{e9}".repeat(VALUE));
            journal.push(JournalEntry {
                method: "POST".into(),
                path: "/".repeat(2 * VALUE),
                params: (0..PARAMS + 10).map(large).collect(),
                basic_client_id: Some("c".repeat(2 * VALUE)),
                status: 200,
                error_code: None,
                correlation_id: number.to_string(),
            });
        }
        let entries = journal.entries();
        let size: usize = entries.iter().map(JournalEntry::size).sum();
        assert!(size <= BYTES, "{size}");
        assert_eq!(journal.last().unwrap().correlation_id(), "1999");
        let one = entries.first().unwrap();
        assert_eq!(one.params.len(), PARAMS);
        assert!(one.path().ends_with("...") && one.param("p0").unwrap().ends_with("..."));
    }

    #[test]
    fn the_oldest_entries_go_first() {
        let journal = Journal::default();
        for status in 0..=KEPT {
            journal.push(JournalEntry {
                method: "GET".into(),
                path: "/".into(),
                params: Vec::new(),
                basic_client_id: None,
                status: u16::try_from(status).unwrap(),
                error_code: None,
                correlation_id: String::new(),
            });
        }
        assert_eq!(journal.entries().len(), KEPT);
        assert_eq!(journal.entries().first().unwrap().status(), 1);
    }
}
