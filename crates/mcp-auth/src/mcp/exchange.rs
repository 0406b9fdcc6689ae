//! Handling of one MCP request: form, headers, session, policy, answer.

use std::sync::Arc;

use bytes::Bytes;
use entra_claims::{CallerCheck, VerifiedToken};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body::Body;
use tower_service::Service;

#[cfg(feature = "rmcp")]
use super::MessageBytes;
use super::body::McpBody;
use super::deferred::DeferredChallenge;
use super::era::{self, LAST_EVENT_ID, SESSION_ID};
use super::error::{Id, McpRequestError};
use super::message::Message;
use super::opening::Opening;
use super::policy::{Compiled, Decision, Permissions};
use super::receive::{self, McpRequestBody};
use super::revision::Era;
use super::sessions::{Endpoint, Reservation, Sessions};
use crate::bearer::{Absence, BearerError};
use crate::caller::Caller;
use crate::guard::Guard;
use crate::metadata::answer::Answer;
use crate::refusal::{self, Cause, Refusal};

/// A message of so many bytes is read on a thread of its own: no other request waits meanwhile.
const LONG: usize = 256 * 1024;

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
    /// The place of the session that it asks the server to open.
    place: Option<Reservation>,
}

/// Message to the client instead.
type Refused = Box<Answer>;

/// Asks the server, if the request is proper and the caller may.
pub(super) async fn handle<S, B, R>(
    server: Arc<Server>,
    inner: S,
    request: Request<B>,
) -> Result<Response<McpBody<R>>, S::Error>
where
    S: Service<Request<McpRequestBody<B>>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    R: Body + Send + 'static,
{
    let (mut parts, body) = request.into_parts();
    let caller = parts.extensions.get::<Caller>().cloned();
    let token = caller.as_ref().map(Caller::token);
    let check = token.cloned().map(CallerCheck::new);
    let admitted = match admit(&server, &mut parts, body, check.as_ref()).await {
        Ok(admitted) => admitted,
        Err(answer) => return Ok((*answer).map(McpBody::own)),
    };
    if admitted.session.is_some() || admitted.place.is_some() {
        close_idle(&server, &inner);
    }
    // In a session `rmcp` answers 200 before its handler runs. Where that were slower than
    // the handler, the answer would depend on who is first: so none is taken at all.
    let slot = match &admitted.session {
        Some(_) => DeferredChallenge::closed(Arc::clone(server.guard.authorization())),
        None => DeferredChallenge::open(Arc::clone(server.guard.authorization())),
    };
    let permissions = Permissions::new(Arc::clone(&server.policy), check.clone());
    parts.extensions.insert(slot.clone());
    parts.extensions.insert(permissions);

    let opening = Opening {
        sessions: server.sessions.clone(),
        endpoint: Endpoint::of(&parts),
        place: admitted.place,
        token: token.cloned(),
    };
    let ends = parts.method == Method::DELETE;
    let request = Request::from_parts(parts, admitted.body);
    let (answer, settled) = match admitted.session {
        None => match opening.ask(inner, request, &slot).await? {
            Some(asked) => asked,
            None => {
                let error = McpRequestError::SessionsUnavailable;
                return Ok((*refuse(error, None)).map(McpBody::own));
            }
        },
        Some(id) => {
            let mut inner = inner;
            let answer = inner.call(request).await?;
            let status = answer.status();
            // Ended by its owner, or by the server before.
            let ended = (ends && status.is_success()) || status == StatusCode::NOT_FOUND;
            let settled = match ended {
                true => server.sessions.remove(id.as_bytes()).await,
                false => Ok(()),
            };
            (answer, settled)
        }
    };
    if let Some(refusal) = slot.close() {
        return Ok(server.guard.refuse(&refusal).map(McpBody::own));
    }
    Ok(match settled {
        Ok(()) => answer.map(|body| McpBody::of_server(body, &server.guard, token)),
        Err(error) => (*refuse(error, None)).map(McpBody::own),
    })
}

/// Has the server close sessions that were not used for too long.
fn close_idle<S, B, R>(server: &Arc<Server>, inner: &S)
where
    S: Service<Request<McpRequestBody<B>>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send + 'static,
    B: Send + 'static,
    R: Send + 'static,
{
    for idle in server.sessions.take_idle() {
        let (sessions, inner) = (server.sessions.clone(), inner.clone());
        tokio::spawn(async move {
            if !sessions.is_used_elsewhere(&idle).await {
                idle.closing.close(inner).await;
            }
        });
    }
}

async fn admit<B>(
    server: &Arc<Server>,
    parts: &mut Parts,
    body: B,
    check: Option<&CallerCheck>,
) -> Result<Admitted<B>, Refused>
where
    B: Body<Data = Bytes>,
{
    let token = check.map(CallerCheck::token);
    match parts.method {
        Method::POST => {
            let (bytes, message) = receive(server, parts, body).await?;
            let id = message.id();
            let faulty = |error| refuse(error, id);
            let era = era::of_message(&parts.headers, &message).map_err(faulty)?;
            message.names_its_target(era).map_err(faulty)?;
            let session = session(server, parts, era, token).await.map_err(faulty)?;
            permit(server, &message, check)?;
            let opens = session.is_none() && era == Era::Sessions && message.opens_session();
            let place = match opens {
                true => Some(server.sessions.reserve(token).map_err(faulty)?),
                false => None,
            };
            #[cfg(feature = "rmcp")]
            parts.extensions.insert(MessageBytes(bytes.clone()));
            let body = McpRequestBody::read(bytes);
            Ok(Admitted {
                body,
                session,
                place,
            })
        }
        Method::GET | Method::DELETE => {
            let faulty = |error| refuse(error, None);
            let era = era::of_headers(&parts.headers).map_err(faulty)?;
            let session = session(server, parts, era, token).await.map_err(faulty)?;
            let body = McpRequestBody::unread(body);
            Ok(Admitted {
                body,
                session,
                place: None,
            })
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
    let message = match bytes.len() {
        0..LONG => Message::read(&bytes),
        _ => {
            let whole = bytes.clone();
            // A panic there is one here; without a runtime nothing is read.
            let read = tokio::task::spawn_blocking(move || Message::read(&whole)).await;
            read.unwrap_or(Err(McpRequestError::BodyFailed))
        }
    };
    Ok((bytes, message.map_err(faulty)?))
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
    if era == Era::Stateless {
        parts.headers.remove(SESSION_ID);
        parts.headers.remove(LAST_EVENT_ID);
        return Ok(None);
    }
    let parts = &*parts;
    let headers = &parts.headers;
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
    let endpoint = || Endpoint::of(parts);
    server
        .sessions
        .check(id.as_bytes(), endpoint, token)
        .await?;
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
fn permit(server: &Server, message: &Message, caller: Option<&CallerCheck>) -> Result<(), Refused> {
    let refused = match server.policy.decide(message) {
        Decision::Denied => Refusal::new(Cause::Unlisted(message.to_string())),
        Decision::Rules(rules) => {
            let mut rules = rules.into_iter();
            let failed = rules.find_map(|rule| match caller {
                Some(caller) => server.guard.check(rule, caller).err(),
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
