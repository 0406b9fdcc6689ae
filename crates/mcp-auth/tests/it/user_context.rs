//! Signed user contexts beside the tokens of agents, over the routes of an application.

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

#[tokio::test]
async fn a_route_requires_takes_or_refuses_a_context_and_no_handler_sees_it() {
    let world = World::start().await;
    let app = world.application();
    let (own, context) = (world.own(), world.context(demo::ALICE).await);
    let by_alice = format!("{} by {}", demo::ALICE, demo::AGENT);
    for (path, sent, status, says) in [
        ("/orders", true, StatusCode::OK, by_alice.as_str()),
        ("/orders", false, StatusCode::FORBIDDEN, "context_missing"),
        ("/maybe", true, StatusCode::OK, demo::ALICE),
        ("/maybe", false, StatusCode::OK, "nobody"),
        ("/agent", true, StatusCode::OK, "app"),
        ("/plain", false, StatusCode::OK, "app"),
        ("/plain", true, StatusCode::FORBIDDEN, "context_not_taken"),
        (
            "/no-layer",
            true,
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_error",
        ),
        (
            "/doubled",
            true,
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_error",
        ),
        (
            "/broken",
            true,
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_error",
        ),
    ] {
        let sent: Vec<&str> = sent.then_some(context.as_str()).into_iter().collect();
        let seen = ask(&app, "GET", path, &own, &sent, "").await;
        assert_eq!(seen.status, status, "{path} {}: {}", sent.len(), seen.body);
        assert!(
            seen.body == says || seen.error() == says,
            "{path}: {}",
            seen.body
        );
    }
}

#[tokio::test]
async fn a_refused_context_is_403_with_its_reason_and_nothing_of_it_comes_back() {
    let world = World::start().await;
    let app = world.application();
    let (own, context) = (world.own(), world.context(demo::ALICE).await);
    let poor = world.agents_token(demo::ORDERS_API, &["UserContext.Assert"]);
    let unasked = world.agents_token(demo::ORDERS_API, &[demo::ORDERS_ROLE]);
    let changed = format!("{}AA", &context[..context.len() - 2]);
    let user = world.users_token(demo::ALICE, demo::MCP_CLIENT, demo::ORDERS_API);
    let bobs = world.context(demo::BOB).await;
    for (token, contexts, code) in [
        (&own, vec![changed.as_str()], "bad_signature"),
        (&own, vec!["marker-in-a-header"], "context_malformed"),
        (&own, vec![&context, &context], "context_repeated"),
        (&own, vec![&own], "wrong_type"),
        (&unasked, vec![&context], "agent_not_admitted"),
        (&poor, vec![&context], "agent_not_permitted"),
        (&user, vec![&context], "agent_token_required"),
        (&user, vec![], "agent_token_required"),
        (&own, vec![&bobs], "user_not_permitted"),
    ] {
        let seen = ask(&app, "GET", "/orders", token, &contexts, "").await;
        assert_eq!(
            (seen.status, seen.error().as_str()),
            (StatusCode::FORBIDDEN, code),
            "{}",
            seen.body
        );
        assert!(!seen.headers.contains_key("www-authenticate"));
        assert!(seen.headers.contains_key("x-incident-id"));
        let all = format!("{} {:?}", seen.body, seen.headers);
        let parts = contexts.iter().flat_map(|context| context.split('.'));
        for echoed in parts.chain([demo::ALICE, demo::BOB, demo::AGENT, ISSUER, "marker"]) {
            assert!(!all.contains(echoed), "{code}: {all}");
        }
    }
}

