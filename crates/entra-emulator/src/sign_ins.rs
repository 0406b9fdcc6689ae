//! Sign-ins under way, and which browser is signed in as whom.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::call::Call;
use crate::directory::{Tenant, User};
use crate::kept::{KEPT, Kept};
use crate::tokens::random_text;

/// How long a page may be left open, in seconds.
const PATIENCE: i64 = 15 * 60;

/// A user of a tenant, by their ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) tenant: String,
    pub(crate) user: String,
}

impl Account {
    pub(crate) fn new(tenant: &Tenant, user: &User) -> Self {
        Self {
            tenant: tenant.id.clone(),
            user: user.object_id().to_owned(),
        }
    }

    /// As the account picker's buttons name it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (tenant, user) = text.split_once('/')?;
        Some(Self {
            tenant: tenant.to_owned(),
            user: user.to_owned(),
        })
    }
}

/// What a person has answered so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    pub(crate) account: Option<Account>,
    pub(crate) confirmed: bool,
    pub(crate) consented: bool,
    /// Whether a second factor was given.
    pub(crate) approved: bool,
    /// The session of the browser that is signed in already, and when it began.
    pub(crate) session: Option<(String, i64)>,
}

/// What a sign-in is for.
#[derive(Clone)]
pub(crate) enum Purpose {
    /// A request to the authorization endpoint of this tenant.
    Authorize { segment: String, call: Arc<Call> },
    /// A request to the administrators' consent page of this tenant.
    AdminConsent { segment: String, call: Arc<Call> },
    /// The device that shows this code.
    Device { user_code: String },
}

/// What the button of a page means for the sign-in as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It goes on; what was answered is in the progress.
    Answered,
    /// The person consents to what the page showed.
    Accepted,
    Declined,
    /// The person left before they signed in.
    Cancelled,
    /// The directory's refusal is sent to the app.
    Return,
}

#[derive(Clone)]
pub(crate) struct Pending {
    pub(crate) purpose: Purpose,
    pub(crate) progress: Progress,
    /// The cookie of the browser that was asked.
    pub(crate) browser: String,
    pub(crate) opened_at: i64,
}

impl Pending {
    /// The bytes of what the browser sent.
    fn size(&self) -> usize {
        let purpose = match &self.purpose {
            Purpose::Authorize { segment, call } | Purpose::AdminConsent { segment, call } => {
                segment.len() + call.size()
            }
            Purpose::Device { user_code } => user_code.len(),
        };
        purpose + self.browser.len()
    }
}

/// The sign-ins of one emulator.
#[derive(Default)]
pub(crate) struct SignIns(Mutex<Inner>);

/// How a browser is signed in.
#[derive(Clone)]
pub(crate) struct SignedIn {
    pub(crate) account: Account,
    /// With a second factor.
    pub(crate) approved: bool,
    /// The id of its session: `sid` and `session_state`.
    pub(crate) session: String,
    /// When the person signed in.
    pub(crate) at: i64,
    /// Client ids of the apps that it was for.
    pub(crate) apps: Vec<String>,
}

#[derive(Default)]
struct Inner {
    pending: Kept<Pending>,
    /// Who is signed in, by the browser's cookie.
    sessions: HashMap<String, SignedIn>,
}

impl SignIns {
    /// Forgets all of them.
    pub(crate) fn clear(&self) {
        self.with(|inner| *inner = Inner::default());
    }

    /// Remembers a sign-in and names it.
    pub(crate) fn open(&self, pending: Pending) -> String {
        let id = random_text(2);
        let now = pending.opened_at;
        self.with(|inner| {
            let over = |p: &Pending| p.opened_at.saturating_add(PATIENCE) <= now;
            while inner.pending.oldest().is_some_and(over) {
                inner.pending.drop_oldest();
            }
            let size = pending.size();
            inner.pending.insert(id.clone(), pending, size);
        });
        id
    }

    /// The sign-in with this id, if it is this browser's and not too old.
    pub(crate) fn find(&self, id: &str, browser: &str, now: i64) -> Option<Pending> {
        self.with(|inner| inner.pending.get(id).cloned())
            .filter(|p| p.browser == browser && p.opened_at.saturating_add(PATIENCE) > now)
    }

    pub(crate) fn keep(&self, id: &str, progress: Progress) {
        self.with(|inner| {
            if let Some(pending) = inner.pending.get_mut(id) {
                pending.progress = progress;
            }
        });
    }

    /// Ends a sign-in. Of two that end it at once, one gets `true`.
    pub(crate) fn close(&self, id: &str) -> bool {
        self.with(|inner| inner.pending.remove(id).is_some())
    }

    pub(crate) fn sign_in(&self, browser: &str, signed_in: SignedIn) {
        self.with(|inner| {
            if inner.sessions.len() >= KEPT {
                inner.sessions.clear();
            }
            inner.sessions.insert(browser.to_owned(), signed_in)
        });
    }

    /// Remembers that the browser's session was for this app too.
    pub(crate) fn used_by(&self, browser: &str, app: &str) {
        self.with(|inner| {
            if let Some(session) = inner.sessions.get_mut(browser)
                && !session.apps.iter().any(|known| known == app)
            {
                session.apps.push(app.to_owned());
            }
        });
    }

    pub(crate) fn sign_out(&self, browser: &str) {
        self.with(|inner| inner.sessions.remove(browser));
    }

    pub(crate) fn session(&self, browser: &str) -> Option<SignedIn> {
        self.with(|inner| inner.sessions.get(browser).cloned())
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut Inner) -> T) -> T {
        use_it(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kept::BYTES;

    #[test]
    fn open_sign_ins_are_bounded_by_bytes_and_by_age() {
        let sign_ins = SignIns::default();
        let open = |browser: String, opened_at: i64| {
            sign_ins.open(Pending {
                purpose: Purpose::Device {
                    user_code: String::new(),
                },
                progress: Progress::default(),
                browser,
                opened_at,
            })
        };
        let large = |c: &str| c.repeat(BYTES / 4);
        let ids: Vec<_> = (0..6).map(|_| open(large("b"), 0)).collect();
        let is_there = |id: &String| sign_ins.find(id, &large("b"), 1).is_some();
        assert!(!is_there(&ids[0]) && !is_there(&ids[1]), "the oldest went");
        assert!(is_there(&ids[5]) && is_there(&ids[3]));
        open("late".to_owned(), PATIENCE);
        assert!(!is_there(&ids[5]), "what is over is forgotten");
    }
}
