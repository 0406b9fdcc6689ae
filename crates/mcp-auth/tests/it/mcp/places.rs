//! Places for sessions: taken before one is opened, given back, and closed at the server.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use entra_emulator::demo;
use http::{Method, Request, Response};
use http_body_util::Full;
use mcp_auth::{McpLayer, McpRequestBody, SessionLimits};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::sync::Semaphore;
use tower::{Layer as _, ServiceExt as _, service_fn};

use super::client::{Client, initialize, send};
use super::server::{Fixture, Mode, Server, listen};
use super::sessions::{is_locked_out, works};
use crate::common::world::World;

/// Waits for what a task of the guard does, and not for ever.
async fn until(mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..200_000 {
        if holds().await {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("it did not come to that");
}

/// CT-107: no session in use is closed for another one.
#[tokio::test]
async fn a_caller_with_its_share_of_sessions_waits_or_ends_one() {
    let limits = SessionLimits::default().with_sessions_per_user(2);
    let fixture = Fixture::start(Mode::Sessions, |layer| layer.sessions(limits).unwrap()).await;
    let alice = &fixture.client;
    let (first, second) = (alice.open().await, alice.open().await);
    for _ in 0..20 {
        let answer = send(alice.legacy(&initialize())).await;
        assert_eq!(answer.status, 429, "{answer:?}");
        assert_eq!(answer.header("retry-after"), Some("60"));
        assert_eq!(answer.header("mcp-session-id"), None);
        assert_eq!(answer.message()["error"]["code"], -32603);
    }
    works(alice, &first).await;
    works(alice, &second).await;
    // Another user has a share of their own.
    fixture.user(demo::BOB, demo::MCP_CLIENT).open().await;
    let delete = alice
        .request("DELETE")
        .header("mcp-session-id", first.as_str());
    assert_eq!(send(delete).await.status, 202);
    let third = alice.open().await;
    works(alice, &third).await;
    is_locked_out(alice, &first).await;
}

/// A server that opens a session for each `initialize`, when the test lets it.
#[derive(Clone)]
struct Behind {
    gate: Arc<Semaphore>,
    asked: Arc<Mutex<Vec<String>>>,
    opens: bool,
}

impl Behind {
    fn new(opens: bool) -> Self {
        Self {
            gate: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)),
            asked: Arc::default(),
            opens,
        }
    }

    /// `POST`, and `DELETE` with the session.
    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    fn opened(&self) -> usize {
        self.asked().iter().filter(|one| *one == "POST").count()
    }

    async fn answer(self, request: Request<McpRequestBody<Full<Bytes>>>) -> Response<Full<Bytes>> {
        let session = request.headers().get("mcp-session-id").cloned();
        let number = {
            let mut asked = self.asked.lock().unwrap();
            let session = session.as_ref().map(|id| id.to_str().unwrap());
            asked.push(
                format!("{} {}", request.method(), session.unwrap_or_default())
                    .trim()
                    .to_owned(),
            );
            asked.len()
        };
        self.gate.acquire().await.unwrap().forget();
        let mut answer = Response::new(Full::from("{}"));
        if session.is_none() && request.method() == Method::POST && self.opens {
            let id = format!("session-{number}").parse().unwrap();
            answer.headers_mut().insert("mcp-session-id", id);
        }
        answer
    }

    async fn call(&self, layer: &McpLayer, request: Request<Full<Bytes>>) -> (u16, Option<String>) {
        let behind = self.clone();
        let service = service_fn(move |request| {
            let behind = behind.clone();
            async move { Ok::<_, Infallible>(behind.answer(request).await) }
        });
        let answer = layer.layer(service).oneshot(request).await.unwrap();
        let session = answer.headers().get("mcp-session-id");
        let session = session.map(|id| id.to_str().unwrap().to_owned());
        (answer.status().as_u16(), session)
    }
}

fn token(world: &World) -> String {
    world.token(&[demo::MCP_READ])
}

fn opening(token: &str) -> Request<Full<Bytes>> {
    Request::post("/mcp")
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {token}"))
        .body(Full::from(initialize().to_string()))
        .unwrap()
}

