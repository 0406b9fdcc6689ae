//! One exchange, from the request to the cache, in a task of its own.

use std::sync::Arc;
use std::time::Duration;

use entra_claims::transport::TransportError;
use http::{Response, StatusCode, header};
use tokio::runtime::Handle;
use zeroize::Zeroizing;

use super::core::{Answer, Core, after, unix};
use super::prepared::Prepared;
use crate::cache::flight::Landing;
use crate::cache::{Entry, Key, Lifetime, Now};
use crate::request::{OnBehalfOf, claims_parameter, request_id};
use crate::response::Granted;
use crate::throttle::Who;
use crate::{AccessToken, ClaimsChallenge, EntraError, ErrorKind, ExchangeError, UserAssertion};

/// The pause before the one repetition.
const PAUSE: Duration = Duration::from_secs(1);

/// When it is worth calling again after no answer at all.
const UNREACHABLE: Duration = Duration::from_secs(5);

/// Everything the task needs: it outlives the call that started it. An entry is renewed by
/// the same exchange that made it, on behalf of the same assertion; there is no other way
/// in here to get a token.
pub(super) struct Exchange {
    pub(super) core: Arc<Core>,
    pub(super) request: Arc<Prepared>,
    pub(super) assertion: UserAssertion,
    pub(super) challenge: Option<ClaimsChallenge>,
    pub(super) key: Key,
    pub(super) epoch: crate::cache::Epoch,
}

impl Exchange {
    /// Starts the task that brings the answer to `landing`.
    pub(super) fn start(self, landing: Landing<Answer>) -> Result<(), ExchangeError> {
        let runtime = Handle::try_current().map_err(|_| ExchangeError::Configuration {
            reason: "an exchange needs a tokio runtime",
        })?;
        runtime.spawn(async move {
            let answer = self.run().await;
            landing.land(answer);
        });
        Ok(())
    }

    async fn run(&self) -> Answer {
        let id = request_id();
        let asked = self.core.now();
        let answer = match self.send(&id).await {
            Ok(response) => self.read(response, asked, &id),
            Err(source) => Err(ExchangeError::Unreachable {
                source,
                retry_at: after(self.core.now(), UNREACHABLE),
                request_id: id.clone(),
            }),
        };
        self.trace(&answer, &id);
        answer
    }

    /// Sends the request, once more after a pause if the first try did not get through or
    /// met a failure that passes. Never twice after a timeout: the first may still work.
    async fn send(&self, id: &str) -> Result<Response<Vec<u8>>, TransportError> {
        let first = self.send_once(id).await;
        let again = match &first {
            Err(error) => *error == TransportError::Connect,
            Ok(response) => passes(response),
        };
        if !again {
            return first;
        }
        drop(first);
        tokio::time::sleep(PAUSE + PAUSE * u32::from(self.key.jitter()) / 1024).await;
        self.send_once(id).await
    }

    async fn send_once(&self, id: &str) -> Result<Response<Vec<u8>>, TransportError> {
        let parts = &self.core.parts;
        let claims = claims_parameter(&parts.capabilities, self.challenge.as_ref());
        let request = OnBehalfOf {
            client: parts.client,
            credential: &parts.credential,
            scope: &self.request.scope,
            claims: claims.as_deref(),
            request_id: id,
        };
        let request = request
            .build(&self.request.endpoint, self.assertion.expose())
            .map_err(|_| TransportError::Setup)?;
        self.core.counters.requests.count();
        parts.transport.send(request).await
    }

    fn read(&self, response: Response<Vec<u8>>, asked: Now, id: &str) -> Answer {
        let (head, body) = response.into_parts();
        let body = Zeroizing::new(body);
        let now = self.core.now();
        if head.status == StatusCode::OK {
            return match Granted::parse(&body) {
                Ok(granted) => Ok(self.keep(granted, asked, now)),
                Err(reason) => Err(ExchangeError::Unintelligible {
                    reason,
                    request_id: id.to_owned(),
                }),
            };
        }
        let wait = head.headers.get(header::RETRY_AFTER);
        let wait = wait.and_then(|value| value.to_str().ok());
        let status = head.status.as_u16();
        let error = EntraError::from_response(status, wait, &body, unix(now.wall)).sent_as(id);
        if let (ErrorKind::Throttled, Some(wait)) = (error.kind(), error.retry_after()) {
            self.core.throttle.hold(self.who(), wait, now);
        }
        Err(ExchangeError::Entra(error))
    }

    /// Life counts from before the request was sent: the endpoint counts from some moment
    /// in between.
    fn keep(&self, granted: Granted, asked: Now, now: Now) -> AccessToken {
        let seconds = i64::try_from(granted.lasts.as_secs()).unwrap_or(i64::MAX);
        let scope = granted.scope.as_deref().unwrap_or(&self.request.scope);
        let expires_at = asked.wall.saturating_add(seconds);
        let token = AccessToken::new(granted.token, scope, expires_at);
        let life = Lifetime {
            asked,
            lasts: granted.lasts,
            refresh_in: granted.refresh_in,
        };
        let entry = Entry::new(token.clone(), self.assertion.principal(), life, &self.key);
        self.core.cache.insert(self.key, entry, now, self.epoch);
        token
    }

    fn who(&self) -> Who {
        Who::new(self.request.prefix, self.assertion.principal())
    }

    /// Ids, kinds and codes; never a token, and never what Entra ID wrote as prose.
    fn trace(&self, answer: &Answer, id: &str) {
        let tenant = self.request.authority.tenant();
        let scope = self.request.scope.as_str();
        match answer {
            Ok(token) => {
                let expires_at = token.expires_at_unix();
                tracing::debug!(%tenant, scope, client_request_id = id, expires_at, "exchanged a token on behalf of a user");
            }
            Err(error) => {
                let kind = error.kind().as_str();
                tracing::debug!(%tenant, scope, client_request_id = id, kind, %error, "the exchange gave no token");
            }
        }
    }
}

/// Failures that pass, where the endpoint did not say when.
fn passes(response: &Response<Vec<u8>>) -> bool {
    let status = response.status();
    (status == StatusCode::REQUEST_TIMEOUT || status.is_server_error())
        && !response.headers().contains_key(header::RETRY_AFTER)
}
