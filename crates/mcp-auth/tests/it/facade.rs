//! Signing in at the emulator, with and without the facade, over real sockets.

use crate::common::world::World;
use axum::Router;
use axum::routing::get;
use entra_emulator::demo;
use mcp_auth::Caller;
use reqwest::{Client, StatusCode, redirect};
use serde_json::Value;
use url::Url;

/// The example of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// The guarded server, and the URL of its MCP endpoint.
async fn serve(world: &World) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "http://localhost:{}/mcp",
        listener.local_addr().unwrap().port()
    );
    let resource = world.resource(&url);
    let guard = mcp_auth::AuthLayer::new(
        world.authenticator(),
        resource.clone(),
        crate::common::world::read(),
    )
    .unwrap();
    let app = Router::new()
        .route(
            "/mcp",
            get(|caller: Caller| async move { caller.principal().object().to_string() }),
        )
        .layer(guard)
        .merge(resource.metadata_router().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

fn client() -> Client {
    Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap()
}

async fn document(client: &Client, url: &str) -> Value {
    let answer = client.get(url).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{url}");
    answer.json().await.unwrap()
}

/// What every MCP client sends to the authorization endpoint.
fn authorize_url(endpoint: &str, resource: &str, redirect_uri: &str) -> Url {
    let mut url = Url::parse(endpoint).unwrap();
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", demo::MCP_CLIENT)
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("code_challenge", CHALLENGE)
        .append_pair("code_challenge_method", "S256")
        .append_pair("state", "a+b/c=")
        .append_pair("scope", &format!("{} offline_access", demo::MCP_READ_SCOPE))
        .append_pair("prompt", "consent")
        .append_pair("login_hint", demo::ALICE_UPN)
        .append_pair("resource", resource);
    url
}

/// Follows redirects until the client's own address, as a browser would.
async fn browse(client: &Client, start: Url) -> Url {
    let mut url = start;
    loop {
        let answer = client.get(url).send().await.unwrap();
        let status = answer.status();
        let Some(location) = answer.headers().get("location").cloned() else {
            panic!("{status}: {}", answer.text().await.unwrap());
        };
        url = Url::parse(location.to_str().unwrap()).unwrap();
        if url.path() == "/callback" {
            return url;
        }
    }
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

#[tokio::test]
async fn without_the_facade_entra_refuses_the_servers_url_as_resource() {
    let world = World::start().await;
    let endpoint = world.authority.authorize_endpoint();
    let start = authorize_url(
        &endpoint,
        "http://localhost:1/mcp",
        demo::MCP_CLIENT_REDIRECT_URI,
    );
    let back = browse(&client(), start).await;
    let description = parameter(&back, "error_description").unwrap();
    assert!(description.contains("AADSTS9010010"), "{description}");
    assert_eq!(parameter(&back, "code"), None);
}

#[tokio::test]
async fn through_the_facade_a_client_signs_in_refreshes_and_calls() {
    let world = World::start().await;
    let mcp = serve(&world).await;
    let client = client();

    // 401, metadata, authorization server metadata: as MCP clients go.
    let refused = client.get(&mcp).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    let challenge = refused.headers()["www-authenticate"]
        .to_str()
        .unwrap()
        .to_owned();
    let metadata = challenge
        .split("resource_metadata=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let metadata = document(&client, metadata).await;
    assert_eq!(metadata["resource"], mcp.as_str());
    let issuer = metadata["authorization_servers"][0].as_str().unwrap();
    let origin = mcp.trim_end_matches("/mcp");
    assert_eq!(issuer, format!("{origin}/as"));
    let server = document(
        &client,
        &format!("{origin}/.well-known/oauth-authorization-server/as"),
    )
    .await;
    assert_eq!(server["issuer"], issuer);

    // The browser's part.
    let redirect_uri = demo::MCP_CLIENT_REDIRECT_URI;
    let start = authorize_url(
        server["authorization_endpoint"].as_str().unwrap(),
        &mcp,
        redirect_uri,
    );
    let back = browse(&client, start).await;
    assert_eq!(parameter(&back, "state").as_deref(), Some("a+b/c="));
    let code = parameter(&back, "code").unwrap_or_else(|| panic!("{back}"));

    // The client's part.
    let token_endpoint = server["token_endpoint"].as_str().unwrap();
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", demo::MCP_CLIENT),
        ("code", &code),
        ("code_verifier", VERIFIER),
        ("redirect_uri", redirect_uri),
        ("resource", &mcp),
    ];
    let answer = client
        .post(token_endpoint)
        .form(&form)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let status = answer.status();
    let tokens: Value = answer.json().await.unwrap();
    assert_eq!(status, StatusCode::OK, "{tokens}");
    let access = tokens["access_token"].as_str().unwrap();
    let answer = client.get(&mcp).bearer_auth(access).send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), demo::ALICE);

    // offline_access was kept, so there is a refresh token, and it works here too.
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", demo::MCP_CLIENT),
        ("refresh_token", refresh),
        ("resource", &mcp),
    ];
    let answer = client
        .post(token_endpoint)
        .form(&form)
        .send()
        .await
        .unwrap();
    let status = answer.status();
    let tokens: Value = answer.json().await.unwrap();
    assert_eq!(status, StatusCode::OK, "{tokens}");
    assert!(tokens["access_token"].is_string());

    // Entra ID never saw what it would have refused, and all the rest.
    let journal = world.emulator.journal();
    let full = |entry: &entra_emulator::JournalEntry| {
        entry
            .param("scope")
            .is_some_and(|scope| scope.ends_with(" offline_access"))
            && entry.param("login_hint").is_some()
    };
    assert_eq!(journal.count(full), 1, "{:?}", journal.entries());
    for entry in world.emulator.journal().entries() {
        assert_eq!(
            entry.param("resource"),
            None,
            "{} {}",
            entry.method(),
            entry.path()
        );
        assert_ne!(entry.param("prompt"), Some("consent"));
    }
}

