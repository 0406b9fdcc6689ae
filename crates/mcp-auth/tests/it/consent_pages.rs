//! The consent pages without rmcp: what an ordinary API does with them, and their settings.

use std::sync::{Arc, Mutex};

use crate::common::world::{World, bearer, read};
use entra_emulator::demo;
use entra_obo::{ClientCredential, ClientSecret, Consent, ExchangeClient};
use foundry_scopes::{ClientId, ScopeSet};
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use mcp_auth::{Caller, ConsentLink, ConsentPages};
use tower::{Layer as _, ServiceExt as _, service_fn};

/// Alice, as a guard hands her to a handler.
async fn alice(world: &World) -> Caller {
    let seen = Arc::new(Mutex::new(None));
    let handler = {
        let seen = Arc::clone(&seen);
        service_fn(move |request: Request<()>| {
            let caller = request.extensions().get::<Caller>().cloned();
            *seen.lock().unwrap() = caller;
            async {
                Ok::<_, std::convert::Infallible>(Response::new(Full::<bytes::Bytes>::default()))
            }
        })
    };
    let guard = world.guard_for(read());
    let request = bearer(&world.token_of(demo::ALICE));
    let answer = guard.layer(handler).oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let caller = seen.lock().unwrap().take();
    caller.unwrap()
}

fn exchange(world: &World, client: &str, secret: &str) -> ExchangeClient {
    let secret = ClientCredential::secret(ClientSecret::new(secret));
    ExchangeClient::new(
        world.authority.clone(),
        ClientId::parse(client).unwrap(),
        secret,
    )
    .unwrap()
}

fn pages(world: &World, url: &str) -> ConsentPages {
    let exchange = exchange(world, demo::MCP_SERVER, demo::MCP_SERVER_SECRET);
    let builder = ConsentPages::builder(url, exchange, world.authenticator());
    builder.build().unwrap()
}

/// What Alice has to consent to for the exchange of this client.
async fn missing(alice: &Caller, exchange: &ExchangeClient) -> Consent {
    let payroll = ScopeSet::parse(demo::PAYROLL_READ_SCOPE).unwrap();
    let payroll = exchange.downstream(payroll).unwrap();
    let error = alice.on_behalf_of(&payroll).await.unwrap_err();
    error.exchange().unwrap().consent().unwrap().clone()
}

#[tokio::test]
async fn an_ordinary_api_has_pages_too() {
    let world = World::start().await;
    let alice = alice(&world).await;
    let pages = pages(&world, "https://api.test/consent");
    let ours = exchange(&world, demo::MCP_SERVER, demo::MCP_SERVER_SECRET);
    let consent = missing(&alice, &ours).await;
    let ConsentLink::Open { url } = pages.consent(&alice, &consent).await else {
        panic!("a page");
    };
    let path = url.strip_prefix("https://api.test").unwrap();
    let answer = pages
        .clone()
        .oneshot(Request::get(path).body(()).unwrap())
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);

    // Over https the cookie is of this host alone, and never goes over plain http.
    let answer = pages
        .oneshot(Request::post(path).body(()).unwrap())
        .await
        .unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-mcp-consent-"), "{cookie}");
    assert!(
        cookie.ends_with("; HttpOnly; SameSite=Lax; Secure"),
        "{cookie}"
    );
    assert!(!cookie.contains("Domain"), "{cookie}");
}

/// The pages sign in and consent as one application; another one's consent is not theirs.
#[tokio::test]
async fn another_applications_consent_has_no_page_here() {
    const OTHER: &str = "c0de0000-a4b1-4000-8000-0000000000c9";
    let world = World::start().await;
    let alice = alice(&world).await;
    let ours = exchange(&world, demo::MCP_SERVER, demo::MCP_SERVER_SECRET);
    let consent = missing(&alice, &ours).await;
    let other = exchange(&world, OTHER, "s");
    let builder = ConsentPages::builder("https://api.test/consent", other, world.authenticator());
    assert_eq!(
        builder.build().unwrap().consent(&alice, &consent).await,
        ConsentLink::NotForUsers
    );
}

/// Agents of a blueprint that the pages do not serve have no page here.
#[tokio::test]
async fn an_agent_of_another_blueprint_has_no_page_here() {
    let world = World::start().await;
    let alice = alice(&world).await;
    let id = |text| ClientId::parse(text).unwrap();
    let consent = Consent::for_agent(
        world.authority.clone(),
        id(demo::AGENT),
        id(demo::BLUEPRINT),
        ScopeSet::parse(demo::PAYROLL_READ_SCOPE).unwrap(),
    );
    for (served, page) in [
        (None, false),
        (Some(demo::MCP_SERVER), false),
        (Some(demo::BLUEPRINT), true),
    ] {
        let ours = exchange(&world, demo::MCP_SERVER, demo::MCP_SERVER_SECRET);
        let url = "https://api.test/consent";
        let mut pages = ConsentPages::builder(url, ours, world.authenticator());
        if let Some(served) = served {
            pages = pages.agents_of(id(served));
        }
        let link = pages.build().unwrap().consent(&alice, &consent).await;
        assert_eq!(matches!(link, ConsentLink::Open { .. }), page, "{served:?}");
    }
}

/// Where only administrators may consent, users have no page.
#[tokio::test]
async fn an_administrators_consent_has_no_page() {
    let world = World::start().await;
    let alice = alice(&world).await;
    let fault = entra_emulator::Fault::aadsts("/oauth2/v2.0/token", 90094);
    world.emulator.fail_next(fault);
    let ours = exchange(&world, demo::MCP_SERVER, demo::MCP_SERVER_SECRET);
    let consent = missing(&alice, &ours).await;
    let page = pages(&world, "https://api.test/consent");
    let page = page.consent(&alice, &consent).await;
    assert_eq!(page, ConsentLink::NotForUsers);
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused() {
    let world = World::start().await;
    for url in [
        "http://api.test/consent",
        "https://api.test",
        "https://api.test/",
        "https://api.test/consent/",
        "https://api.test/consent?x=1",
        "https://api.test/consent#x",
        "consent",
    ] {
        let exchange = exchange(&world, demo::MCP_SERVER, demo::MCP_SERVER_SECRET);
        let builder = ConsentPages::builder(url, exchange, world.authenticator());
        assert!(builder.build().is_err(), "{url}");
    }
    let pages = pages(&world, "http://localhost:1/auth/consent");
    assert_eq!(
        pages.redirect_uri(),
        "http://localhost:1/auth/consent/callback"
    );
    assert_eq!(pages.path(), "/auth/consent");
}
