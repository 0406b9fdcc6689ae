//! The pages that are open: bounded, short-lived, each for one caller.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use entra_claims::{Clock, PrincipalKey};
use entra_parts::bounded::BoundedMap;
use entra_parts::lock::lock;
use entra_parts::seal::random_id;
use foundry_scopes::ClientId;
use tokio::sync::OnceCell;

use super::authorize::Ask;
use super::authorize::Pkce;

/// How long a page is open.
pub(super) const LIFE: Duration = Duration::from_secs(600);

/// Pages that are open at once, of all callers.
const ALL: usize = 10_000;

/// Pages that one caller can have made within [`LIFE`].
const EACH: usize = 5;

/// Sign-ins that one page begins at most.
const ATTEMPTS: u8 = 10;

/// Whom a page is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Initiator {
    pub(super) user: PrincipalKey,
    pub(super) client: ClientId,
}

/// How far a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Waiting for the user.
    Open,
    /// The user did it.
    Done,
    /// The user, or Entra ID, said no.
    Declined,
    /// Somebody else was there: it is void.
    Void,
}

struct Entry {
    initiator: Initiator,
    ask: Ask,
    stage: Stage,
    attempts: u8,
    attempt: Option<Arc<Attempt>>,
}

/// One sign-in, from a button pressed to what Entra ID says.
pub(super) struct Attempt {
    /// What the first answer of Entra ID has to bring back.
    pub(super) sign_in: String,
    /// What the second one has to.
    pub(super) ask: String,
    /// The browser's cookie.
    pub(super) browser: String,
    pub(super) nonce: String,
    pub(super) pkce: Pkce,
    /// Whoever asks first has the code redeemed, everybody else gets the same.
    pub(super) outcome: OnceCell<Outcome>,
}

/// Who was there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The one that the page is for, to be sent here.
    Same(String),
    Other,
    /// It could not be found out; to be started again.
    Unknown,
}

impl Attempt {
    fn new() -> Option<Self> {
        Some(Self {
            sign_in: random_id().ok()?,
            ask: random_id().ok()?,
            browser: random_id().ok()?,
            nonce: random_id().ok()?,
            pkce: Pkce::new()?,
            outcome: OnceCell::new(),
        })
    }
}

/// A copy of what is known of a page.
#[derive(Clone)]
pub(super) struct Seen {
    pub(super) initiator: Initiator,
    pub(super) ask: Ask,
    pub(super) stage: Stage,
    pub(super) attempt: Option<Arc<Attempt>>,
}

/// What came of asking for a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Opened {
    Page(String),
    Done,
    Declined,
    Full,
}

pub(super) struct Store {
    clock: Arc<dyn Clock>,
    pages: Mutex<BoundedMap<String, Entry>>,
}

impl Store {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            pages: Mutex::new(BoundedMap::new(ALL)),
        }
    }

    /// The page on which this caller is asked for this: one that is open already, or a new
    /// one. What was done or declined is said once the page's time is not over.
    pub(super) fn open(&self, initiator: Initiator, ask: Ask) -> Opened {
        let now = self.clock.monotonic();
        let mut pages = self.pages();
        let mine = || {
            pages
                .iter(now)
                .filter(|(_, entry)| entry.initiator == initiator)
        };
        let same = || mine().filter(|(_, entry)| entry.ask == ask);
        if let Some((id, _)) = same().find(|(_, entry)| entry.stage == Stage::Open) {
            return Opened::Page(id.clone());
        }
        if same().any(|(_, entry)| entry.stage == Stage::Declined) {
            return Opened::Declined;
        }
        // Consent that was given and is still missing may be asked for again; a sign-in that
        // was made is for the client to make use of.
        let claims = matches!(ask, Ask::Claims { .. });
        if claims && same().any(|(_, entry)| entry.stage == Stage::Done) {
            return Opened::Done;
        }
        if mine().count() >= EACH {
            return Opened::Full;
        }
        let Ok(id) = random_id() else {
            return Opened::Full;
        };
        let entry = Entry {
            initiator,
            ask,
            stage: Stage::Open,
            attempts: 0,
            attempt: None,
        };
        let until = now.saturating_add(LIFE);
        match pages.insert_if_room(id.clone(), entry, until, now) {
            true => Opened::Page(id),
            false => Opened::Full,
        }
    }

    pub(super) fn see(&self, id: &str) -> Option<Seen> {
        let now = self.clock.monotonic();
        let pages = self.pages();
        let entry = pages.get(id, now)?;
        Some(Seen {
            initiator: entry.initiator,
            ask: entry.ask.clone(),
            stage: entry.stage,
            attempt: entry.attempt.clone(),
        })
    }

    /// A new sign-in on a page that waits for one; the one before it is forgotten.
    pub(super) fn begin(&self, id: &str) -> Option<Arc<Attempt>> {
        let now = self.clock.monotonic();
        let mut pages = self.pages();
        let entry = pages.get_mut(id, now)?;
        if entry.stage != Stage::Open || entry.attempts >= ATTEMPTS {
            return None;
        }
        let attempt = Arc::new(Attempt::new()?);
        entry.attempts += 1;
        entry.attempt = Some(Arc::clone(&attempt));
        Some(attempt)
    }

    /// Ends a page that still waits. What ended stays as it ended.
    pub(super) fn end(&self, id: &str, stage: Stage) {
        let now = self.clock.monotonic();
        if let Some(entry) = self.pages().get_mut(id, now)
            && entry.stage == Stage::Open
        {
            entry.stage = stage;
        }
    }

    fn pages(&self) -> MutexGuard<'_, BoundedMap<String, Entry>> {
        // Nothing that could panic runs under the lock.
        lock(&self.pages)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}
