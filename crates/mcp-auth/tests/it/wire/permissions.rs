//! What a caller may do, and what a refusal tells the client to bring.

use axum::Router;
use axum::routing::get;
use entra_claims::{Requirement, ScopeHierarchy};
use entra_emulator::demo;
use foundry_scopes::{ParseError, ScopeName};
use mcp_auth::{AuthLayer, Authorized, Require};

use super::raw::{Ask, Reply};
use super::server::{METADATA, Server};
use crate::common::world::{URL, World, read, scope};

enum Write {}

impl Require for Write {
    fn requirement() -> Result<Requirement, ParseError> {
        Ok(Requirement::any_of([
            Requirement::parse("mcp.write")?,
            Requirement::role("Mcp.Write.All"),
        ]))
    }
}

/// An authentication context, for example a second factor.
enum Confirmed {}

impl Require for Confirmed {
    fn requirement() -> Result<Requirement, ParseError> {
        Ok(Requirement::all_of([
            Requirement::parse(demo::MCP_READ)?,
            Requirement::auth_context("c1"),
        ]))
    }
}

enum Broken {}

impl Require for Broken {
    fn requirement() -> Result<Requirement, ParseError> {
        Requirement::parse("two words")
    }
}

/// Of a user and of an application on its own at once.
enum Never {}

impl Require for Never {
    fn requirement() -> Result<Requirement, ParseError> {
        let user = Requirement::parse(demo::MCP_READ)?;
        Ok(Requirement::all_of([user, Requirement::role("any")]))
    }
}

/// The guard needs the base scope or the role; each handler more.
struct Api {
    world: World,
    address: std::net::SocketAddr,
}

impl Api {
    async fn start() -> Self {
        let world = World::start().await;
        let either = Requirement::any_of([read(), Requirement::role(demo::MCP_RUN_ROLE)]);
        let guard = AuthLayer::new(world.authenticator(), world.resource(URL), either).unwrap();
        let app =
            Router::new()
                .route(
                    "/write",
                    get(|caller: Authorized<Write>| async move {
                        caller.caller().principal().to_string()
                    }),
                )
                .route(
                    "/confirmed",
                    get(|_: Authorized<Confirmed>| async { "confirmed" }),
                )
                .route("/broken", get(|_: Authorized<Broken>| async { "never" }))
                .route("/never", get(|_: Authorized<Never>| async { "never" }))
                .route(
                    "/maybe",
                    get(|caller: Option<Authorized<Write>>| async move {
                        caller.map_or("nobody", |_| "somebody")
                    }),
                );
        let app = app
            .clone()
            .nest("/optional", app.clone().layer(guard.clone().optional()))
            .nest("/open", app.clone())
            .nest("/guarded", app.layer(guard));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { world, address }
    }

    async fn get(&self, path: &str, token: &str) -> Reply {
        let ask = Ask::new(self.address, "GET", path, "mcp.test");
        ask.token(token).send().await
    }
}

#[tokio::test]
async fn a_handlers_own_requirement_is_answered_as_the_guards_would_be() {
    let api = Api::start().await;
    let both = api.world.token(&[demo::MCP_READ, "mcp.write"]);
    let reply = api.get("/guarded/write", &both).await;
    assert_eq!(reply.status, 200);
    assert!(reply.body.contains(demo::ALICE));

    // All scopes that are needed, with those that clients would lose otherwise.
    let reply = api
        .get("/guarded/write", &api.world.token(&[demo::MCP_READ]))
        .await;
    assert_eq!(reply.status, 403);
    let uri = demo::MCP_SERVER_URI;
    assert_eq!(
        reply.challenge(),
        format!(
            "Bearer error=\"insufficient_scope\", scope=\"{uri}/mcp.read {uri}/mcp.write\", \
             resource_metadata=\"{METADATA}\", error_description=\"the access token lacks a scope\""
        )
    );
    assert_eq!(reply.get("cache-control"), Some("no-store"));
    assert_eq!(reply.json()["error"], "insufficient_scope");
    assert!(reply.get("x-incident-id").is_some());
    // Near misses: a longer name, another case, a part.
    for near in ["mcp.writer", "Mcp.Write", "mcp.writ", "mcp"] {
        let token = api.world.token(&[demo::MCP_READ, near]);
        assert_eq!(
            api.get("/guarded/write", &token).await.status,
            403,
            "{near}"
        );
    }
}

/// The guard's hierarchy of scopes holds for its handlers too.
#[tokio::test]
async fn a_broader_scope_is_enough_for_a_handler() {
    let world = World::start().await;
    let admin = ScopeName::parse("mcp.admin").unwrap();
    let write = ScopeName::parse("mcp.write").unwrap();
    let guard = world
        .guard()
        .scope_hierarchy(ScopeHierarchy::new().includes(admin, write));
    let handler = get(|_: Authorized<Write>| async { "written" });
    let app = Router::new().route("/write", handler).layer(guard);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    for (scopes, status) in [
        (&[demo::MCP_READ, "mcp.admin"][..], 200),
        (&[demo::MCP_READ], 403),
    ] {
        let ask = Ask::new(address, "GET", "/write", "mcp.test");
        let reply = ask.token(&world.token(scopes)).send().await;
        assert_eq!(reply.status, status, "{scopes:?}");
    }
}