#[tokio::test]
async fn entras_errors_come_back_through_the_facade() {
    let world = World::start().await;
    let mcp = serve(&world).await;
    let token_endpoint = format!("{}/as/token", mcp.trim_end_matches("/mcp"));
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", demo::MCP_CLIENT),
        ("code", "no-such-code"),
        ("code_verifier", VERIFIER),
        ("redirect_uri", demo::MCP_CLIENT_REDIRECT_URI),
    ];
    let answer = client()
        .post(token_endpoint)
        .form(&form)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let error: Value = answer.json().await.unwrap();
    assert_eq!(error["error"], "invalid_grant");
    assert!(error["error_codes"].is_array(), "{error}");
}

/// A confidential client's own secret passes, in the body as well as in the header.
#[tokio::test]
async fn a_confidential_client_authenticates_as_itself() {
    let world = World::start().await;
    let mcp = serve(&world).await;
    let token_endpoint = format!("{}/as/token", mcp.trim_end_matches("/mcp"));
    let client = client();
    let common = [
        ("grant_type", "client_credentials"),
        ("scope", demo::MCP_DEFAULT_SCOPE),
        ("resource", &mcp),
    ];
    let request = || client.post(&token_endpoint);
    let mut in_body = common.to_vec();
    in_body.extend([
        ("client_id", demo::DAEMON),
        ("client_secret", demo::DAEMON_SECRET),
    ]);
    let answer = request().form(&in_body).send().await.unwrap();
    assert_eq!(
        answer.status(),
        StatusCode::OK,
        "{}",
        answer.text().await.unwrap()
    );
    let basic = request()
        .basic_auth(demo::DAEMON, Some(demo::DAEMON_SECRET))
        .form(&common);
    let answer = basic.send().await.unwrap();
    assert_eq!(
        answer.status(),
        StatusCode::OK,
        "{}",
        answer.text().await.unwrap()
    );
    let wrong = request()
        .basic_auth(demo::DAEMON, Some("wrong"))
        .form(&common);
    assert_eq!(
        wrong.send().await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );
}
