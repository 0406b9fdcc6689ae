//! Authorization codes and refresh tokens that were issued.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::errors::{AadError, long_timestamp, table};
use crate::kept::Kept;
use crate::session::Session;
use crate::tokens::random_text;

/// How long an authorization code lives, in seconds.
pub(crate) const CODE_LIFETIME: i64 = 600;
/// How long an unused refresh token lives, in seconds: 90 days.
pub(crate) const REFRESH_LIFETIME: i64 = 90 * 24 * 60 * 60;
/// How long a single-page app's refresh token lives, from the sign-in on, in seconds.
pub(crate) const SPA_REFRESH_LIFETIME: i64 = 24 * 60 * 60;
/// How long a dead code is remembered, so that its second use has its own error.
const CODE_MEMORY: i64 = 24 * 60 * 60;

/// Whether a text has the form of a code or a refresh token of Entra ID, issued or not.
pub(crate) fn has_form(text: &str) -> bool {
    let versioned = text.starts_with("0.") || text.starts_with("1.");
    let url_safe = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    versioned && text.len() >= 64 && text.bytes().all(url_safe)
}

/// What a user approved at the authorization endpoint.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Approval {
    pub(crate) tenant: String,
    pub(crate) client: String,
    pub(crate) user: String,
    pub(crate) scope: String,
    pub(crate) session: Session,
}

impl Approval {
    /// The bytes of what a client sent in it.
    pub(crate) fn size(&self) -> usize {
        let session = &self.session;
        let lists = session.contexts.iter().chain(&session.policies);
        self.scope.len() + lists.map(String::len).sum::<usize>()
    }
}

impl CodeGrant {
    fn size(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let challenge = match &self.challenge {
            Some(Challenge::S256(text) | Challenge::Plain(text)) => text.len(),
            None => 0,
        };
        self.approval.size() + text(&self.redirect_uri) + text(&self.nonce) + challenge
    }
}

/// The platform of a redirect URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Platform {
    /// A single-page app: its page redeems the code, so the request has an `Origin`.
    Spa,
    /// Web, mobile or desktop.
    Other,
}

/// `code_challenge` with its method (RFC 7636).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Challenge {
    S256(String),
    Plain(String),
}

/// An authorization code's meaning.
pub(crate) struct CodeGrant {
    pub(crate) approval: Approval,
    /// Nothing for a `spa_code`, which goes with any of the single-page app's.
    pub(crate) redirect_uri: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: Option<Challenge>,
    pub(crate) platform: Platform,
    pub(crate) issued_at: i64,
}

/// The authorization codes; each can be redeemed once.
#[derive(Default)]
pub(crate) struct Codes(Mutex<Kept<Code>>);

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Code {
    grant: Arc<CodeGrant>,
    state: CodeState,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum CodeState {
    Fresh,
    Redeemed,
}

impl Codes {
    /// Forgets all of them.
    pub(crate) fn clear(&self) {
        *locked(&self.0) = Kept::default();
    }

    pub(crate) fn issue(&self, grant: CodeGrant) -> String {
        let code = format!("1.A{}", random_text(4));
        let mut codes = locked(&self.0);
        let now = grant.issued_at;
        let over = |c: &Code| c.grant.issued_at.saturating_add(CODE_MEMORY) <= now;
        while codes.oldest().is_some_and(over) {
            codes.drop_oldest();
        }
        let size = grant.size();
        codes.insert(
            code.clone(),
            Code {
                grant: Arc::new(grant),
                state: CodeState::Fresh,
            },
            size,
        );
        code
    }

    /// What the code was issued for, without using it up.
    pub(crate) fn peek(&self, code: &str) -> Option<Arc<CodeGrant>> {
        let codes = locked(&self.0);
        codes.get(code).map(|c| Arc::clone(&c.grant))
    }

    /// Uses a code up, if it is fresh, in time, and `check` has nothing against it.
    ///
    /// One lock spans the check and the mark: of two redemptions at once, one gets
    /// AADSTS54005.
    pub(crate) fn redeem(
        &self,
        code: &str,
        now: i64,
        check: impl FnOnce(&CodeGrant) -> Result<(), AadError>,
    ) -> Result<Arc<CodeGrant>, AadError> {
        let mut codes = locked(&self.0);
        let entry = codes
            .get_mut(code)
            .ok_or_else(|| AadError::new(table::GRANT_INVALID).arg("code"))?;
        if entry.state == CodeState::Redeemed {
            return Err(AadError::new(table::CODE_REDEEMED));
        }
        if now >= entry.grant.issued_at.saturating_add(CODE_LIFETIME) {
            return Err(AadError::new(table::CODE_EXPIRED));
        }
        check(&entry.grant)?;
        entry.state = CodeState::Redeemed;
        Ok(Arc::clone(&entry.grant))
    }
}

/// The refresh tokens. Entra does not invalidate a used one, and neither does this.
#[derive(Default)]
pub(crate) struct RefreshTokens(Mutex<Kept<Refresh>>);

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Refresh {
    pub(crate) approval: Approval,
    pub(crate) issued_at: i64,
    pub(crate) platform: Platform,
}

impl RefreshTokens {
    /// Forgets all of them.
    pub(crate) fn clear(&self) {
        *locked(&self.0) = Kept::default();
    }

    pub(crate) fn issue(&self, refresh: Refresh) -> String {
        let token = format!("1.{}", random_text(5));
        let size = refresh.approval.size();
        locked(&self.0).insert(token.clone(), refresh, size);
        token
    }

    /// All of them, oldest first.
    pub(crate) fn all(&self) -> Vec<(String, Refresh)> {
        let tokens = locked(&self.0);
        let all = tokens.iter();
        all.map(|(text, refresh)| (text.clone(), refresh.clone()))
            .collect()
    }

    /// Takes those of an earlier run.
    pub(crate) fn restore(&self, all: Vec<(String, Refresh)>) {
        let mut tokens = locked(&self.0);
        for (text, refresh) in all {
            let size = refresh.approval.size();
            tokens.insert(text, refresh, size);
        }
    }

    /// What the token stands for, without a check of who presents it or when.
    pub(crate) fn peek(&self, token: &str) -> Option<Approval> {
        let tokens = locked(&self.0);
        tokens.get(token).map(|r| r.approval.clone())
    }

    /// The token, if this client may use it now. It is bound to user and client, not to a
    /// tenant or a resource.
    pub(crate) fn use_for(&self, token: &str, client: &str, now: i64) -> Result<Refresh, AadError> {
        let tokens = locked(&self.0);
        let refresh = tokens
            .get(token)
            .filter(|r| r.approval.client == client)
            .ok_or_else(|| AadError::new(table::GRANT_INVALID).arg("refresh_token"))?;
        let over = |lifetime: i64| now >= refresh.issued_at.saturating_add(lifetime);
        let issued_at = long_timestamp(refresh.issued_at);
        if refresh.platform == Platform::Spa && over(SPA_REFRESH_LIFETIME) {
            return Err(AadError::new(table::SPA_REFRESH_EXPIRED).arg(issued_at));
        }
        if over(REFRESH_LIFETIME) {
            return Err(AadError::new(table::REFRESH_EXPIRED).arg(issued_at));
        }
        Ok(refresh.clone())
    }
}