/// An application cannot ask for scopes: it is told of none.
#[tokio::test]
async fn an_application_without_the_role_is_told_no_scope() {
    let api = Api::start().await;
    let run = api.world.app_token(&[demo::MCP_RUN_ROLE]);
    let reply = api.get("/guarded/write", &run).await;
    assert_eq!(reply.status, 403);
    assert!(!reply.challenge().contains("scope=\""), "{reply:?}");
    let may = api.world.app_token(&[demo::MCP_RUN_ROLE, "Mcp.Write.All"]);
    assert_eq!(api.get("/guarded/write", &may).await.status, 200);
    // A user with the role's name in `roles` is no application.
    let user = api
        .world
        .forged(&[demo::MCP_READ])
        .claim("roles", vec!["Mcp.Write.All"]);
    let reply = api.get("/guarded/write", &user.sign().unwrap()).await;
    assert_eq!(reply.status, 403);
}

/// Never an anonymous caller, and never a caller who was not checked.
#[tokio::test]
async fn without_a_guard_or_with_a_broken_requirement_it_is_500() {
    let api = Api::start().await;
    let token = api.world.token(&[demo::MCP_READ, "mcp.write"]);
    for path in [
        "/open/write",
        "/open/maybe",
        "/guarded/broken",
        "/guarded/never",
    ] {
        let reply = api.get(path, &token).await;
        assert_eq!(reply.status, 500, "{path}");
        assert_eq!(reply.json()["error"], "server_error");
        assert_eq!(reply.get("www-authenticate"), None);
        assert!(reply.get("x-incident-id").is_some());
    }
}

#[tokio::test]
async fn an_optional_requirement_is_none_for_nobody_only() {
    let api = Api::start().await;
    let nobody = Ask::new(api.address, "GET", "/optional/maybe", "mcp.test")
        .send()
        .await;
    assert_eq!((nobody.status, nobody.body.as_str()), (200, "nobody"));
    let both = api.world.token(&[demo::MCP_READ, "mcp.write"]);
    assert_eq!(api.get("/optional/maybe", &both).await.body, "somebody");
    let less = api.world.token(&[demo::MCP_READ]);
    assert_eq!(api.get("/optional/maybe", &less).await.status, 403);
    let nobody = Ask::new(api.address, "GET", "/optional/write", "mcp.test")
        .send()
        .await;
    assert_eq!(nobody.status, 401);
}

/// Entra doc "Claims challenges": to a client that declares `cp1`, in standard base64.
#[tokio::test]
async fn a_missing_authentication_context_is_a_claims_challenge() {
    let api = Api::start().await;
    let forged = || api.world.forged(&[demo::MCP_READ]);
    for declared in [&["cp1"][..], &["CP1"], &["x", "cp1"]] {
        let token = forged().claim("xms_cc", declared.to_vec()).sign().unwrap();
        let reply = api.get("/guarded/confirmed", &token).await;
        assert_eq!(reply.status, 401, "{reply:?}");
        assert_eq!(
            reply.challenge(),
            format!(
                "Bearer error=\"insufficient_claims\", scope=\"{}\", resource_metadata=\"{METADATA}\", \
                 claims=\"eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlIjoiYzEifX19\", \
                 error_description=\"the sign-in does not meet a condition of this service\"",
                demo::MCP_READ_SCOPE
            )
        );
    }
    // Others would sign in again and come back with the same token.
    for token in [forged(), forged().claim("xms_cc", vec!["cp2"])] {
        let reply = api.get("/guarded/confirmed", &token.sign().unwrap()).await;
        assert_eq!(reply.status, 403);
        let challenge = reply.challenge();
        for absent in ["claims=", "error=\"", "scope="] {
            assert!(!challenge.contains(absent), "{challenge}");
        }
        assert_eq!(reply.json()["error"], "insufficient_claims");
    }
    let satisfied = forged().claim("acrs", vec!["c1"]).sign().unwrap();
    assert_eq!(api.get("/guarded/confirmed", &satisfied).await.status, 200);
}

/// Delegated scopes of an application, substrings and blanks that are none.
#[tokio::test]
async fn scopes_are_whole_words_between_single_blanks() {
    let server = Server::start().await;
    for scp in [
        "mcp.readwrite",
        "Mcp.Read",
        "mcp.write\tmcp.read",
        "mcp.write\nmcp.read",
        "mcp.write,mcp.read",
        "api://11112222-bbbb-3333-cccc-4444dddd5555/mcp.read",
    ] {
        let token = server
            .world
            .forged(&["x"])
            .claim("scp", scp)
            .sign()
            .unwrap();
        let reply = server.post().token(&token).send().await;
        assert_eq!(reply.status, 403, "{scp:?}: {reply:?}");
    }
    assert_eq!(server.handled(), 0);
    let either = Requirement::any_of([scope("mcp.write"), scope(demo::MCP_READ)]);
    let guard = server.world.guard_for(either);
    let token = server.world.token(&[demo::MCP_READ]);
    let answer = server
        .world
        .ask(&guard, crate::common::world::bearer(&token))
        .await;
    assert_eq!(answer.status(), 200);
}
