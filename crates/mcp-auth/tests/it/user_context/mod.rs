//! Signed user contexts beside the tokens of agents, over the routes of an application.

mod routes;
mod trade;

use std::sync::Arc;
use std::time::Duration;

use agent_user_context::{
    AgentId, ContextKeySource, ContextKeySourceError, ContextKeys, ContextUse, ContextVerifier,
    Issuer, LocalSigner, Operation, Sessions, SigningKeys, TrustedIssuer, UserRight, UserRules,
};
use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use entra_claims::{PrincipalKey, Requirement, VerifiedToken};
use entra_emulator::{Directory, Emulator, demo};
use foundry_scopes::{Audience, ClientId, ParseError, Scope, ScopeName, TenantId};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use mcp_auth::user_context::{
    ActingFor, ContextOperation, UserContextLayer, agents_of, key_routes, trade_routes,
};
use mcp_auth::{Caller, EntraApp, Protected};
use serde_json::{Value, json};
use tower::ServiceExt as _;

const HEADER: &str = "x-client-user-context";
const ISSUER: &str = "https://gateway.contoso.example";

enum ReadOrders {}

impl ContextOperation for ReadOrders {
    fn operation() -> Result<Operation, ParseError> {
        Ok(Operation::new(
            ScopeName::parse(demo::ORDERS_READ)?,
            Requirement::role(demo::ORDERS_ROLE),
        ))
    }
}

enum Broken {}

impl ContextOperation for Broken {
    fn operation() -> Result<Operation, ParseError> {
        Ok(Operation::new(
            ScopeName::parse("not a name")?,
            Requirement::role(demo::ORDERS_ROLE),
        ))
    }
}

/// Alice is a customer, Bob was one.
#[derive(Debug)]
struct Customers;

#[async_trait::async_trait]
impl UserRules for Customers {
    async fn right(&self, user: PrincipalKey, _: &Operation) -> UserRight {
        match user.object.to_string().as_str() {
            demo::ALICE => UserRight::Permitted,
            demo::BOB => UserRight::Denied,
            _ => UserRight::Unknown,
        }
    }
}

async fn orders(headers: HeaderMap, acting: ActingFor<ReadOrders>) -> String {
    assert!(
        !headers.contains_key(HEADER),
        "the context reached a handler"
    );
    format!("{} by {}", acting.user().object, acting.agent().client())
}

async fn maybe(headers: HeaderMap, acting: Option<ActingFor<ReadOrders>>) -> String {
    assert!(
        !headers.contains_key(HEADER),
        "the context reached a handler"
    );
    acting.map_or("nobody".to_owned(), |acting| {
        acting.user().object.to_string()
    })
}

async fn plain(headers: HeaderMap, caller: Caller) -> String {
    assert!(
        !headers.contains_key(HEADER),
        "the context reached a handler"
    );
    caller.principal().kind().as_str().to_owned()
}

async fn broken(_: ActingFor<Broken>) {}

struct World {
    emulator: Emulator,
    entra: EntraApp,
    issuer: Issuer,
    sessions: Sessions,
    verifier: ContextVerifier,
}

fn agent() -> AgentId {
    AgentId::new(
        ClientId::parse(demo::AGENT).unwrap(),
        TenantId::parse(demo::TENANT).unwrap(),
    )
}

impl World {
    async fn start() -> Self {
        let emulator = Emulator::start(Directory::demo()).await.unwrap();
        let entra = app(&emulator, demo::ORDERS_API);
        let sessions = Sessions::in_memory(100);
        let keys = SigningKeys::new(LocalSigner::generate().unwrap()).unwrap();
        let issuer = Issuer::builder(ISSUER, keys, sessions.clone())
            .agent(agent(), [Scope::parse(demo::ORDERS_READ_SCOPE).unwrap()])
            .build()
            .unwrap();
        let published = ContextKeys::from_json(issuer.key_set().as_bytes()).unwrap();
        Self {
            verifier: verifier(published),
            emulator,
            entra,
            issuer,
            sessions,
        }
    }

    /// The routes of the orders API, by what they do about contexts.
    fn application(&self) -> Protected {
        self.application_with(&self.verifier)
    }

