//! Tokens in outgoing requests over real HTTP, at an API that validates them.

use entra_claims::dangerous;
use entra_emulator::{Directory, Emulator, Fault, demo};
use entra_obo::attach::{ApiOrigins, AttachError, AttachToken};
use entra_obo::{
    ClaimsChallenge, ClientCredential, ClientSecret, Downstream, ExchangeClient, NextStep,
    UserAssertion,
};
use foundry_scopes::{ClientId, Cloud, ScopeSet, TenantAuthority, TenantId};
use http_body_util::Full;
use reqwest::{Body, Client, Method, Request, Response, StatusCode};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const CLAIMS: &str = r#"{"access_token":{"nbf":{"essential":true, "value":"1604106651"}}}"#;

struct World {
    emulator: Emulator,
    client: ExchangeClient,
    orders: Downstream,
    origins: ApiOrigins,
    http: Client,
}

impl World {
    async fn start() -> Self {
        let emulator = Emulator::builder(Directory::demo()).echo_api();
        let emulator = emulator.start().await.unwrap();
        let cloud = Cloud::loopback(emulator.base_url()).unwrap();
        let tenant = TenantId::parse(demo::TENANT).unwrap();
        let client = ExchangeClient::new(
            TenantAuthority::new(cloud, tenant),
            ClientId::parse(demo::MCP_SERVER).unwrap(),
            ClientCredential::secret(ClientSecret::new(demo::MCP_SERVER_SECRET)),
        )
        .unwrap();
        let scopes = ScopeSet::parse(demo::ORDERS_READ_SCOPE).unwrap();
        Self {
            orders: client.downstream(scopes).unwrap(),
            origins: ApiOrigins::new([emulator.base_url()]).unwrap(),
            emulator,
            client,
            http: Client::new(),
        }
    }

    fn as_user(&self, user: &str) -> AttachToken {
        let scopes = [demo::MCP_READ];
        let forge = self.emulator.forge();
        let token = forge
            .user_token(
                demo::TENANT,
                user,
                demo::MCP_CLIENT,
                demo::MCP_SERVER,
                &scopes,
            )
            .unwrap();
        let verified = dangerous::assume_verified(&token.sign().unwrap()).unwrap();
        let assertion = UserAssertion::try_from(&verified).unwrap();
        AttachToken::as_user(&self.orders, assertion, &self.origins)
    }

    fn request(&self) -> Request {
        let url = self.emulator.echo_url(demo::ORDERS_API);
        self.http.post(url).body("the order").build().unwrap()
    }

    async fn call(&self, attach: &AttachToken) -> Result<Response, AttachError> {
        attach.execute(&self.http, self.request()).await
    }

