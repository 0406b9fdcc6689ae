//! `mcp-auth`: hosts and origins of requests.

use std::convert::Infallible;
use std::future::Ready;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll};

use entra_claims::{Authenticator, Requirement};
use foundry_scopes::{AppIdUri, ScopeName};
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, HOST, ORIGIN};
use http::{HeaderValue, Method, Request, Response};
use mcp_auth::{AllowedHost, AllowedOrigin, AuthLayer, Refusal};
use tower_layer::Layer;
use tower_service::Service;

use crate::bearer::{Published, RUNTIME};
use crate::check::one_line;
use crate::claims::world::{API, validator};

const GOOD_HOST: &str = "orders.internal:8080";
const GOOD_ORIGIN: &str = "https://good.example";

static GUARD: LazyLock<AuthLayer> = LazyLock::new(|| {
    let authenticator = Authenticator::builder(validator()).transport(Arc::new(Published));
    AuthLayer::for_api(
        authenticator.build().expect("an authenticator"),
        AppIdUri::parse(&format!("api://{API}")).expect("an App ID URI"),
        Requirement::scope(ScopeName::parse("access_as_user").expect("a scope name")),
    )
    .expect("a guard")
    .allow_hosts([AllowedHost::parse(GOOD_HOST).expect("a host")])
    .allow_origins([AllowedOrigin::parse(GOOD_ORIGIN).expect("an origin")])
});

/// The guard of `mcp-auth` on a request without a token: the lines of `data` are the method, one
/// `Host` field, one `Origin` field, and what a preflight asks for.
///
/// Another host or another origin is refused before anything else, nobody but the listed origin
/// is told that it may read, and nothing passes.
pub fn origin(data: &[u8]) {
    let mut lines = data.splitn(4, |byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let (method, host, origin, asked) = (line(), line(), line(), line());
    let Ok(method) = Method::from_bytes(method) else {
        return;
    };
    let mut request = Request::new(());
    *request.method_mut() = method.clone();
    for (name, value) in [
        (HOST, host),
        (ORIGIN, origin),
        (http::header::ACCESS_CONTROL_REQUEST_METHOD, asked),
        (http::header::ACCESS_CONTROL_REQUEST_HEADERS, asked),
    ] {
        let Ok(value) = HeaderValue::from_bytes(value) else {
            return;
        };
        if !value.is_empty() {
            request.headers_mut().insert(name, value);
        }
    }
    let ours = |host: &[u8]| host.eq_ignore_ascii_case(GOOD_HOST.as_bytes());
    let host_is_good = host.is_empty() || ours(host);
    let origin_is_good = origin.is_empty() || origin == GOOD_ORIGIN.as_bytes();

    let Ok(answer) = RUNTIME.block_on(async { GUARD.layer(Nobody).call(request).await });
    let refusal = answer.extensions().get::<Refusal>();
    match answer.status().as_u16() {
        204 => {
            assert!(host_is_good && origin == GOOD_ORIGIN.as_bytes() && method == Method::OPTIONS);
        }
        401 => assert!(host_is_good && origin_is_good),
        403 => assert!(!(host_is_good && origin_is_good)),
        other => panic!("{other}"),
    }
    let told = answer.headers().get(ACCESS_CONTROL_ALLOW_ORIGIN);
    assert!(told.is_none_or(|told| told == GOOD_ORIGIN && origin == told.as_bytes()));
    for value in answer.headers().values() {
        one_line(value.to_str().expect("plain ASCII"));
    }
    if let Some(refusal) = refusal {
        one_line(&refusal.explain());
    }
}

/// What stands behind the guard, where nobody comes without a token.
#[derive(Clone)]
struct Nobody;

impl Service<Request<()>> for Nobody {
    type Response = Response<()>;
    type Error = Infallible;
    type Future = Ready<Result<Response<()>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        panic!("passed without a token: {request:?}");
    }
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn the_seeds_that_are_good_are_good() {
        origin(b"OPTIONS\nORDERS.internal:8080\nhttps://good.example\nPOST");
        origin(b"POST\n\n\n");
    }
}
