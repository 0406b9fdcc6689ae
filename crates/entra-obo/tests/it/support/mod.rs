//! A scripted token endpoint, users with tokens, and futures that are dropped half-way.
#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "test code; every file uses its own part of this"
)]

pub mod flows;
pub mod scan;
pub mod store;
pub mod trace;

pub use scan::assert_clean;

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entra_claims::transport::{BoxFuture, HttpTransport, TransportError};
use entra_claims::{ManualClock, dangerous};
use entra_obo::{
    ClientCredential, ClientSecret, Downstream, ExchangeClient, ExchangeClientBuilder,
    UserAssertion,
};
use foundry_scopes::{ClientId, Cloud, ScopeSet, TenantAuthority, TenantId};
use http::{Request, Response};

pub const NOW: i64 = 1_700_000_000;
pub const TENANT: &str = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";
pub const OTHER_TENANT: &str = "f645ad92-e38d-4d1a-b510-d1b09a74a8ca";
pub const CLIENT: &str = "11112222-bbbb-3333-cccc-4444dddd5555";
pub const SECRET: &str = "the-client-secret-value~+/=";
pub const SCOPE: &str = "api://downstream/orders.read";

/// The compact token of a user: nobody checks its signature here.
pub fn compact(tenant: &str, user: u32, salt: &str, claims: &str) -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT","kid":"k"}"#);
    let payload = format!(
        r#"{{"aud":"{CLIENT}","iss":"https://login.microsoftonline.com/{tenant}/v2.0","tid":"{tenant}","oid":"aaaaaaaa-0000-1111-2222-{user:012x}","azp":"22223333-cccc-4444-dddd-5555eeee6666","sub":"s-{user}","uti":"{salt}","ver":"2.0",{claims}}}"#
    );
    format!("{header}.{}.c2lnbmF0dXJl", URL_SAFE_NO_PAD.encode(payload))
}

pub fn token(tenant: &str, user: u32, salt: &str) -> String {
    let claims = format!(r#""scp":"access_as_user","exp":{}"#, NOW + 4000);
    compact(tenant, user, salt, &claims)
}

pub fn assertion_of(token: &str) -> UserAssertion {
    UserAssertion::try_from(&dangerous::assume_verified(token).unwrap()).unwrap()
}

pub fn user(n: u32) -> UserAssertion {
    assertion_of(&token(TENANT, n, ""))
}

pub fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
}

/// What the endpoint below answers to a request with this assertion and scope.
pub fn expected(assertion: &str, scope: &str) -> String {
    format!("{}.{}", hash(assertion), hash(scope))
}

pub fn tenant(text: &str) -> TenantId {
    TenantId::parse(text).unwrap()
}

pub fn authority() -> TenantAuthority {
    TenantAuthority::new(Cloud::public(), tenant(TENANT))
}

/// A request as the endpoint sees it.
#[derive(Clone)]
pub struct Seen {
    pub uri: String,
    pub headers: http::HeaderMap,
    pub form: HashMap<String, String>,
}

impl Seen {
    pub fn get(&self, name: &str) -> &str {
        self.form.get(name).map_or("", String::as_str)
    }
}

pub type Reply = Result<Response<Vec<u8>>, TransportError>;

type Script = dyn Fn(&Seen, usize) -> Reply + Send + Sync;

/// The token endpoint: a closure decides, everything is recorded.
pub struct Endpoint {
    script: Box<Script>,
    seen: Mutex<Vec<Seen>>,
    calls: AtomicUsize,
    /// How often a request is put back before it is answered.
    pub yields: AtomicUsize,
    /// While locked, nothing is answered.
    pub gate: tokio::sync::RwLock<()>,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Endpoint")
    }
}

impl Endpoint {
    pub fn new(script: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            script: Box::new(script),
            seen: Mutex::default(),
            calls: AtomicUsize::new(0),
            yields: AtomicUsize::new(0),
            gate: tokio::sync::RwLock::new(()),
        })
    }

    /// Always grants.
    pub fn granting() -> Arc<Self> {
        Self::new(|seen, _| grant(seen, 3600, ""))
    }

    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

