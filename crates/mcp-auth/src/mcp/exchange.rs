//! Handling of one MCP request: form, headers, session, policy, answer.

use std::sync::Arc;

use bytes::Bytes;
use entra_claims::VerifiedToken;
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response};
use http_body::Body;
use tower_service::Service;

#[cfg(feature = "rmcp")]
use super::MessageBytes;
use super::body::McpBody;
use super::deferred::DeferredChallenge;
use super::era::{self, LAST_EVENT_ID, SESSION_ID};
use super::error::{Id, McpRequestError};
use super::message::Message;
use super::policy::{Compiled, Decision, Permissions};
use super::receive::{self, McpRequestBody};
use super::revision::Era;
use super::sessions::Sessions;
use crate::bearer::{Absence, BearerError};
use crate::caller::Caller;
use crate::guard::Guard;
use crate::metadata::answer::Answer;
use crate::refusal::{self, Cause, Refusal};

/// What all requests of a layer share.
#[derive(Clone, Debug)]
pub(super) struct Server {
    pub(super) guard: Arc<Guard>,
    pub(super) policy: Arc<Compiled>,
    pub(super) sessions: Sessions,
    pub(super) event_ids: EventIds,
    pub(super) body_limit: usize,
}

/// Which streams an event's id can select.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EventIds {
    /// Those of the session, if the id is a number in it.
    OfSession,
    /// The server's store tells sessions apart.
    ScopedByStore,
}

/// A request that may go on.
struct Admitted<B> {
    body: McpRequestBody<B>,
    /// The session that it belongs to, which is the caller's.
    session: Option<HeaderValue>,
}

/// Message to the client instead.
type Refused = Box<Answer>;

/// Asks the server, if the request is proper and the caller may.
pub(super) async fn handle<S, B, R>(
    server: Arc<Server>,
    mut inner: S,
    request: Request<B>,
) -> Result<Response<McpBody<R>>, S::Error>
where
    S: Service<Request<McpRequestBody<B>>, Response = Response<R>>,
    B: Body<Data = Bytes>,
    R: Body,
{
    let (mut parts, body) = request.into_parts();
    let caller = parts.extensions.get::<Caller>().cloned();
    let token = caller.as_ref().map(Caller::token);
    let Admitted { body, session } = match admit(&server, &mut parts, body, token).await {
        Ok(admitted) => admitted,
        Err(answer) => return Ok((*answer).map(McpBody::own)),
    };
    // In a session `rmcp` answers 200 before its handler runs. Where that were slower than
    // the handler, the answer would depend on who is first: so none is taken at all.
    let slot = match &session {
        Some(_) => DeferredChallenge::closed(Arc::clone(server.guard.authorization())),
        None => DeferredChallenge::open(Arc::clone(server.guard.authorization())),
    };
    let permissions = Permissions::new(Arc::clone(&server.policy), caller.clone());
    parts.extensions.insert(slot.clone());
    parts.extensions.insert(permissions);
    let ends = parts.method == Method::DELETE;

    let answer = inner.call(Request::from_parts(parts, body)).await?;
    if let Some(refusal) = slot.close() {
        return Ok(server.guard.refuse(&refusal).map(McpBody::own));
    }
    let success = answer.status().is_success();
    let settled = match &session {
        // Whose a session is that the server has just opened. One that cannot be
        // remembered is not given away.
        None => match answer.headers().get(SESSION_ID).cloned() {
            Some(id) if success => server.sessions.bind(id.as_bytes(), token).await,
            _ => Ok(()),
        },
        Some(id) if ends && success => server.sessions.remove(id.as_bytes()).await,
        Some(_) => Ok(()),
    };
    Ok(match settled {
        Ok(()) => answer.map(|body| McpBody::of_server(body, &server.guard, token)),
        Err(error) => (*refuse(error, None)).map(McpBody::own),
    })
}