#[tokio::test]
async fn a_context_is_good_for_one_write_and_many_reads() {
    let world = World::start().await;
    let app = world.application();
    let (own, context) = (world.own(), world.context(demo::ALICE).await);
    for _ in 0..2 {
        assert_eq!(
            ask(&app, "GET", "/orders", &own, &[&context], "")
                .await
                .status,
            StatusCode::OK
        );
    }
    assert_eq!(
        ask(&app, "POST", "/orders", &own, &[&context], "")
            .await
            .status,
        StatusCode::OK
    );
    let again = ask(&app, "POST", "/orders", &own, &[&context], "").await;
    assert_eq!(
        (again.status, again.error().as_str()),
        (StatusCode::FORBIDDEN, "replayed")
    );
}

#[tokio::test]
async fn without_a_guard_or_without_a_token_there_is_no_context() {
    let world = World::start().await;
    let context = world.context(demo::ALICE).await;
    let layer =
        || UserContextLayer::optional(world.verifier.clone(), Customers, ContextUse::UntilItEnds);
    let routes = Router::new().route("/maybe", get(maybe)).layer(layer());
    let request = || {
        Request::get("/maybe")
            .header(HEADER, &context)
            .body(Body::empty())
            .unwrap()
    };
    let open = routes.clone().oneshot(request()).await.unwrap();
    assert_eq!(open.status(), StatusCode::INTERNAL_SERVER_ERROR);
    // An optional guard that saw no token: the context alone is nothing.
    let guard = world.entra.guard(demo::ORDERS_READ).unwrap().optional();
    let guarded = guard.protect(routes);
    assert_eq!(
        guarded.clone().oneshot(request()).await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );
    let without = Request::get("/maybe").body(Body::empty()).unwrap();
    assert_eq!(
        guarded.oneshot(without).await.unwrap().status(),
        StatusCode::OK
    );
}

/// An issuer that does not answer.
#[derive(Debug)]
struct Silent;

#[async_trait::async_trait]
impl ContextKeySource for Silent {
    async fn fetch(&self) -> Result<ContextKeys, ContextKeySourceError> {
        Err(ContextKeySourceError::Unanswered("down".to_owned()))
    }
}

#[tokio::test]
async fn what_cannot_be_decided_is_503() {
    let world = World::start().await;
    let app = world.application_with(&verifier(Silent));
    let (own, context) = (world.own(), world.context(demo::ALICE).await);
    let seen = ask(&app, "GET", "/orders", &own, &[&context], "").await;
    assert_eq!(
        (seen.status, seen.error().as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, "keys_unavailable")
    );
    assert_eq!(seen.headers["retry-after"], "1");
}

