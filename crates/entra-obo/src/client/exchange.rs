//! One exchange: the proof, the request, one repetition where that helps, and the answer.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use entra_claims::transport::{BoxFuture, TransportError};
use http::{Response, StatusCode, header};
use zeroize::Zeroizing;

use super::grant::Grant;
use super::prepared::{Blueprint, Prepared, Prover};
use crate::aadsts::{self, Aadsts};
use crate::cache::{Key, Lifetime, Now};
use crate::credential::{AssertionRequest, ClientCredential, Proof, federated_audience};
use crate::engine::{Call, TokenResponse, Work, after, unix};
use crate::error::{Consent, ConsentBy, EntraError, ErrorKind, ExchangeError, RequestContext};
use crate::request::{TokenRequest, claims_parameter, random_guid};
use crate::response::Granted;
use crate::token::{AccessToken, IssuedToken};
use entra_claims::ClaimsChallenge;

const PAUSE: Duration = Duration::from_secs(1);

/// A token that is younger than this and refused is refused for a reason that another one
/// would not mend.
#[cfg(any(feature = "tower", feature = "reqwest"))]
const YOUNG: Duration = Duration::from_secs(60);

/// When it is worth calling again after no answer at all.
const UNREACHABLE: Duration = Duration::from_secs(5);

/// Everything the task needs: it outlives the call that started it. An entry is renewed by
/// the same exchange that made it, with the same grant.
#[derive(Clone)]
pub(crate) struct Exchange {
    pub(super) prepared: Arc<Prepared>,
    pub(super) grant: Grant,
    pub(super) challenge: Option<ClaimsChallenge>,
    pub(super) key: Key,
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("flow", &self.prepared.flow)
            .field("client", &self.prepared.client)
            .field("scopes", &self.prepared.scope)
            .finish_non_exhaustive()
    }
}

impl Work for Exchange {
    fn flow(&self) -> &'static str {
        self.prepared.flow.as_str()
    }

    fn check(&self, now: Now) -> Result<(), ExchangeError> {
        let Grant::OnBehalfOf(assertion) = &self.grant else {
            return Ok(());
        };
        let authority = self.prepared.authority.tenant();
        if assertion.tenant() != authority {
            return Err(ExchangeError::wrong_tenant(assertion.tenant(), authority));
        }
        // An expired assertion opens nothing, not even the cache.
        if assertion.expires_at_unix() <= now.wall {
            let at = unix(assertion.expires_at_unix());
            return Err(ExchangeError::expired_assertion(at));
        }
        Ok(())
    }

    fn is_shareable(&self) -> bool {
        self.prepared.shareable
    }

    fn job(&self) -> BoxFuture<'static, Result<TokenResponse, ExchangeError>> {
        let exchange = self.clone();
        Box::pin(async move { exchange.run().await })
    }
}

impl Exchange {
    async fn run(&self) -> Result<TokenResponse, ExchangeError> {
        let id = random_guid();
        let got = match &self.prepared.prover {
            Prover::Client => self.with_own_credentials(&id).await,
            Prover::Blueprint(legs) => {
                let first = self.as_agent(&**legs, false, &id).await;
                match answer(&first) {
                    Some(answer) if is_stale(answer) => self.as_agent(&**legs, true, &id).await,
                    _ => first,
                }
            }
        };
        self.trace(&got, &id);
        got
    }

    /// Tries the client's credentials in their order. One that Entra ID calls stale is
    /// renewed once; one that it refuses makes room for the next.
    async fn with_own_credentials(&self, id: &str) -> Result<TokenResponse, ExchangeError> {
        let mut last = None;
        for (place, credential) in self.prepared.core.credentials.in_order() {
            match self.with_credential(credential, id).await {
                Err(error) if error.kind() == ErrorKind::Credential => {
                    let credential = credential.name();
                    tracing::warn!(credential, client_request_id = id, %error, "a credential was refused");
                    last = Some(error);
                }
                answer => {
                    self.prepared.core.credentials.worked(place);
                    return answer;
                }
            }
        }
        Err(last.unwrap_or(ExchangeError::configuration("the client has no credential")))
    }