    fn application_with(&self, verifier: &ContextVerifier) -> Protected {
        let required = |how| UserContextLayer::required(verifier.clone(), Customers, how);
        let optional =
            UserContextLayer::optional(verifier.clone(), Customers, ContextUse::UntilItEnds);
        let read = Router::new()
            .route("/orders", get(orders))
            .route("/broken", get(broken));
        let write = Router::new().route("/orders", post(orders));
        let routes = read
            .layer(required(ContextUse::UntilItEnds))
            .merge(write.layer(required(ContextUse::Once)))
            .merge(
                Router::new()
                    .route("/maybe", get(maybe))
                    .route("/agent", get(plain))
                    .layer(optional),
            )
            .merge(
                Router::new()
                    .route("/plain", get(plain))
                    .layer(UserContextLayer::refused()),
            )
            .merge(Router::new().route("/no-layer", get(orders)))
            .merge(
                Router::new()
                    .route("/doubled", get(orders))
                    .layer(required(ContextUse::UntilItEnds))
                    .layer(required(ContextUse::UntilItEnds)),
            );
        let rule = Requirement::any_of([
            Requirement::clients([agent().client()]),
            Requirement::parse(demo::ORDERS_READ).unwrap(),
        ]);
        self.entra.guard(rule).unwrap().protect(routes)
    }

    fn agents_token(&self, resource: &str, roles: &[&str]) -> String {
        let token = self
            .emulator
            .forge()
            .app_token(demo::TENANT, demo::AGENT, resource, roles);
        token.unwrap().sign().unwrap()
    }

    /// The agent's own token for the orders API.
    fn own(&self) -> String {
        self.agents_token(demo::ORDERS_API, &["UserContext.Assert", demo::ORDERS_ROLE])
    }

    fn users_token(&self, user: &str, client: &str, resource: &str) -> String {
        let token = self.emulator.forge().user_token(
            demo::TENANT,
            user,
            client,
            resource,
            &[demo::ORDERS_READ],
        );
        token.unwrap().sign().unwrap()
    }

    async fn verified(&self, token: &str) -> VerifiedToken {
        self.entra
            .authenticator()
            .authenticate(token)
            .await
            .unwrap()
    }

    /// A context for the orders API.
    async fn context(&self, user: &str) -> String {
        let user = self.users_token(user, demo::MCP_CLIENT, demo::ORDERS_API);
        let user = self.verified(&user).await;
        let session = self
            .sessions
            .open(&user, Duration::from_secs(600))
            .await
            .unwrap();
        let scopes = [Scope::parse(demo::ORDERS_READ_SCOPE).unwrap()];
        let turn = self
            .issuer
            .start_turn(&user, &session, agent(), &scopes)
            .await
            .unwrap();
        let agents = self.verified(&self.own()).await;
        let (api, scopes) = (
            demo::ORDERS_API_URI.parse().unwrap(),
            [ScopeName::parse(demo::ORDERS_READ).unwrap()],
        );
        let request = agent_user_context::CallRequest::new(&api, &scopes);
        let call = self
            .issuer
            .call_context(&agents, turn.expose(), request)
            .await
            .unwrap();
        call.expose().to_owned()
    }
}

fn app(emulator: &Emulator, client: &str) -> EntraApp {
    EntraApp::from_variables([
        ("AZURE_AUTHORITY_HOST", emulator.base_url()),
        ("AZURE_TENANT_ID", demo::TENANT),
        ("AZURE_CLIENT_ID", client),
    ])
    .unwrap()
}

fn verifier(keys: impl ContextKeySource + 'static) -> ContextVerifier {
    ContextVerifier::builder(Audience::parse(demo::ORDERS_API_URI).unwrap())
        .issuer(TrustedIssuer::new(
            ISSUER,
            keys,
            [agent()],
            [agent().tenant()],
        ))
        .build()
        .unwrap()
}

struct Seen {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Seen {
    fn error(&self) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        body["error"].as_str().unwrap_or_default().to_owned()
    }
}

async fn ask(
    app: &Protected,
    method: &str,
    path: &str,
    token: &str,
    contexts: &[&str],
    body: &str,
) -> Seen {
    let mut request = Request::builder().method(method).uri(path);
    request = request.header("authorization", format!("Bearer {token}"));
    for context in contexts {
        request = request.header(HEADER, *context);
    }
    let answer = app
        .clone()
        .oneshot(request.body(Body::from(body.to_owned())).unwrap())
        .await
        .unwrap();
    let (parts, body) = answer.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Seen {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}
