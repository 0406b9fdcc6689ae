//! Protected resource metadata as clients fetch it (RFC 9728), and one per tenant.

use axum::Router;
use axum::routing::any;
use entra_claims::{AcceptedAudiences, Authenticator, TenantPolicy, Validator};
use entra_emulator::demo;
use foundry_scopes::{AppIdUri, ClientId, ScopeName, TenantId};
use mcp_auth::{AuthLayer, Caller, ProtectedResource};

use super::raw::Ask;
use super::server::{METADATA, Server};
use crate::common::world::{URL, World, read};

/// Where the SDKs look: the path of the challenge, the one below the resource that `rmcp`
/// tries without a challenge, and the root.
const PATHS: [&str; 3] = [
    "/.well-known/oauth-protected-resource/mcp",
    "/mcp/.well-known/oauth-protected-resource",
    "/.well-known/oauth-protected-resource",
];

#[tokio::test]
async fn the_document_is_at_every_path_for_everyone() {
    let server = Server::start().await;
    let mut bodies = std::collections::HashSet::new();
    for path in PATHS {
        for ask in [
            server.ask("GET", path),
            server.ask("GET", path).field("Authorization", "garbage"),
            server.ask("GET", path).token("x").token("y"),
            server
                .ask("GET", path)
                .field("MCP-Protocol-Version", "2024-11-05"),
            // Whoever asks by whichever name gets the configured one.
            server.ask("GET", path).host("evil.example"),
            server
                .ask("GET", path)
                .field("X-Forwarded-Host", "evil.example"),
            server
                .ask("GET", path)
                .field("Forwarded", "host=evil.example"),
            server
                .ask("GET", path)
                .field("Origin", "https://evil.example"),
        ] {
            let reply = ask.send().await;
            assert_eq!(reply.status, 200, "{path}: {reply:?}");
            assert_eq!(reply.get("content-type"), Some("application/json"));
            assert_eq!(reply.get("access-control-allow-origin"), Some("*"));
            assert_eq!(reply.get("access-control-allow-credentials"), None);
            assert_eq!(reply.get("cache-control"), Some("public, max-age=3600"));
            bodies.insert(reply.body);
        }
    }
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    let document: serde_json::Value = serde_json::from_str(bodies.iter().next().unwrap()).unwrap();
    assert_eq!(document["resource"], URL);
    assert_eq!(
        document["scopes_supported"],
        serde_json::json!([demo::MCP_READ_SCOPE])
    );
    assert_eq!(
        document["bearer_methods_supported"],
        serde_json::json!(["header"])
    );
    assert!(METADATA.ends_with(PATHS[0]));
}

#[tokio::test]
async fn head_options_and_other_methods() {
    let server = Server::start().await;
    for path in PATHS {
        let get = server.ask("GET", path).send().await;
        let head = server.ask("HEAD", path).send().await;
        assert_eq!((head.status, head.body.as_str()), (200, ""));
        for name in ["content-type", "content-length", "cache-control"] {
            assert_eq!(head.get(name), get.get(name), "{name}");
        }
        let options = server
            .ask("OPTIONS", path)
            .field("Origin", "https://any.example");
        let options = options.send().await;
        assert_eq!(options.status, 204);
        assert_eq!(options.get("access-control-allow-origin"), Some("*"));
        assert_eq!(
            options.get("access-control-allow-methods"),
            Some("GET, HEAD, OPTIONS")
        );
        for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"] {
            let reply = server.ask(method, path).send().await;
            assert_eq!(reply.status, 405, "{method}");
            assert_eq!(reply.get("allow"), Some("GET, HEAD, OPTIONS"));
        }
    }
}