    async fn with_credential(
        &self,
        credential: &ClientCredential,
        id: &str,
    ) -> Result<TokenResponse, ExchangeError> {
        let proof = self.prove(credential, false).await?;
        let name = credential.name();
        let first = self.ask(&proof, None, name, id).await;
        let Some(answer) = answer(&first) else {
            return first;
        };
        if lacks_ps256(answer) {
            credential.fall_back_to_rs256();
        } else if !credential.may_mend(answer.codes(), is_stale(answer)) {
            return first;
        }
        let proof = self.prove(credential, true).await?;
        self.ask(&proof, None, name, id).await
    }

    async fn prove(
        &self,
        credential: &ClientCredential,
        renew: bool,
    ) -> Result<Proof, ExchangeError> {
        let request = AssertionRequest {
            client: self.prepared.core.client,
            authority: &self.prepared.authority,
            endpoint: &self.prepared.endpoint,
            federated_audience: federated_audience(self.prepared.authority.cloud()),
            now: self.prepared.core.engine.now().wall,
            renew,
        };
        let proof = credential.prove(&request).await;
        proof.map_err(|error| ExchangeError::no_proof(error, credential.name()))
    }

    async fn as_agent(
        &self,
        legs: &dyn Blueprint,
        renew: bool,
        id: &str,
    ) -> Result<TokenResponse, ExchangeError> {
        let proof = legs.proof(renew).await?;
        let exchange = match self.grant {
            Grant::AgentUser(_) => Some(legs.user_exchange(renew).await?),
            _ => None,
        };
        self.ask(&proof, exchange.as_ref(), "agent identity", id)
            .await
    }

    /// One request, repeated once after a failure that passes.
    async fn ask(
        &self,
        proof: &Proof,
        exchange: Option<&AccessToken>,
        credential: &'static str,
        id: &str,
    ) -> Result<TokenResponse, ExchangeError> {
        let asked = self.prepared.core.engine.now();
        match self.send(proof, exchange, id).await {
            Ok(response) => self.read(response, asked, credential, id),
            Err(source) => {
                let retry_at = after(self.prepared.core.engine.now(), UNREACHABLE);
                Err(ExchangeError::unreachable(source, id, retry_at))
            }
        }
    }

    /// Sends the request, once more after a pause if the first try did not get through,
    /// broke on the way, or met a failure that passes: an exchange leaves nothing behind at
    /// the endpoint that a second one could hurt. Never twice after a timeout: the first may
    /// still work.
    async fn send(
        &self,
        proof: &Proof,
        exchange: Option<&AccessToken>,
        id: &str,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        let first = self.send_once(proof, exchange, id).await;
        let again = match &first {
            Err(error) => matches!(error, TransportError::Connect | TransportError::Exchange),
            Ok(response) => passes(response),
        };
        if !again {
            return first;
        }
        drop(first);
        tokio::time::sleep(PAUSE + PAUSE * u32::from(self.key.jitter()) / 1024).await;
        self.send_once(proof, exchange, id).await
    }

    async fn send_once(
        &self,
        proof: &Proof,
        exchange: Option<&AccessToken>,
        id: &str,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        let core = &self.prepared.core;
        let claims = claims_parameter(&core.capabilities, self.challenge.as_ref());
        let grant = self.grant.parameters(exchange);
        let grant: Vec<_> = grant
            .iter()
            .map(|(name, value)| (*name, &**value))
            .collect();
        let request = TokenRequest {
            client: self.prepared.client,
            proof,
            grant: &grant,
            scope: &self.prepared.scope,
            claims: claims.as_deref(),
            request_id: id,
        };
        let request = request
            .build(&self.prepared.uri)
            .map_err(|_| TransportError::Setup)?;
        let flow = self.prepared.flow.as_str();
        core.engine
            .send(&*core.transport, request, flow, Some(id))
            .await
    }

    fn read(
        &self,
        response: Response<Vec<u8>>,
        asked: Now,
        credential: &'static str,
        id: &str,
    ) -> Result<TokenResponse, ExchangeError> {
        let (head, body) = response.into_parts();
        let body = Zeroizing::new(body);
        let now = self.prepared.core.engine.now();
        if head.status == StatusCode::OK {
            return match Granted::parse(&body) {
                Ok(granted) if self.is_for(&granted) => Ok(self.granted(granted, asked)),
                Ok(_) => Err(ExchangeError::unusable_token(
                    "it names another user than the one whose assertion was sent",
                    id,
                )),
                Err(reason) => Err(ExchangeError::unusable_token(reason, id)),
            };
        }
        let wait = head.headers.get(header::RETRY_AFTER);
        let wait = wait.and_then(|value| value.to_str().ok());
        let status = head.status.as_u16();
        let answer = EntraError::from_response(status, wait, &body, unix(now.wall)).sent_as(id);
        let asked = RequestContext {
            consent: Some(self.consent()),
            credential: Some(credential),
        };
        Err(ExchangeError::answered(answer, asked))
    }

