//! An emulator, and a service behind a guard.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use entra_claims::{AcceptedAudiences, Authenticator, Requirement, TenantPolicy, Validator};
use entra_emulator::{Directory, Emulator, demo};
use foundry_scopes::{AppIdUri, ClientId, Cloud, ScopeName, TenantAuthority, TenantId};
use http::header::AUTHORIZATION;
use http::{Request, Response};
use http_body_util::Full;
use mcp_auth::{AuthLayer, Caller, ProtectedResource, ResponseBody};
use serde_json::json;
use tower::{Layer as _, Service, ServiceExt as _};

pub(crate) const URL: &str = "https://mcp.test/mcp";

pub(crate) struct World {
    pub(crate) emulator: Emulator,
    pub(crate) authority: TenantAuthority,
    pub(crate) echo: Echo,
}

/// Answers what it sees, and counts.
#[derive(Clone, Default)]
pub(crate) struct Echo(Arc<AtomicUsize>);

pub(crate) type Answer = Response<ResponseBody<Full<bytes::Bytes>>>;

impl World {
    pub(crate) async fn start() -> Self {
        let emulator = Emulator::start(Directory::demo()).await.unwrap();
        let cloud = Cloud::loopback(emulator.base_url()).unwrap();
        let authority = TenantAuthority::new(cloud, TenantId::parse(demo::TENANT).unwrap());
        Self {
            emulator,
            authority,
            echo: Echo::default(),
        }
    }

    pub(crate) fn authenticator(&self) -> Authenticator {
        let validator = Validator::new(
            self.authority.cloud().clone(),
            TenantPolicy::single(self.authority.tenant()),
            AcceptedAudiences::for_client(ClientId::parse(demo::MCP_SERVER).unwrap()),
        );
        Authenticator::new(validator).unwrap()
    }

    pub(crate) fn resource(&self, url: &str) -> ProtectedResource {
        ProtectedResource::builder(url)
            .authority(&self.authority)
            .identifier_uri(AppIdUri::parse(demo::MCP_SERVER_URI).unwrap())
            .scope(ScopeName::parse(demo::MCP_READ).unwrap())
            .facade()
            .build()
            .unwrap()
    }

    /// The guard of the MCP server: its base scope is needed.
    pub(crate) fn guard(&self) -> AuthLayer {
        self.guard_for(read())
    }

    /// Of whatever host: tests reach it by other names. `tests/wire` looks at hosts.
    pub(crate) fn guard_for(&self, requirement: Requirement) -> AuthLayer {
        AuthLayer::new(self.authenticator(), self.resource(URL), requirement)
            .unwrap()
            .allow_any_host()
    }

    /// Alice's token for the MCP server.
    pub(crate) fn token(&self, scopes: &[&str]) -> String {
        self.forged(scopes).sign().unwrap()
    }

    /// A user's token, with the base scope.
    pub(crate) fn token_of(&self, user: &str) -> String {
        let (tenant, client) = (demo::TENANT, demo::MCP_CLIENT);
        let token = self.emulator.forge().user_token(
            tenant,
            user,
            client,
            demo::MCP_SERVER,
            &[demo::MCP_READ],
        );
        token.unwrap().sign().unwrap()
    }

    pub(crate) fn forged(&self, scopes: &[&str]) -> entra_emulator::ForgedToken {
        let (tenant, client) = (demo::TENANT, demo::MCP_CLIENT);
        let forge = self.emulator.forge();
        forge
            .user_token(tenant, demo::ALICE, client, demo::MCP_SERVER, scopes)
            .unwrap()
    }

    pub(crate) fn app_token(&self, roles: &[&str]) -> String {
        let (tenant, client) = (demo::TENANT, demo::DAEMON);
        let forge = self.emulator.forge();
        forge
            .app_token(tenant, client, demo::MCP_SERVER, roles)
            .unwrap()
            .sign()
            .unwrap()
    }

    pub(crate) async fn ask<B>(&self, guard: &AuthLayer, request: Request<B>) -> Answer {
        guard
            .layer(self.echo.clone())
            .oneshot(request)
            .await
            .unwrap()
    }

    /// Asks with a token and the guard of the MCP server.
    pub(crate) async fn call(&self, token: &str) -> Answer {
        self.ask(&self.guard(), bearer(token)).await
    }

    /// How many requests reached the service.
    pub(crate) fn handled(&self) -> usize {
        self.echo.0.load(Ordering::SeqCst)
    }
}

pub(crate) fn read() -> Requirement {
    Requirement::scope(ScopeName::parse(demo::MCP_READ).unwrap())
}

pub(crate) fn scope(name: &str) -> Requirement {
    Requirement::scope(ScopeName::parse(name).unwrap())
}

/// A request with these `Authorization` fields.
pub(crate) fn with_authorization(values: &[&[u8]]) -> Request<()> {
    let mut request = Request::new(());
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = "/mcp".parse().unwrap();
    for value in values {
        let value = http::HeaderValue::from_bytes(value).unwrap();
        request.headers_mut().append(AUTHORIZATION, value);
    }
    request
}

pub(crate) fn bearer(token: &str) -> Request<()> {
    with_authorization(&[format!("Bearer {token}").as_bytes()])
}

impl<B> Service<Request<B>> for Echo {
    type Response = Response<Full<bytes::Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        self.0.fetch_add(1, Ordering::SeqCst);
        let caller = request.extensions().get::<Caller>();
        let body = json!({
            "authorization": request.headers().contains_key(AUTHORIZATION),
            "object": caller.map(|c| c.principal().object().to_string()),
            "kind": caller.map(|c| c.principal().kind().as_str()),
        });
        ready(Ok(Response::new(Full::from(body.to_string()))))
    }
}