    fn challenge(&self) -> Fault {
        let claims = ClaimsChallenge::from_json(CLAIMS).unwrap().to_base64();
        let field = format!(r#"Bearer realm="", error="insufficient_claims", claims="{claims}""#);
        Fault::status("/echo/", 401).header("WWW-Authenticate", field)
    }
}

async fn whose(answer: Response) -> String {
    assert_eq!(answer.status(), StatusCode::OK);
    let report: Value = answer.json().await.unwrap();
    report["who"]["oid"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn each_users_requests_carry_that_users_token() {
    let world = World::start().await;
    let users = [demo::ALICE, demo::BOB].map(|user| (user, world.as_user(user)));
    for _ in 0..3 {
        for (user, attach) in &users {
            assert_eq!(whose(world.call(attach).await.unwrap()).await, *user);
        }
    }
    assert_eq!(world.client.stats().requests, 2);
}

#[tokio::test]
async fn a_challenge_of_the_api_is_answered_with_a_token_that_it_takes() {
    let world = World::start().await;
    let alice = world.as_user(demo::ALICE);
    world.call(&alice).await.unwrap();
    world.emulator.fail_next(world.challenge());
    assert_eq!(whose(world.call(&alice).await.unwrap()).await, demo::ALICE);
    assert_eq!(world.client.stats().requests, 2);

    world.emulator.fail_next(world.challenge().times(2));
    let answer = world.call(&alice).await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(world.client.stats().requests, 3);
}

#[tokio::test]
async fn a_stream_is_sent_once() {
    let world = World::start().await;
    let alice = world.as_user(demo::ALICE);
    world.call(&alice).await.unwrap();
    let stream = || {
        let mut request = world.request();
        *request.body_mut() = Some(Body::wrap(Full::new("the order".as_bytes())));
        request
    };
    world.emulator.fail_next(world.challenge());
    let answer = alice.execute(&world.http, stream()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    // The new token is there for the next one.
    assert_eq!(world.client.stats().requests, 2);
    let answer = alice.execute(&world.http, stream()).await.unwrap();
    assert_eq!(whose(answer).await, demo::ALICE);
    assert_eq!(world.client.stats().requests, 2);
}

#[tokio::test]
async fn an_exchange_that_needs_the_user_is_the_typed_error() {
    let world = World::start().await;
    let alice = world.as_user(demo::ALICE);
    world.call(&alice).await.unwrap();
    world.emulator.fail_next(world.challenge());
    let refusal = Fault::aadsts("/oauth2/v2.0/token", 50076).claims(CLAIMS);
    world.emulator.fail_next(refusal);
    let error = world.call(&alice).await.unwrap_err();
    let error = error.exchange().unwrap();
    assert_eq!(error.next(), NextStep::PassOnClaims);
    assert_eq!(error.claims().unwrap().as_json(), CLAIMS);
}

#[tokio::test]
async fn the_token_goes_nowhere_else() {
    let world = World::start().await;
    let sink = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    sink.set_nonblocking(true).unwrap();
    let elsewhere = format!("http://{}/stolen", sink.local_addr().unwrap());
    let alice = world.as_user(demo::ALICE);
    for url in [
        elsewhere.as_str(),
        "https://evil.example/",
        "https://localhost/",
    ] {
        let request = Request::new(Method::GET, url.parse().unwrap());
        let error = alice.execute(&world.http, request).await.unwrap_err();
        assert!(matches!(error, AttachError::ForeignOrigin { .. }), "{url}");
    }
    assert_eq!(world.client.stats().requests, 0);
    let connection = sink.accept().unwrap_err();
    assert_eq!(connection.kind(), std::io::ErrorKind::WouldBlock);

    // A redirect to another origin is followed by the client, without the token.
    let redirect = Fault::redirect("/echo/", elsewhere.clone());
    world.emulator.fail_next(redirect);
    let sink = TcpListener::from_std(sink).unwrap();
    let headers = tokio::spawn(async move {
        let (mut connection, _) = sink.accept().await.unwrap();
        let mut bytes = vec![0; 16 * 1024];
        let length = connection.read(&mut bytes).await.unwrap();
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        connection.write_all(answer).await.unwrap();
        String::from_utf8(bytes[..length].to_vec()).unwrap()
    });
    world.call(&alice).await.unwrap();
    let headers = headers.await.unwrap().to_ascii_lowercase();
    assert!(headers.contains("/stolen"), "{headers}");
    assert!(!headers.contains("authorization"), "{headers}");
    assert!(!headers.contains("bearer"), "{headers}");
}

/// Where a client was redirected to does not choose the claims of the user's token.
#[tokio::test]
async fn the_challenge_of_a_foreign_host_is_not_followed() {
    let world = World::start().await;
    let alice = world.as_user(demo::ALICE);
    let sink = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let elsewhere = format!("http://{}/steer", sink.local_addr().unwrap());
    let claims = ClaimsChallenge::from_json(CLAIMS).unwrap().to_base64();
    let foreign = tokio::spawn(async move {
        for n in 0..4 {
            let (mut connection, _) = sink.accept().await.unwrap();
            let mut bytes = vec![0; 16 * 1024];
            assert_ne!(connection.read(&mut bytes).await.unwrap(), 0);
            let field = match n % 2 {
                0 => format!(r#"Bearer error="insufficient_claims", claims="{claims}""#),
                _ => r#"Bearer error="invalid_token""#.to_owned(),
            };
            let answer = format!(
                "HTTP/1.1 401 Unauthorized\r\nwww-authenticate: {field}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
            connection.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    for _ in 0..4 {
        world
            .emulator
            .fail_next(Fault::redirect("/echo/", elsewhere.clone()));
        let answer = world.call(&alice).await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    }
    foreign.await.unwrap();
    assert_eq!(
        world.client.stats().requests,
        1,
        "no token with foreign claims"
    );
}