    /// An answer that names another user is none to this request, and is not cached.
    fn is_for(&self, granted: &Granted) -> bool {
        match &self.grant {
            Grant::OnBehalfOf(assertion) => granted.is_of(assertion.principal()),
            _ => true,
        }
    }

    /// What would have to be consented to, if that is what is missing.
    fn consent(&self) -> Consent {
        let by = match (&self.prepared.prover, &self.grant) {
            (Prover::Blueprint(_), _) => ConsentBy::Blueprint(self.prepared.core.client),
            (Prover::Client, Grant::OnBehalfOf(_)) => ConsentBy::User,
            (Prover::Client, _) => ConsentBy::Administrator,
        };
        let request = &self.prepared;
        Consent::new(
            request.authority.clone(),
            request.client,
            request.scopes.clone(),
            by,
        )
    }

    /// Life counts from before the request was sent: the endpoint counts from some moment
    /// in between.
    fn granted(&self, granted: Granted, asked: Now) -> TokenResponse {
        let seconds = i64::try_from(granted.lasts.as_secs()).unwrap_or(i64::MAX);
        let scope = granted.scope.as_deref().unwrap_or(&self.prepared.scope);
        let expires_at = asked.wall.saturating_add(seconds);
        TokenResponse {
            token: IssuedToken::new(granted.token, scope, expires_at),
            life: Lifetime {
                asked,
                lasts: granted.lasts,
                refresh_in: granted.refresh_in,
            },
        }
    }

    /// Ids, kinds and codes; never a token, and never what Entra ID wrote as prose.
    fn trace(&self, got: &Result<TokenResponse, ExchangeError>, id: &str) {
        let tenant = self.prepared.authority.tenant();
        let scope = self.prepared.scope.as_str();
        let flow = self.prepared.flow.as_str();
        match got {
            Ok(got) => {
                let expires_at = got.token.expires_at_unix();
                tracing::debug!(%tenant, flow, scope, client_request_id = id, expires_at, "got a token");
            }
            Err(error) => {
                let kind = error.kind().as_str();
                tracing::debug!(%tenant, flow, scope, client_request_id = id, kind, %error, "got no token");
            }
        }
    }
}

fn answer(got: &Result<TokenResponse, ExchangeError>) -> Option<&EntraError> {
    got.as_ref().err()?.entra()
}

/// Failures that pass, where the endpoint did not say when: by status, or with 400 by what the
/// body says (`temporarily_unavailable`, AADSTS90033). Not what says that this client asks in a
/// loop (AADSTS50196): asking again is what it complains about.
fn passes(response: &Response<Vec<u8>>) -> bool {
    if response.headers().contains_key(header::RETRY_AFTER) {
        return false;
    }
    let status = response.status();
    if status == StatusCode::BAD_REQUEST {
        let answer = EntraError::from_response(400, None, response.body(), unix(0));
        return answer.kind() == ErrorKind::Transient && !answer.codes().contains(&50_196);
    }
    status == StatusCode::REQUEST_TIMEOUT || status.is_server_error()
}

impl Exchange {
    pub(super) fn with_claims(&self, challenge: ClaimsChallenge) -> Self {
        Self {
            challenge: Some(challenge),
            ..self.clone()
        }
    }

    /// A token: from the cache unless claims are demanded, a request under way, or Entra ID.
    pub(crate) async fn token(&self) -> Result<AccessToken, ExchangeError> {
        match &self.challenge {
            Some(challenge) if !self.is_users() => self.in_own_entry(challenge).await,
            challenge => {
                let challenge = challenge.as_ref().map(ClaimsChallenge::as_json);
                self.call(challenge).await
            }
        }
    }

    /// Whether the entry is one user's, and not shared by all callers.
    fn is_users(&self) -> bool {
        matches!(self.grant, Grant::OnBehalfOf(_))
    }

    /// Of an application: the entry of these claims, beside the one that all callers share.
    async fn in_own_entry(
        &self,
        challenge: &ClaimsChallenge,
    ) -> Result<AccessToken, ExchangeError> {
        let engine = &self.prepared.core.engine;
        let key = self.key.challenged(challenge.as_json());
        let mut own = self.clone();
        own.key = key;
        let asked = engine.challenged.answer(self.key, key, engine.now(), || {
            Box::pin(async move { own.past_cache().await })
        });
        let asked = Box::pin(asked).await;
        asked.unwrap_or_else(|until| Err(ExchangeError::throttled(until)))
    }

