//! What several tests need.
#![allow(dead_code, reason = "each test file uses a part")]

pub(crate) mod log;
#[cfg(all(feature = "axum", feature = "rmcp"))]
pub(crate) mod mcp;
pub(crate) mod world;

use std::sync::Mutex;

use entra_claims::transport::{BoxFuture, HttpTransport, TransportError};
use foundry_scopes::{AppIdUri, Cloud, ScopeName, TenantAuthority, TenantId};
use http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{Request, Response};
use http_body::Body;
use http_body_util::{BodyExt as _, Full};
use mcp_auth::{ProtectedResource, ProtectedResourceBuilder};
use serde_json::Value;

pub(crate) const TENANT: &str = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";
pub(crate) const API: &str = "api://11112222-bbbb-3333-cccc-4444dddd5555";

pub(crate) fn authority() -> TenantAuthority {
    TenantAuthority::new(Cloud::public(), TenantId::parse(TENANT).unwrap())
}

pub(crate) fn resource(url: &str) -> ProtectedResourceBuilder {
    ProtectedResource::builder(url)
        .authority(&authority())
        .identifier_uri(AppIdUri::parse(API).unwrap())
        .scope(ScopeName::parse("mcp.read").unwrap())
}

/// A request that a client might send.
pub(crate) fn request(method: &str, uri: &str) -> Request<Full<bytes::Bytes>> {
    let mut request = Request::new(Full::default());
    *request.method_mut() = method.parse().unwrap();
    *request.uri_mut() = uri.parse().unwrap();
    request
}

pub(crate) fn form(uri: &str, body: &str) -> Request<Full<bytes::Bytes>> {
    let mut request = request("POST", uri);
    let form = "application/x-www-form-urlencoded".parse().unwrap();
    request.headers_mut().insert(CONTENT_TYPE, form);
    *request.body_mut() = Full::from(body.to_owned());
    request
}

pub(crate) async fn text<B>(response: Response<B>) -> String
where
    B: Body,
    B::Error: std::fmt::Debug,
{
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub(crate) async fn json<B>(response: Response<B>) -> Value
where
    B: Body,
    B::Error: std::fmt::Debug,
{
    serde_json::from_str(&text(response).await).unwrap()
}

/// The one challenge of an answer.
pub(crate) fn challenge<B>(response: &Response<B>) -> &str {
    let mut all = response.headers().get_all(WWW_AUTHENTICATE).iter();
    let (Some(one), None) = (all.next(), all.next()) else {
        panic!("one challenge is needed: {:?}", response.headers());
    };
    one.to_str().unwrap()
}

/// A token endpoint and a discovery document; it remembers what it was sent.
#[derive(Debug)]
pub(crate) struct Upstream {
    pub(crate) seen: Mutex<Vec<Request<Vec<u8>>>>,
    pub(crate) answer: Mutex<Result<Response<Vec<u8>>, TransportError>>,
}

impl Upstream {
    pub(crate) fn answering(status: u16, body: &str) -> std::sync::Arc<Self> {
        let response = Response::builder()
            .status(status)
            .body(body.as_bytes().to_vec());
        Self::giving(Ok(response.unwrap()))
    }

    pub(crate) fn giving(
        answer: Result<Response<Vec<u8>>, TransportError>,
    ) -> std::sync::Arc<Self> {
        std::sync::Arc::new(Self {
            seen: Mutex::new(Vec::new()),
            answer: Mutex::new(answer),
        })
    }

    pub(crate) fn calls(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    pub(crate) fn last(&self) -> Request<Vec<u8>> {
        self.seen.lock().unwrap().last().unwrap().clone()
    }
}

impl HttpTransport for Upstream {
    fn send(
        &self,
        request: Request<Vec<u8>>,
    ) -> BoxFuture<'_, Result<Response<Vec<u8>>, TransportError>> {
        self.seen.lock().unwrap().push(request);
        let answer = self.answer.lock().unwrap().clone();
        Box::pin(async move { answer })
    }
}
