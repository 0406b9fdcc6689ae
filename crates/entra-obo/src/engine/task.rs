//! Background task of a token request: shared store, endpoint, cache.

use std::sync::Arc;
use std::time::Duration;

use entra_claims::PrincipalKey;
use entra_claims::transport::BoxFuture;
use entra_parts::flight::Panicked;
use tracing::Span;

use super::{Answer, AnswerCompleter, Engine, after};
use crate::cache::{Entry, Epoch, Key, Lifetime, Record};
use crate::error::{EntraError, ErrorKind, ExchangeError};
use crate::meter;
use crate::store::{LookupFor, SharedCache};
use crate::throttle::ThrottleKey;
use crate::token::{AccessToken, IssuedToken};

/// No job needs longer: the longest are eight attempts at a metadata service, or a client
/// whose credentials time out one after the other. What hangs (a callback of the application,
/// say) must not hang its user for ever.
const LIMIT: Duration = Duration::from_secs(300);

/// It runs detached: neither a caller that goes away nor one that comes late changes it.
pub(super) struct Task {
    pub(super) engine: Arc<Engine>,
    pub(super) flow: &'static str,
    pub(super) span: Span,
    pub(super) key: Key,
    pub(super) who: ThrottleKey,
    pub(super) owner: Option<PrincipalKey>,
    /// From before anything was asked.
    pub(super) epoch: Epoch,
    pub(super) purpose: Purpose,
    /// Set if the token may be found and kept there.
    pub(super) shared: Option<Arc<SharedCache>>,
}

/// What a job brings.
pub(crate) struct TokenResponse {
    pub(crate) token: IssuedToken,
    pub(crate) life: Lifetime,
}

/// What a token is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// There is none.
    Get,
    /// There is one that should be renewed.
    Refresh,
    /// There may be one that is not enough.
    Past,
}

impl Purpose {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Refresh => "refresh",
            Self::Past => "past_cache",
        }
    }
}

impl Task {
    pub(super) async fn run(
        self,
        job: BoxFuture<'static, Result<TokenResponse, ExchangeError>>,
        completer: AnswerCompleter,
    ) {
        let mut ticket = None;
        if let Some(shared) = &self.shared {
            let wanted = match self.purpose {
                Purpose::Get | Purpose::Refresh => LookupFor::Token,
                Purpose::Past => LookupFor::Ticket,
            };
            let found = shared
                .look(&self.key, self.owner, wanted, self.engine.now())
                .await;
            if let Some(token) = found.record.and_then(|record| self.take(record, shared)) {
                self.span.record("outcome", "shared_store");
                return completer.complete(Ok(token));
            }
            ticket = found.ticket;
            let now = self.engine.now();
            if let Err(held_back) = self.engine.not_throttled(&self.who, self.flow, now) {
                self.span.record("outcome", held_back.kind().as_str());
                return completer.complete(Err(held_back));
            }
        }
        let began = self.engine.now().monotonic;
        // After a panic those who wait start again: the completer is dropped.
        let Some(got) = self.drive(job, &completer).await else {
            return;
        };
        let outcome = match &got {
            Ok(_) => "ok",
            Err(error) => error.kind().as_str(),
        };
        let took = self.engine.now().monotonic.saturating_sub(began);
        meter::exchange(self.flow, outcome, took);
        self.span.record("outcome", outcome);
        let (answer, kept) = self.settle(got);
        completer.complete(answer);
        // The callers do not wait for the store.
        if let (Some(shared), Some(ticket), Some((entry, asked))) = (&self.shared, ticket, kept) {
            let now = self.engine.now();
            shared
                .keep(ticket, &self.key, self.owner, &entry.record(asked), now)
                .await;
        }
    }

    /// What another process asked for, if it lives long enough here too.
    fn take(&self, record: Record, shared: &SharedCache) -> Option<AccessToken> {
        let now = self.engine.now();
        let later = self.key.jitter() ^ shared.later;
        let entry = Entry::of_another_process(record, self.owner, now, &self.key, later);
        let renews = self.purpose == Purpose::Refresh && entry.is_due(now);
        if renews || !self.engine.cache.serves(&entry, now) {
            return None;
        }
        self.engine.cache.insert(&entry, now, self.epoch);
        Some(entry.token())
    }

    /// Works, but not for ever.
    async fn drive(
        &self,
        job: BoxFuture<'static, Result<TokenResponse, ExchangeError>>,
        completer: &AnswerCompleter,
    ) -> Option<Result<TokenResponse, ExchangeError>> {
        let driven = completer.drive(tokio::time::timeout(LIMIT, job)).await;
        match driven {
            Ok(Ok(got)) => Some(got),
            Ok(Err(_)) => Some(Err(ExchangeError::interrupted(after(
                self.engine.now(),
                Duration::from_secs(1),
            )))),
            Err(Panicked) => None,
        }
    }

    /// What is left to do when the answer is there; with it, what other processes may have, and
    /// when it was asked for.
    fn settle(
        &self,
        got: Result<TokenResponse, ExchangeError>,
    ) -> (Answer, Option<(Arc<Entry>, i64)>) {
        let now = self.engine.now();
        match got {
            Ok(got) => {
                let entry = Entry::new(got.token, self.owner, got.life, &self.key);
                let wanted = self.engine.cache.insert(&entry, now, self.epoch);
                (
                    Ok(entry.token()),
                    wanted.then_some((entry, got.life.asked.wall)),
                )
            }
            Err(error) => {
                let told = error
                    .entra()
                    .filter(|answer| answer.kind() == ErrorKind::Throttled)
                    .and_then(EntraError::retry_after);
                if let Some(wait) = told {
                    self.engine.throttle.hold(self.who, wait, now);
                }
                (Err(error), None)
            }
        }
    }
}
