//! What the emulator has handed out and must recognise: codes and refresh tokens.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::errors::{AadError, table, timestamp};
use crate::session::Session;
use crate::tokens::random_text;

/// How long an authorization code lives, in seconds.
pub(crate) const CODE_LIFETIME: i64 = 600;
/// How long an unused refresh token lives, in seconds: 90 days.
pub(crate) const REFRESH_LIFETIME: i64 = 90 * 24 * 60 * 60;
/// How long a dead code is remembered, so that its second use has its own error.
const CODE_MEMORY: i64 = 24 * 60 * 60;

/// What a user approved at the authorization endpoint.
#[derive(Clone)]
pub(crate) struct Approval {
    pub(crate) tenant: String,
    pub(crate) client: String,
    pub(crate) user: String,
    pub(crate) scope: String,
    pub(crate) session: Session,
}

/// An authorization code's meaning.
pub(crate) struct CodeGrant {
    pub(crate) approval: Approval,
    pub(crate) redirect_uri: String,
    pub(crate) nonce: Option<String>,
    /// `code_challenge`, always S256.
    pub(crate) challenge: Option<String>,
    pub(crate) issued_at: i64,
}

/// The authorization codes; each can be redeemed once.
#[derive(Default)]
pub(crate) struct Codes(Mutex<HashMap<String, Code>>);

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
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    pub(crate) fn issue(&self, grant: CodeGrant) -> String {
        let code = random_text(3);
        let mut codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = grant.issued_at;
        codes.retain(|_, c| c.grant.issued_at.saturating_add(CODE_MEMORY) > now);
        codes.insert(
            code.clone(),
            Code {
                grant: Arc::new(grant),
                state: CodeState::Fresh,
            },
        );
        code
    }

    /// What the code was issued for, without using it up.
    pub(crate) fn peek(&self, code: &str) -> Option<Arc<CodeGrant>> {
        let codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
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
        let mut codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
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
pub(crate) struct RefreshTokens(Mutex<HashMap<String, Refresh>>);

#[derive(Clone)]
struct Refresh {
    approval: Approval,
    issued_at: i64,
}

impl RefreshTokens {
    /// Forgets all of them.
    pub(crate) fn clear(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    pub(crate) fn issue(&self, approval: Approval, now: i64) -> String {
        let token = format!("1.{}", random_text(5));
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(
                token.clone(),
                Refresh {
                    approval,
                    issued_at: now,
                },
            );
        token
    }

    /// What the token stands for, whoever presents it and whenever.
    pub(crate) fn peek(&self, token: &str) -> Option<Approval> {
        let tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.get(token).map(|r| r.approval.clone())
    }

    /// What the token stands for and when it was issued, if this client of this tenant may
    /// use it now.
    pub(crate) fn use_for(
        &self,
        token: &str,
        tenant: &str,
        client: &str,
        now: i64,
    ) -> Result<(Approval, i64), AadError> {
        let tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let refresh = tokens
            .get(token)
            .filter(|r| r.approval.tenant == tenant && r.approval.client == client)
            .ok_or_else(|| AadError::new(table::GRANT_INVALID).arg("refresh_token"))?;
        if now >= refresh.issued_at.saturating_add(REFRESH_LIFETIME) {
            return Err(AadError::new(table::REFRESH_EXPIRED).arg(timestamp(refresh.issued_at)));
        }
        Ok((refresh.approval.clone(), refresh.issued_at))
    }
}