impl HttpTransport for Endpoint {
    fn send(&self, request: Request<Vec<u8>>) -> BoxFuture<'_, Reply> {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let seen = Seen {
                uri: head.uri.to_string(),
                headers: head.headers,
                form: url::form_urlencoded::parse(&body).into_owned().collect(),
            };
            let n = self.calls.fetch_add(1, Ordering::SeqCst);
            self.seen.lock().unwrap().push(seen.clone());
            for _ in 0..self.yields.load(Ordering::SeqCst) {
                tokio::task::yield_now().await;
            }
            let _open = self.gate.read().await;
            (self.script)(&seen, n)
        })
    }
}

pub fn json(status: u16, body: impl Into<Vec<u8>>) -> Response<Vec<u8>> {
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(body.into())
        .unwrap()
}

pub fn with_header(mut response: Response<Vec<u8>>, name: &'static str, value: &str) -> Reply {
    response.headers_mut().insert(name, value.parse().unwrap());
    Ok(response)
}

/// A token that says for whom and for what it was made.
pub fn grant(seen: &Seen, expires_in: u64, more: &str) -> Reply {
    let token = expected(seen.get("assertion"), seen.get("scope"));
    let scope = seen.get("scope");
    Ok(json(
        200,
        format!(
            r#"{{"token_type":"Bearer","scope":"{scope}","expires_in":{expires_in},{more}"access_token":"{token}"}}"#
        ),
    ))
}

pub fn refuse(status: u16, error: &str, suberror: &str, code: u32) -> Response<Vec<u8>> {
    json(
        status,
        format!(r#"{{"error":"{error}","suberror":"{suberror}","error_codes":[{code}]}}"#),
    )
}

/// A client at the scripted endpoint.
pub struct World {
    pub endpoint: Arc<Endpoint>,
    pub clock: Arc<ManualClock>,
    pub client: ExchangeClient,
    pub api: Downstream,
}

impl World {
    pub fn new(endpoint: Arc<Endpoint>) -> Self {
        Self::with(endpoint, |builder| builder)
    }

    pub fn with(
        endpoint: Arc<Endpoint>,
        choose: impl FnOnce(ExchangeClientBuilder) -> ExchangeClientBuilder,
    ) -> Self {
        Self::at(Arc::new(ManualClock::at(NOW)), endpoint, choose)
    }

    /// With a clock that others look at too.
    pub fn at(
        clock: Arc<ManualClock>,
        endpoint: Arc<Endpoint>,
        choose: impl FnOnce(ExchangeClientBuilder) -> ExchangeClientBuilder,
    ) -> Self {
        let builder = ExchangeClient::builder(
            authority(),
            ClientId::parse(CLIENT).unwrap(),
            ClientCredential::secret(ClientSecret::new(SECRET)),
        );
        let client = choose(builder)
            .transport(endpoint.clone())
            .clock(clock.clone())
            .build()
            .unwrap();
        let api = client.downstream(scopes(SCOPE)).unwrap();
        Self {
            endpoint,
            clock,
            client,
            api,
        }
    }

    /// Lets other tasks run until nothing is in flight. The limit only ends a test that
    /// would hang.
    pub async fn settle(&self) {
        let start = std::time::Instant::now();
        while self.client.stats().in_flight > 0 {
            assert!(start.elapsed().as_secs() < 60, "something stays in flight");
            tokio::task::yield_now().await;
        }
    }
}

pub fn scopes(text: &str) -> ScopeSet {
    ScopeSet::parse(text).unwrap()
}

/// Polls the inner future a number of times and then drops it.
pub struct DropAfter<F> {
    inner: Option<Pin<Box<F>>>,
    polls: usize,
}

impl<F: Future> DropAfter<F> {
    pub fn new(inner: F, polls: usize) -> Self {
        Self {
            inner: Some(Box::pin(inner)),
            polls,
        }
    }
}

impl<F: Future> Future for DropAfter<F> {
    /// `None` when it was dropped before it was ready.
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.polls == 0 {
            self.inner = None;
            return Poll::Ready(None);
        }
        self.polls -= 1;
        let Some(inner) = &mut self.inner else {
            return Poll::Ready(None);
        };
        match inner.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => {
                // The next poll comes whether or not anything happened.
                context.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }
}