async fn admit<B>(
    server: &Arc<Server>,
    parts: &mut Parts,
    body: B,
    token: Option<&VerifiedToken>,
) -> Result<Admitted<B>, Refused>
where
    B: Body<Data = Bytes>,
{
    match parts.method {
        Method::POST => {
            let (bytes, message) = receive(server, parts, body).await?;
            let id = message.id();
            let faulty = |error| refuse(error, id);
            let era = era::of_message(&parts.headers, &message).map_err(faulty)?;
            message.names_its_target(era).map_err(faulty)?;
            let session = session(server, parts, era, token).await.map_err(faulty)?;
            permit(server, &message, token)?;
            #[cfg(feature = "rmcp")]
            parts.extensions.insert(MessageBytes(bytes.clone()));
            let body = McpRequestBody::read(bytes);
            Ok(Admitted { body, session })
        }
        Method::GET | Method::DELETE => {
            let faulty = |error| refuse(error, None);
            let era = era::of_headers(&parts.headers).map_err(faulty)?;
            let session = session(server, parts, era, token).await.map_err(faulty)?;
            let body = McpRequestBody::unread(body);
            Ok(Admitted { body, session })
        }
        _ => Err(refuse(McpRequestError::Method, None)),
    }
}

async fn receive<B>(server: &Server, parts: &Parts, body: B) -> Result<(Bytes, Message), Refused>
where
    B: Body<Data = Bytes>,
{
    let faulty = |error| refuse(error, None);
    receive::announced(&parts.headers).map_err(faulty)?;
    let bytes = receive::whole(body, server.body_limit)
        .await
        .map_err(faulty)?;
    let message = Message::read(&bytes).map_err(faulty)?;
    Ok((bytes, message))
}

/// The request's session, if it is the caller's.
///
/// What is not of the older era loses the headers that could select a session or a stream:
/// the server cannot take for one what was not checked as one.
async fn session(
    server: &Server,
    parts: &mut Parts,
    era: Era,
    token: Option<&VerifiedToken>,
) -> Result<Option<HeaderValue>, McpRequestError> {
    let headers = &mut parts.headers;
    if era == Era::Stateless {
        headers.remove(SESSION_ID);
        headers.remove(LAST_EVENT_ID);
        return Ok(None);
    }
    if headers.get_all(SESSION_ID).iter().nth(1).is_some() {
        return Err(McpRequestError::RepeatedSession);
    }
    let resumes = headers.contains_key(LAST_EVENT_ID);
    let Some(id) = headers.get(SESSION_ID).cloned() else {
        // Without a session the id alone would select a stream, whosever it is.
        return if resumes {
            Err(McpRequestError::Session)
        } else {
            Ok(None)
        };
    };
    server.sessions.check(id.as_bytes(), token).await?;
    if resumes && server.event_ids == EventIds::OfSession && !counts_events(headers) {
        return Err(McpRequestError::Session);
    }
    Ok(Some(id))
}

/// Whether `Last-Event-ID` is a number within the session, as `rmcp` counts by itself:
/// `12`, `12/3`. An event store finds streams of every session by its ids.
fn counts_events(headers: &http::HeaderMap) -> bool {
    headers.get_all(LAST_EVENT_ID).iter().all(|id| {
        let mut numbers = id.as_bytes().split(|byte| *byte == b'/');
        let first_two = numbers.by_ref().take(2);
        let numeric = first_two.fold(true, |so_far, number| {
            so_far && !number.is_empty() && number.iter().all(u8::is_ascii_digit)
        });
        numeric && numbers.next().is_none()
    })
}

/// Whether the caller meets every rule that the message falls under.
fn permit(
    server: &Server,
    message: &Message,
    token: Option<&VerifiedToken>,
) -> Result<(), Refused> {
    let refused = match server.policy.decide(message) {
        Decision::Denied => Refusal::new(Cause::Unlisted(message.to_string())),
        Decision::Rules(rules) => {
            let mut rules = rules.into_iter();
            let failed = rules.find_map(|rule| match token {
                Some(token) => server.guard.check(rule, token).err(),
                None => Some(Refusal::bearer(BearerError::Absent(Absence::NoHeader))),
            });
            match failed {
                Some(refusal) => refusal,
                None => return Ok(()),
            }
        }
    };
    Err(Box::new(server.guard.refuse(&refused)))
}

fn refuse(error: McpRequestError, id: Option<&Id>) -> Refused {
    let refusal = Refusal::new(Cause::McpRequest(error.clone()));
    refusal.trace();
    let answer = error.answer(id, &refusal.incident_id());
    Box::new(refusal::marked(answer, &refusal))
}
