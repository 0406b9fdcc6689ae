//! Requests that claims challenges cause for one application's tokens: a few for each entry, once in 60 s.
//!
//! The token of an application is shared by all callers of a service, and a caller can often
//! choose the claims with which it is asked for again. So a challenge costs a bounded number of
//! requests, whatever callers send.

use std::future::Future;
use std::sync::Mutex;
use std::time::Duration;

use entra_parts::bounded::BoundedMap;
use entra_parts::lock::lock;
use time::OffsetDateTime;
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::{Answer, after};
use crate::cache::{Key, Now};
use crate::error::ExchangeError;

/// How long the answer to one challenge stands for further calls with the same one.
const STANDS: Duration = Duration::from_secs(60);

/// So many entries are remembered.
const ENTRIES: usize = 10_000;

/// Attempts by the entry that they are about.
#[derive(Debug)]
pub(crate) struct Challenged {
    attempts: Mutex<BoundedMap<Key, Vec<Attempt>>>,
    most: usize,
}

/// One request, and its answer as soon as there is one.
#[derive(Debug)]
struct Attempt {
    request: Key,
    since: Duration,
    answer: watch::Receiver<Option<Answer>>,
}

impl Challenged {
    /// So many different requests for each entry in 60 s.
    pub(super) fn new(most: usize) -> Self {
        Self {
            attempts: Mutex::new(BoundedMap::new(ENTRIES)),
            most,
        }
    }

    /// The answer to `request`, which is sent at most once in 60 s. It goes on if no caller
    /// waits for it any more.
    ///
    /// # Errors
    ///
    /// Where the entry has had its number of requests: when there may be another one.
    pub(crate) async fn answer<F>(
        &self,
        entry: Key,
        request: Key,
        now: Now,
        ask: impl FnOnce() -> F,
    ) -> Result<Answer, OffsetDateTime>
    where
        F: Future<Output = Answer> + Send + 'static,
    {
        let mut answer = self.attempt(entry, request, now, ask)?;
        let answer = match answer.wait_for(Option::is_some).await {
            Ok(answer) => answer.clone(),
            Err(_) => None,
        };
        let soon = after(now, Duration::from_secs(1));
        Ok(match answer {
            Some(Ok(token)) if token.expires_at() <= after(now, Duration::ZERO) => {
                Err(ExchangeError::throttled(after(now, STANDS)))
            }
            Some(answer) => answer,
            None => Err(ExchangeError::interrupted(soon)),
        })
    }

    fn attempt<F>(
        &self,
        entry: Key,
        request: Key,
        now: Now,
        ask: impl FnOnce() -> F,
    ) -> Result<watch::Receiver<Option<Answer>>, OffsetDateTime>
    where
        F: Future<Output = Answer> + Send + 'static,
    {
        let mut attempts = lock(&self.attempts);
        let mut of_entry = attempts.remove(&entry).unwrap_or_default();
        of_entry.retain(|attempt| attempt.left(now).is_some());
        let known = of_entry.iter().find(|attempt| attempt.request == request);
        let outcome = match known {
            Some(attempt) => Ok(attempt.answer.clone()),
            None if of_entry.len() >= self.most => {
                let next = of_entry.iter().filter_map(|attempt| attempt.left(now));
                Err(after(now, next.min().unwrap_or(STANDS)))
            }
            None => {
                let (sender, answer) = watch::channel(None);
                let job = ask();
                let job = async move {
                    // Without a receiver the answer is in the cache all the same.
                    let _ = sender.send(Some(job.await));
                };
                // Without a runtime the sender is dropped, and no answer comes.
                if let Ok(runtime) = Handle::try_current() {
                    runtime.spawn(job);
                }
                of_entry.push(Attempt {
                    request,
                    since: now.monotonic,
                    answer: answer.clone(),
                });
                Ok(answer)
            }
        };
        let until = now.monotonic.saturating_add(STANDS);
        attempts.insert(entry, of_entry, until, now.monotonic);
        outcome
    }

    /// What was asked for no longer counts.
    pub(super) fn clear(&self) {
        *lock(&self.attempts) = BoundedMap::new(ENTRIES);
    }
}

impl Attempt {
    /// How long it still stands.
    fn left(&self, now: Now) -> Option<Duration> {
        let age = now.monotonic.saturating_sub(self.since);
        STANDS.checked_sub(age).filter(|left| !left.is_zero())
    }
}