#[tokio::test]
async fn places_are_taken_before_a_session_is_opened_and_given_back_without_one() {
    let world = World::start().await;
    let token = token(&world);
    let limits = SessionLimits::default();
    for (opens, forwarded) in [(true, 100), (false, 300)] {
        let behind = Behind::new(opens);
        let layer = McpLayer::new(world.guard()).sessions(limits).unwrap();
        let mut refused = 0;
        for _ in 0..300 {
            let (status, session) = behind.call(&layer, opening(&token)).await;
            assert!(status == 200 || session.is_none());
            refused += usize::from(status == 429);
        }
        assert_eq!((behind.opened(), refused), (forwarded, 300 - forwarded));
    }
    // All at once: none has its answer yet.
    let behind = Behind::new(true);
    let layer = McpLayer::new(world.guard()).sessions(limits).unwrap();
    behind.call(&layer, opening(&token)).await;
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let (behind, layer, request) = (behind.clone(), layer.clone(), opening(&token));
        all.spawn(async move { behind.call(&layer, request).await });
    }
    let answers = all.join_all().await;
    let refused = answers.iter().filter(|(status, _)| *status == 429).count();
    assert_eq!((behind.opened(), refused), (100, 101));
}

/// A client that goes away meanwhile leaves no session without an owner and a place.
#[tokio::test]
async fn an_initialize_without_its_client_takes_a_place_all_the_same() {
    let world = World::start().await;
    let token = token(&world);
    let mut behind = Behind::new(true);
    behind.gate = Arc::new(Semaphore::new(0));
    let limits = SessionLimits::default().with_sessions_per_user(1);
    let layer = McpLayer::new(world.guard()).sessions(limits).unwrap();
    let first = {
        let (behind, layer, request) = (behind.clone(), layer.clone(), opening(&token));
        tokio::spawn(async move { behind.call(&layer, request).await })
    };
    while behind.opened() == 0 {
        tokio::task::yield_now().await;
    }
    first.abort();
    assert!(first.await.is_err());
    assert_eq!(behind.call(&layer, opening(&token)).await.0, 429);
    behind.gate.add_permits(1);
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
    assert_eq!(behind.call(&layer, opening(&token)).await.0, 429);
    assert_eq!(behind.opened(), 1);
}

#[tokio::test]
async fn an_unused_session_is_closed_at_the_server() {
    let world = World::start().await;
    let token = token(&world);
    let behind = Behind::new(true);
    let limits = SessionLimits::default().with_idle(Duration::from_nanos(1));
    let layer = McpLayer::new(world.guard()).sessions(limits).unwrap();
    let (_, first) = behind.call(&layer, opening(&token)).await;
    let first = first.unwrap();
    behind.call(&layer, opening(&token)).await;
    let closed = format!("DELETE {first}");
    until(async || behind.asked().contains(&closed)).await;
}

/// What `rmcp` holds does not grow.
#[tokio::test]
async fn a_session_that_the_guard_closes_is_gone_from_rmcp() {
    let world = World::start().await;
    let sessions = Arc::new(LocalSessionManager::default());
    let config = StreamableHttpServerConfig::default().with_legacy_session_mode(true);
    let mcp = StreamableHttpService::new(|| Ok(Server::default()), Arc::clone(&sessions), config);
    let limits = SessionLimits::default().with_idle(Duration::from_nanos(1));
    let layer = McpLayer::new(world.guard()).sessions(limits).unwrap();
    let app = axum::Router::new().nest_service("/mcp", mcp).layer(layer);
    let client = Client::new(&listen(app).await, world.token(&[demo::MCP_READ]));
    for _ in 0..20 {
        assert_eq!(send(client.legacy(&initialize())).await.status, 200);
    }
    until(async || sessions.sessions.read().await.len() <= 1).await;
}

/// What could not be remembered is closed, and not only kept from the client.
#[tokio::test]
async fn a_session_that_is_not_given_away_is_closed_at_the_server() {
    let world = World::start().await;
    let token = token(&world);
    let behind = Behind::new(true);
    let tier = super::shared::broken_tier();
    let layer = McpLayer::new(world.guard()).shared_sessions(&tier).unwrap();
    let (status, session) = behind.call(&layer, opening(&token)).await;
    assert_eq!((status, session), (503, None));
    assert_eq!(behind.asked(), ["POST", "DELETE session-1"]);
}
