//! Routes of an issuer: its public keys, and the trade of turn contexts.

use ::axum::body::Bytes;
use ::axum::extract::{DefaultBodyLimit, State};
use ::axum::response::{IntoResponse as _, Response};
use ::axum::routing::{get, post};
use ::axum::{Json, Router};
use agent_user_context::{
    AgentId, CallRequest, ContextReason, ContextRefusal, Issuer, SentContext, TurnContext,
};
use entra_claims::Requirement;
use foundry_scopes::{AppIdUri, ClientId, Scope, ScopeName};
use http::StatusCode;
use http::header::{CACHE_CONTROL, HeaderMap, HeaderValue};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::metadata::answer::{self, NO_STORE};
use crate::refusal::{Cause, Refusal};

/// What a request for a context may measure.
const BODY_LIMIT: usize = 16 * 1024;

/// `GET /.well-known/user-context-keys`: the issuer's public keys. Open to everybody: `Protected::public`.
pub fn key_routes(issuer: &Issuer) -> Router {
    Router::new()
        .route("/.well-known/user-context-keys", get(keys))
        .with_state(issuer.clone())
}

async fn keys(State(issuer): State<Issuer>) -> Response {
    let mut answer = answer::json(StatusCode::OK, issuer.key_set());
    let max_age = format!("public, max-age={}", Issuer::key_set_max_age().as_secs());
    if let Ok(value) = HeaderValue::try_from(max_age) {
        answer.headers_mut().insert(CACHE_CONTROL, value);
    }
    answer.into_response()
}

/// What the guard in front of [`trade_routes`] asks for: one of the issuer's agents, by client id.
#[must_use]
pub fn agents_of(issuer: &Issuer) -> Requirement {
    Requirement::clients(issuer.agents().map(|agent| agent.client()))
}

/// `POST /user-context`: an agent with its own app-only token trades its turn context, which it sends in the header
/// `x-client-user-context`. To be put behind a guard that asks for [`agents_of`].
///
/// | body | answer |
/// | --- | --- |
/// | `{"audience": "api://orders", "scope": "orders.read"}`, with `"ath"` to bind it to the agent's access token for that API (base64url of its SHA-256) | `{"user_context": "...", "expires_in": 60}` |
/// | `{"renew": true}` | `{"turn_context": "...", "expires_in": 300}` |
/// | `{"delegate_to": "<client id>", "scope": "api://orders/orders.read"}`: the turn, for another agent of the tenant | as for `renew` |
///
/// Refused: 403 with the reason's code; 503 where it cannot be decided now; 400 for another body.
pub fn trade_routes(issuer: &Issuer) -> Router {
    Router::new()
        .route("/user-context", post(trade))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(issuer.clone())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    audience: Option<AppIdUri>,
    scope: Option<String>,
    ath: Option<String>,
    renew: Option<bool>,
    delegate_to: Option<ClientId>,
}

/// What an agent asks for.
enum Wanted {
    Call {
        audience: AppIdUri,
        scopes: Vec<ScopeName>,
        ath: Option<String>,
    },
    Renewal,
    Delegation {
        to: ClientId,
        scopes: Vec<Scope>,
    },
}

impl Wanted {
    fn read(body: &[u8]) -> Option<Self> {
        let body: Body = serde_json::from_slice(body).ok()?;
        let scope = body.scope.as_deref().unwrap_or_default();
        match (body.audience, body.renew, body.delegate_to) {
            (Some(audience), None, None) => Some(Self::Call {
                audience,
                scopes: scope
                    .split(' ')
                    .map(|name| ScopeName::parse(name).ok())
                    .collect::<Option<_>>()?,
                ath: body.ath,
            }),
            (None, Some(true), None) if body.scope.is_none() && body.ath.is_none() => {
                Some(Self::Renewal)
            }
            (None, None, Some(to)) if body.ath.is_none() => Some(Self::Delegation {
                to,
                scopes: scope
                    .split(' ')
                    .map(|one| Scope::parse(one).ok())
                    .collect::<Option<_>>()?,
            }),
            _ => None,
        }
    }
}

async fn trade(
    State(issuer): State<Issuer>,
    caller: Caller,
    mut headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(wanted) = Wanted::read(&body) else {
        let text = "a JSON object with `audience` and `scope`, with `renew`, or with `delegate_to` and `scope`";
        return answer::error(StatusCode::BAD_REQUEST, "invalid_request", text).into_response();
    };
    let sent = match SentContext::take(&mut headers) {
        Ok(Some(sent)) => sent,
        Ok(None) => return refused(&caller, ContextReason::Missing.into()),
        Err(reason) => return refused(&caller, reason.into()),
    };
    let issued = match wanted {
        Wanted::Call {
            audience,
            scopes,
            ath,
        } => {
            let request = CallRequest::new(&audience, &scopes);
            let request = match ath {
                Some(hash) => request.bound_to_hash(&hash),
                None => Some(request),
            };
            let Some(request) = request else {
                let text = "`ath` is base64url of the SHA-256 of an access token";
                return answer::error(StatusCode::BAD_REQUEST, "invalid_request", text)
                    .into_response();
            };
            let call = issuer
                .call_context(caller.token(), sent.expose(), request)
                .await;
            call.map(|call| {
                let ends = call.expires_at_unix();
                issued("user_context", call.expose(), issuer.seconds_until(ends))
            })
        }
        Wanted::Renewal => {
            let turn = issuer.renew_turn(caller.token(), sent.expose()).await;
            turn.map(|turn| turn_issued(&issuer, &turn))
        }
        Wanted::Delegation { to, scopes } => {
            let to = AgentId::new(to, caller.principal().tenant());
            let turn = issuer
                .delegate_turn(caller.token(), sent.expose(), to, &scopes)
                .await;
            turn.map(|turn| turn_issued(&issuer, &turn))
        }
    };
    match issued {
        Ok(body) => ([(CACHE_CONTROL, NO_STORE)], Json(body)).into_response(),
        Err(refusal) => refused(&caller, refusal),
    }
}

fn turn_issued(issuer: &Issuer, turn: &TurnContext) -> Value {
    issued(
        "turn_context",
        turn.expose(),
        issuer.seconds_until(turn.expires_at_unix()),
    )
}

fn issued(kind: &str, context: &str, seconds: u64) -> Value {
    json!({ kind: context, "expires_in": seconds })
}

fn refused(caller: &Caller, refusal: ContextRefusal) -> Response {
    let refusal = Refusal::new(Cause::Context(refusal));
    caller.authorization().refuse(&refusal).into_response()
}