    /// Of an application: another token with these claims in the shared entry.
    #[cfg(any(feature = "tower", feature = "reqwest"))]
    async fn replaced(
        &self,
        refused: &AccessToken,
        challenge: ClaimsChallenge,
    ) -> Result<Option<AccessToken>, ExchangeError> {
        let engine = &self.prepared.core.engine;
        let asked = self.with_claims(challenge);
        let request = self.key.challenged(asked.challenge_text());
        let got = engine.replaced.answer(self.key, request, engine.now(), || {
            Box::pin(async move { asked.past_cache().await })
        });
        match Box::pin(got).await {
            Ok(answer) => Ok(Some(answer?).filter(|token| token.expose() != refused.expose())),
            // The API asks for other claims again and again: its answer is passed on.
            Err(_) => Ok(None),
        }
    }

    fn challenge_text(&self) -> &str {
        (self.challenge.as_ref()).map_or("", ClaimsChallenge::as_json)
    }

    /// A token with the claims that are demanded, which takes its entry's place.
    async fn past_cache(&self) -> Result<AccessToken, ExchangeError> {
        self.call(Some(self.challenge_text())).await
    }

    /// A token that was not in the cache before this call.
    pub(super) async fn renewed(&self) -> Result<AccessToken, ExchangeError> {
        self.call(Some("")).await
    }

    /// The cached token, if there is one that may be used, without any I/O.
    pub(super) fn cached(&self) -> Option<AccessToken> {
        let engine = &self.prepared.core.engine;
        let now = engine.now();
        if self.challenge.is_some() || self.check(now).is_err() {
            return None;
        }
        let held = engine.cache.peek(&self.key, now)?;
        Some(held.token)
    }

    /// What the cache holds by now if that is another token than `refused`, else a new one,
    /// with the claims that the API demands.
    ///
    /// `None` if a new one would be refused too: without claims, a token that has just been issued;
    /// and of an application, if it was replaced for other claims in the last minute.
    #[cfg(any(feature = "tower", feature = "reqwest"))]
    pub(crate) async fn instead_of(
        &self,
        refused: &AccessToken,
        challenge: Option<ClaimsChallenge>,
    ) -> Result<Option<AccessToken>, ExchangeError> {
        let engine = &self.prepared.core.engine;
        let now = engine.now();
        self.check(now)?;
        if self.challenge.is_some() && !self.is_users() {
            // An entry of its own: the shared one says nothing about it.
            let Some(challenge) = challenge else {
                return Ok(None);
            };
            let token = self.with_claims(challenge).token().await?;
            return Ok(Some(token).filter(|token| token.expose() != refused.expose()));
        }
        let held = engine.cache.peek(&self.key, now);
        match (held, challenge) {
            (Some(held), _) if held.token.expose() != refused.expose() => Ok(Some(held.token)),
            (_, Some(challenge)) if !self.is_users() => self.replaced(refused, challenge).await,
            (_, Some(challenge)) => self.with_claims(challenge).token().await.map(Some),
            (Some(held), None) if held.age >= YOUNG => self.renewed().await.map(Some),
            (_, None) => Ok(None),
        }
    }

    async fn call(&self, past_cache: Option<&str>) -> Result<AccessToken, ExchangeError> {
        let call = Call {
            engine: &self.prepared.core.engine,
            key: self.key,
            downstream: self.prepared.prefix,
            owner: match &self.grant {
                Grant::OnBehalfOf(assertion) => Some(assertion.principal()),
                _ => None,
            },
            past_cache,
            work: self,
        };
        call.token().await
    }
}

/// PS256 on an authority without it.
const NO_PS256: u64 = 5_002_730;

/// Whether to build a new proof and ask once more: the certificate or token file may have been
/// rotated meanwhile, the assertion may have expired on the way.
fn is_stale(answer: &EntraError) -> bool {
    let mut entries = answer
        .codes()
        .iter()
        .filter_map(|&code| aadsts::lookup(code));
    entries.any(Aadsts::mended_by_new_proof)
}

fn lacks_ps256(answer: &EntraError) -> bool {
    answer.codes().contains(&NO_PS256)
}
