//! `mcp-auth`: credentials of requests.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll};

use entra_claims::transport::{BoxFuture, HttpTransport, TransportError};
use entra_claims::{Authenticator, Requirement};
use foundry_scopes::{AppIdUri, Cloud, ScopeName, TenantAuthority, TenantId};
use http::header::AUTHORIZATION;
use http::{HeaderValue, Request, Response, Uri};
use mcp_auth::{AuthLayer, Caller, Refusal};
use tokio::runtime::{Builder, Runtime};
use tower_layer::Layer;
use tower_service::Service;

use crate::check::one_line;
use crate::claims::world::{API, KEYS, ORIGINAL, TENANT, validator};

pub(crate) static GUARD: LazyLock<AuthLayer> = LazyLock::new(|| {
    let authenticator = Authenticator::builder(validator()).transport(Arc::new(Published));
    AuthLayer::for_api(
        authenticator.build().expect("an authenticator"),
        AppIdUri::parse(&format!("api://{API}")).expect("an App ID URI"),
        Requirement::scope(ScopeName::parse("access_as_user").expect("a scope name")),
    )
    .expect("a guard")
});

pub(crate) static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = Builder::new_current_thread();
    builder.enable_time().build().expect("a runtime")
});

/// The guard of `mcp-auth` on a request: the first line of `data` is the query, each further one
/// an `Authorization` field.
///
/// A request passes only with the signed token in its one field and none in its query, what is
/// behind the guard sees no credentials, and a refusal repeats nothing of them.
pub fn bearer(data: &[u8]) {
    let mut lines = data.split(|byte| *byte == b'\n');
    let query = lines.next().unwrap_or_default();
    let Ok(uri) = Uri::try_from([b"/mcp?", query].concat()) else {
        return;
    };
    let fields: Vec<&[u8]> = lines.collect();
    let mut request = Request::new(());
    *request.uri_mut() = uri;
    for field in &fields {
        let Ok(value) = HeaderValue::from_bytes(field) else {
            return;
        };
        request.headers_mut().append(AUTHORIZATION, value);
    }

    let answer = RUNTIME.block_on(async { GUARD.layer(Behind).call(request).await });
    let Ok(answer) = answer;
    let passed = answer.status() == http::StatusCode::OK;
    let good = matches!(fields[..], [field] if is_the_original(field));
    let named = |pair: &[u8]| pair.split(|b| *b == b'=').next() == Some(b"access_token");
    let in_query = query.split(|byte| *byte == b'&').any(named);
    if passed {
        assert!(good && !in_query);
        return;
    }
    // Escapes can spell a token's name in the query: only without them the answer is plain.
    let plain = !query.iter().any(|byte| b"%+".contains(byte));
    assert!(!(good && plain && !in_query), "refused: {answer:?}");
    assert!([400, 401, 503].contains(&answer.status().as_u16()));
    // Fields are made from the original mostly. Runs of the field itself say nothing: a fuzzer
    // learns to write down the challenge.
    for value in answer.headers().values() {
        let value = value.to_str().expect("plain ASCII");
        for run in (24..=value.len()).map(|end| &value[end - 24..end]) {
            assert!(!ORIGINAL.contains(run), "repeats the token: {value}");
        }
    }
    let refusal = answer.extensions().get::<Refusal>();
    one_line(&refusal.expect("a refusal says why").explain());
}

/// The caller that the original token stands for.
pub(crate) fn caller() -> Caller {
    let mut request = Request::new(());
    let field = HeaderValue::try_from(format!("Bearer {ORIGINAL}")).expect("a field");
    request.headers_mut().insert(AUTHORIZATION, field);
    let Ok(answer) = RUNTIME.block_on(async { GUARD.layer(Behind).call(request).await });
    let caller = answer.extensions().get::<Caller>();
    caller.expect("the original passes").clone()
}

/// `Bearer`, in any case, blanks, and the token to its end.
fn is_the_original(field: &[u8]) -> bool {
    let Some((scheme, rest)) = field.split_at_checked(6) else {
        return false;
    };
    let blanks = rest.iter().take_while(|byte| **byte == b' ').count();
    scheme.eq_ignore_ascii_case(b"bearer") && blanks > 0 && &rest[blanks..] == ORIGINAL.as_bytes()
}

/// An authority that answers from memory.
#[derive(Debug)]
pub(crate) struct Published;

impl HttpTransport for Published {
    fn send(
        &self,
        request: Request<Vec<u8>>,
    ) -> BoxFuture<'_, Result<Response<Vec<u8>>, TransportError>> {
        let tenant = TenantId::parse(TENANT).expect("a tenant id");
        let authority = TenantAuthority::new(Cloud::public(), tenant);
        let keys = format!("https://login.microsoftonline.com/{TENANT}/discovery/v2.0/keys");
        let body = if *request.uri() == *keys {
            KEYS.to_vec()
        } else {
            let issuer = authority.issuer_v2();
            format!(r#"{{"issuer":"{issuer}","jwks_uri":"{keys}"}}"#).into_bytes()
        };
        Box::pin(ready(Ok(Response::new(body))))
    }
}

/// What stands behind the guard.
#[derive(Clone)]
struct Behind;

impl Service<Request<()>> for Behind {
    type Response = Response<()>;
    type Error = Infallible;
    type Future = Ready<Result<Response<()>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        assert!(!request.headers().contains_key(AUTHORIZATION));
        let caller = request.extensions().get::<Caller>();
        let caller = caller.expect("nobody passes unnamed");
        assert_eq!(caller.token().expose_token(), ORIGINAL);
        let caller = caller.clone();
        let mut answer = Response::new(());
        answer.extensions_mut().insert(caller);
        ready(Ok(answer))
    }
}

#[cfg(test)]
mod tests {
    use super::{ORIGINAL, bearer, is_the_original};

    /// The target demands that a good field passes; here is one.
    #[test]
    fn the_good_seed_is_good() {
        let seed = include_bytes!("../seeds/bearer/good.txt");
        assert!(is_the_original(&seed[1..]));
        assert!(!is_the_original(ORIGINAL.as_bytes()));
        bearer(seed);
    }
}
