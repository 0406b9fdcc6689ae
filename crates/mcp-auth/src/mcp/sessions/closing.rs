//! The `DELETE` with which a guard closes a session at the server behind it.

use std::fmt;
use std::future::poll_fn;
use std::time::Duration;

use bytes::Bytes;
use http::header::HOST;
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, Uri};
use tower_service::Service;

use crate::mcp::era::SESSION_ID;
use crate::mcp::receive::McpRequestBody;

/// How long the server may take.
const TIME: Duration = Duration::from_secs(10);

/// Where requests of a session go.
#[derive(Clone, Debug)]
pub(in crate::mcp) struct Endpoint {
    uri: Uri,
    host: Option<HeaderValue>,
}

/// What the server needs to close a session.
#[derive(Clone)]
pub(in crate::mcp) struct Closing {
    id: HeaderValue,
    path: Box<str>,
    host: Option<HeaderValue>,
}

impl Endpoint {
    pub(in crate::mcp) fn of(parts: &Parts) -> Self {
        Self {
            uri: parts.uri.clone(),
            host: parts.headers.get(HOST).cloned(),
        }
    }

    /// Copies: nothing of the request's buffer stays as long as the session.
    pub(in crate::mcp) fn closing(&self, id: &[u8]) -> Option<Closing> {
        let mut id = HeaderValue::from_bytes(id).ok()?;
        id.set_sensitive(true);
        let copy = |value: &HeaderValue| HeaderValue::from_bytes(value.as_bytes()).ok();
        Some(Closing {
            id,
            path: self.uri.path().into(),
            host: self.host.as_ref().and_then(copy),
        })
    }
}

impl Closing {
    fn request<B>(&self) -> Option<Request<McpRequestBody<B>>> {
        let mut request = Request::new(McpRequestBody::read(Bytes::new()));
        *request.method_mut() = Method::DELETE;
        *request.uri_mut() = Uri::try_from(&*self.path).ok()?;
        let headers = request.headers_mut();
        headers.insert(SESSION_ID, self.id.clone());
        if let Some(host) = &self.host {
            headers.insert(HOST, host.clone());
        }
        Some(request)
    }

    /// Closes the session at the server.
    pub(in crate::mcp) async fn close<S, B, R>(&self, mut inner: S)
    where
        S: Service<Request<McpRequestBody<B>>, Response = Response<R>>,
    {
        let Some(request) = self.request() else {
            return;
        };
        let answer = async {
            poll_fn(|context| inner.poll_ready(context)).await?;
            inner.call(request).await
        };
        let status = match tokio::time::timeout(TIME, answer).await {
            Ok(Ok(answer)) => Some(answer.status().as_u16()),
            Ok(Err(_)) | Err(_) => None,
        };
        tracing::debug!(
            target: "mcp_auth::sessions",
            status,
            "a session was closed at the server"
        );
    }
}

impl fmt::Debug for Closing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closing")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