/// The gateway's application: any user starts turns, agents trade them, everybody reads the keys.
#[tokio::test]
async fn an_agent_trades_its_turn_over_http() {
    let world = World::start().await;
    let entra = app(&world.emulator, demo::MCP_SERVER);
    let gateway = entra
        .guard(agents_of(&world.issuer))
        .unwrap()
        .protect(trade_routes(&world.issuer))
        .public(key_routes(&world.issuer));

    let keys = Request::get("/.well-known/user-context-keys")
        .body(Body::empty())
        .unwrap();
    let keys = gateway.clone().oneshot(keys).await.unwrap();
    assert_eq!(keys.headers()["cache-control"], "public, max-age=600");
    let keys = keys.into_body().collect().await.unwrap().to_bytes();
    assert!(ContextKeys::from_json(&keys).is_ok());

    let user = world.users_token(demo::ALICE, demo::MCP_CLIENT, demo::MCP_SERVER);
    let user = entra.authenticator().authenticate(&user).await.unwrap();
    let session = world
        .sessions
        .open(&user, Duration::from_secs(600))
        .await
        .unwrap();
    let scopes = [Scope::parse(demo::ORDERS_READ_SCOPE).unwrap()];
    let turn = world
        .issuer
        .start_turn(&user, &session, agent(), &scopes)
        .await
        .unwrap();
    let turn = turn.expose().to_owned();
    let own = world.agents_token(demo::MCP_SERVER, &[]);

    let wanted =
        json!({ "audience": demo::ORDERS_API_URI, "scope": demo::ORDERS_READ }).to_string();
    let given = ask(&gateway, "POST", "/user-context", &own, &[&turn], &wanted).await;
    assert_eq!(
        (given.status, &given.headers["cache-control"]),
        (StatusCode::OK, &http::HeaderValue::from_static("no-store"))
    );
    let given: Value = serde_json::from_str(&given.body).unwrap();
    assert!(
        given["expires_in"]
            .as_u64()
            .is_some_and(|seconds| (55..=60).contains(&seconds))
    );
    let context = given["user_context"].as_str().unwrap();
    let seen = ask(
        &world.application(),
        "GET",
        "/orders",
        &world.own(),
        &[context],
        "",
    )
    .await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.body);

    let renewed = ask(
        &gateway,
        "POST",
        "/user-context",
        &own,
        &[&turn],
        r#"{"renew": true}"#,
    )
    .await;
    assert_eq!(renewed.status, StatusCode::OK);
    assert!(renewed.body.contains("turn_context"));

    for (contexts, body, status, code) in [
        (vec![], wanted.as_str(), 403, "context_missing"),
        (vec![context], &wanted, 403, "wrong_type"),
        (vec![&turn], "{}", 400, "invalid_request"),
        (
            vec![&turn],
            r#"{"renew": true, "scope": "orders.read"}"#,
            400,
            "invalid_request",
        ),
        (
            vec![&turn],
            r#"{"renew": true, "more": 1}"#,
            400,
            "invalid_request",
        ),
        (
            vec![&turn],
            r#"{"audience": "api://x", "scope": ""}"#,
            400,
            "invalid_request",
        ),
        (
            vec![&turn],
            r#"{"audience": "api://x", "scope": "orders.read", "ath": "x"}"#,
            400,
            "invalid_request",
        ),
        (
            vec![&turn],
            r#"{"audience": "api://x", "scope": "orders.read"}"#,
            403,
            "scope_not_in_turn",
        ),
    ] {
        let seen = ask(&gateway, "POST", "/user-context", &own, &contexts, body).await;
        assert_eq!(
            (seen.status.as_u16(), seen.error().as_str()),
            (status, code),
            "{body}"
        );
        assert!(!seen.body.contains(turn.split('.').next_back().unwrap()));
    }
    // Not one of the issuer's agents: the guard's matter.
    let forge = world.emulator.forge();
    let other = forge.app_token(
        demo::TENANT,
        demo::DAEMON,
        demo::MCP_SERVER,
        &[demo::MCP_RUN_ROLE],
    );
    let other = other.unwrap().sign().unwrap();
    let seen = ask(&gateway, "POST", "/user-context", &other, &[&turn], &wanted).await;
    assert_eq!(seen.status, StatusCode::FORBIDDEN);

    world.sessions.end(&session).await.unwrap();
    for body in [wanted.as_str(), r#"{"renew": true}"#] {
        let seen = ask(&gateway, "POST", "/user-context", &own, &[&turn], body).await;
        assert_eq!(
            (seen.status, seen.error().as_str()),
            (StatusCode::FORBIDDEN, "session_ended")
        );
    }
}

/// Other requirements are checked against the agent's token: a context adds no scope to it.
#[tokio::test]
async fn a_context_meets_no_requirement_of_a_guard() {
    let world = World::start().await;
    let optional = UserContextLayer::optional(
        world.verifier.clone(),
        Arc::new(Customers),
        ContextUse::UntilItEnds,
    );
    let routes = Router::new().route("/maybe", get(maybe)).layer(optional);
    let app = world
        .entra
        .guard(demo::ORDERS_READ)
        .unwrap()
        .protect(routes);
    let context = world.context(demo::ALICE).await;
    let seen = ask(&app, "GET", "/maybe", &world.own(), &[&context], "").await;
    assert_eq!(
        (seen.status, seen.error().as_str()),
        (StatusCode::FORBIDDEN, "insufficient_scope")
    );
}