/// A guard per tenant behind one authenticator that accepts both: each takes its own tenant's
/// tokens only, and sends a client to its own tenant.
#[tokio::test]
async fn a_server_of_several_tenants_keeps_them_apart() {
    let world = World::start().await;
    let tenants = [demo::TENANT, demo::OTHER_TENANT].map(|id| TenantId::parse(id).unwrap());
    let validator = Validator::new(
        world.authority.cloud().clone(),
        TenantPolicy::allow_list(tenants).unwrap(),
        AcceptedAudiences::for_client(ClientId::parse(demo::MCP_SERVER).unwrap()),
    );
    let authenticator = Authenticator::new(validator).unwrap();
    let resources = ProtectedResource::builder("https://mcp.test/{tenant}/mcp")
        .authority(&world.authority)
        .identifier_uri(AppIdUri::parse(demo::MCP_SERVER_URI).unwrap())
        .scope(ScopeName::parse(demo::MCP_READ).unwrap())
        .facade()
        .build_per_tenant(tenants)
        .unwrap();
    let mut app = Router::new();
    for (resource, tenant) in resources.iter().zip(tenants) {
        let guard = AuthLayer::new(authenticator.clone(), resource.clone(), read()).unwrap();
        let who = any(|caller: Caller| async move { caller.principal().tenant().to_string() });
        let guarded = Router::new()
            .route(&format!("/{tenant}/mcp"), who)
            .layer(guard);
        app = app
            .merge(guarded)
            .merge(resource.metadata_router().unwrap());
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    let ask = |tenant: &str| Ask::new(address, "POST", &format!("/{tenant}/mcp"), "mcp.test");

    let forge = world.emulator.forge();
    let carols = forge
        .user_token(
            demo::OTHER_TENANT,
            demo::CAROL,
            demo::MCP_CLIENT,
            demo::MCP_SERVER,
            &[demo::MCP_READ],
        )
        .unwrap();
    let (alices, carols) = (world.token(&[demo::MCP_READ]), carols.sign().unwrap());
    for (tenant, token, status) in [
        (demo::TENANT, &alices, 200),
        (demo::OTHER_TENANT, &carols, 200),
        (demo::TENANT, &carols, 401),
        (demo::OTHER_TENANT, &alices, 401),
        // From the cache as well as anew.
        (demo::TENANT, &alices, 200),
        (demo::TENANT, &carols, 401),
    ] {
        let reply = ask(tenant).token(token).send().await;
        assert_eq!(reply.status, status, "{tenant}: {reply:?}");
        if status == 200 {
            assert_eq!(reply.body, tenant);
            continue;
        }
        let own = format!("/.well-known/oauth-protected-resource/{tenant}/mcp\"");
        assert!(
            reply
                .challenge()
                .starts_with("Bearer error=\"invalid_token\"")
        );
        assert!(reply.challenge().contains(&own), "{}", reply.challenge());
        assert!(
            reply
                .challenge()
                .ends_with("\"the access token is not accepted here\"")
        );
    }
    for tenant in [demo::TENANT, demo::OTHER_TENANT] {
        let path = format!("/.well-known/oauth-protected-resource/{tenant}/mcp");
        let document = Ask::new(address, "GET", &path, "mcp.test")
            .send()
            .await
            .json();
        assert_eq!(
            document["resource"],
            format!("https://mcp.test/{tenant}/mcp")
        );
        let issuer = format!("https://mcp.test/as/{tenant}");
        assert_eq!(
            document["authorization_servers"],
            serde_json::json!([issuer])
        );
        let path = format!("/.well-known/oauth-authorization-server/as/{tenant}");
        let server = Ask::new(address, "GET", &path, "mcp.test")
            .send()
            .await
            .json();
        assert_eq!(server["issuer"], issuer);
        assert!(
            server["jwks_uri"].as_str().unwrap().contains(tenant),
            "{server}"
        );
        // The sign-in is the tenant's own.
        let path = format!("/as/{tenant}/authorize?client_id=c");
        let redirect = Ask::new(address, "GET", &path, "mcp.test").send().await;
        assert!(
            redirect.get("location").unwrap().contains(tenant),
            "{redirect:?}"
        );
    }
}

/// The public URL is configured, so neither a `nest` nor a proxy that strips a prefix changes
/// an address that clients are told.
#[tokio::test]
async fn a_stripped_prefix_changes_no_address() {
    let world = World::start().await;
    let resource = world.resource("https://mcp.test/api/mcp");
    let guard = AuthLayer::new(world.authenticator(), resource.clone(), read()).unwrap();
    let who = any(|caller: Caller| async move { caller.principal().object().to_string() });
    let guarded = Router::new().route("/mcp", who).layer(guard);
    // Once below the prefix, as a router does it, and once without it, as a proxy does.
    let app = Router::new()
        .nest("/api", guarded.clone())
        .merge(guarded)
        .merge(resource.metadata_router().unwrap());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    let told =
        "resource_metadata=\"https://mcp.test/.well-known/oauth-protected-resource/api/mcp\"";
    for path in ["/api/mcp", "/mcp"] {
        let refused = Ask::new(address, "POST", path, "mcp.test").send().await;
        assert_eq!(refused.status, 401);
        assert!(
            refused.challenge().contains(told),
            "{}",
            refused.challenge()
        );
        let ask =
            Ask::new(address, "POST", path, "mcp.test").token(&world.token(&[demo::MCP_READ]));
        assert_eq!(ask.send().await.body, demo::ALICE);
    }
    let path = "/.well-known/oauth-protected-resource/api/mcp";
    let document = Ask::new(address, "GET", path, "mcp.test")
        .send()
        .await
        .json();
    assert_eq!(document["resource"], "https://mcp.test/api/mcp");
}
