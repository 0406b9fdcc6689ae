//! Token lookup: cache, flight, shared store, endpoint.

use std::sync::Arc;
use std::time::Duration;

use entra_claims::PrincipalKey;
use entra_claims::transport::BoxFuture;
use tokio::runtime::Handle;
use tracing::Instrument as _;

use super::task::{Purpose, Task, TokenResponse};
use super::{Answer, AnswerCompleter, Engine, after};
use crate::cache::key::Prefix;
use crate::cache::{Key, Lookup, Now};
use crate::error::ExchangeError;
use crate::meter;
use crate::store::SharedCache;
use crate::throttle::ThrottleKey;

/// How often a call starts again when the work it waits for ends without an answer.
const ROUNDS: usize = 3;

/// How a token is asked for. An entry is renewed by the same work that made it: there is
/// no other way to get one.
pub(crate) trait Work: Send + Sync {
    /// Its name in spans and metrics.
    fn flow(&self) -> &'static str;

    /// Whether it may be asked for at all, at this time.
    fn check(&self, _now: Now) -> Result<(), ExchangeError> {
        Ok(())
    }

    /// Whether its tokens may wait in a shared store, sealed, for other processes.
    fn is_shareable(&self) -> bool {
        false
    }

    /// Everything up to the token, as a future that needs nothing of the caller: it runs
    /// in its own task and outlives the call that started it.
    fn job(&self) -> BoxFuture<'static, Result<TokenResponse, ExchangeError>>;
}

pub(crate) struct Call<'a> {
    pub(crate) engine: &'a Arc<Engine>,
    /// What the token is found by.
    pub(crate) key: Key,
    /// What a `Retry-After` concerns, with the owner.
    pub(crate) downstream: Prefix,
    /// The user whose token it is; none for an application's own.
    pub(crate) owner: Option<PrincipalKey>,
    /// Set, the cache is passed by, and only calls with the same text share a request.
    pub(crate) past_cache: Option<&'a str>,
    pub(crate) work: &'a dyn Work,
}

impl Call<'_> {
    pub(crate) async fn token(&self) -> Answer {
        let now = self.engine.now();
        self.work.check(now)?;
        if self.past_cache.is_none() {
            let flow = self.work.flow();
            match self.engine.cache.get(&self.key, now) {
                Lookup::Fresh(token) => {
                    meter::cache(flow, "hit");
                    return Ok(token);
                }
                Lookup::Due(token) => {
                    meter::cache(flow, "due");
                    self.refresh();
                    return Ok(token);
                }
                Lookup::Miss => meter::cache(flow, "miss"),
            }
        }
        // Boxed: the way to the network is taken once an hour, the way above always.
        Box::pin(self.fetch()).await
    }

    async fn fetch(&self) -> Answer {
        let engine = self.engine;
        let (flight, purpose) = match self.past_cache {
            Some(text) => (self.key.challenged(text), Purpose::Past),
            None => (self.key, Purpose::Get),
        };
        for _ in 0..ROUNDS {
            let now = engine.now();
            self.work.check(now)?;
            // Where there is a shared store, the task looks there before it says so.
            if self.shared().is_none() {
                engine.not_throttled(&self.who(), self.work.flow(), now)?;
            }
            let (waiter, completer) = engine.flights.join(flight, self.owner);
            match completer {
                None => {
                    engine.counters.coalesced.count();
                    meter::coalesced(self.work.flow());
                }
                Some(completer) => {
                    // Another flight may have ended between the look and the joining.
                    let landed = match self.past_cache {
                        None => engine.cache.peek(&self.key, now),
                        Some(_) => None,
                    };
                    match landed {
                        Some(held) => completer.complete(Ok(held.token)),
                        None => self.start(completer, purpose)?,
                    }
                }
            }
            if let Some(answer) = waiter.wait().await {
                return answer;
            }
        }
        Err(ExchangeError::interrupted(after(
            engine.now(),
            Duration::from_secs(1),
        )))
    }

    /// Starts a refresh in the background. Whatever becomes of it, what is held keeps
    /// serving.
    fn refresh(&self) {
        let engine = self.engine;
        let waits = engine.throttle.remaining(&self.who(), engine.now());
        if Handle::try_current().is_err() || waits.is_some() {
            return;
        }
        let (_, completer) = engine.flights.join(self.key, self.owner);
        if let Some(completer) = completer {
            engine.counters.refreshes.count();
            meter::refresh(self.work.flow());
            // Without a runtime there is no refresh; the completer is dropped with it.
            let _ = self.start(completer, Purpose::Refresh);
        }
    }

    /// Starts the task that brings the answer to `completer`.
    fn start(&self, completer: AnswerCompleter, purpose: Purpose) -> Result<(), ExchangeError> {
        let runtime = Handle::try_current().map_err(|_| {
            ExchangeError::configuration("asking for a token needs a tokio runtime")
        })?;
        // Below whatever the caller is in: the first of them, if several wait.
        let span = tracing::info_span!(
            "token_exchange",
            flow = self.work.flow(),
            purpose = purpose.as_str(),
            outcome = tracing::field::Empty,
        );
        let task = Task {
            engine: Arc::clone(self.engine),
            flow: self.work.flow(),
            span: span.clone(),
            key: self.key,
            who: self.who(),
            owner: self.owner,
            epoch: self.engine.cache.epoch(),
            purpose,
            shared: self.shared().map(Arc::clone),
        };
        runtime.spawn(task.run(self.work.job(), completer).instrument(span));
        Ok(())
    }

    fn shared(&self) -> Option<&Arc<SharedCache>> {
        let shared = self.engine.shared.as_ref();
        shared.filter(|_| self.work.is_shareable())
    }

    fn who(&self) -> ThrottleKey {
        self.engine.throttle_scope.key(self.downstream, self.owner)
    }
}
