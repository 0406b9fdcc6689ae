use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use entra_claims::transport::{BoxFuture, TransportError};
use foundry_scopes::{AppIdUri, Cloud, ScopeName, TenantAuthority, TenantId};
use http::Response;
use serde_json::json;

use super::*;

/// Answers with whatever is set at the moment, and counts.
#[derive(Debug, Default)]
struct Fake {
    answer: Mutex<Option<(u16, String)>>,
    calls: AtomicUsize,
}

impl Fake {
    fn set(&self, status: u16, body: impl ToString) {
        *self.answer.lock().unwrap() = Some((status, body.to_string()));
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

impl HttpTransport for Fake {
    fn send(
        &self,
        request: Request<Vec<u8>>,
    ) -> BoxFuture<'_, Result<Response<Vec<u8>>, TransportError>> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        assert_eq!(request.uri().to_string(), authority().discovery_url());
        let answer = self.answer.lock().unwrap().clone();
        Box::pin(async move {
            tokio::task::yield_now().await;
            let (status, body) = answer.ok_or(TransportError::Connect)?;
            let mut response = Response::new(body.into_bytes());
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            Ok(response)
        })
    }
}

fn authority() -> TenantAuthority {
    let tenant = TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490").unwrap();
    TenantAuthority::new(Cloud::public(), tenant)
}

fn discovery() -> Discovery {
    let resource = ProtectedResource::builder("https://mcp.test/mcp")
        .authority(&authority())
        .identifier_uri(AppIdUri::parse("api://a").unwrap())
        .scope(ScopeName::parse("mcp.read").unwrap())
        .facade()
        .build();
    Discovery::new(&resource.unwrap(), "https://mcp.test/as".to_owned())
}

fn good() -> Value {
    json!({"issuer": authority().issuer_v2(), "jwks_uri": "https://login.microsoftonline.com/k"})
}

#[tokio::test(start_paused = true)]
async fn one_fetch_serves_many_for_an_hour() {
    let (fake, discovery) = (Fake::default(), Arc::new(discovery()));
    fake.set(200, good());
    let (a, b, c) = tokio::join!(
        discovery.document(&fake),
        discovery.document(&fake),
        discovery.document(&fake)
    );
    assert!(a.is_some() && a == b && b == c);
    assert_eq!(fake.calls(), 1);
    tokio::time::advance(FRESH).await;
    assert!(discovery.document(&fake).await.is_some());
    assert_eq!(fake.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_is_held_outlives_a_failure() {
    let (fake, discovery) = (Fake::default(), discovery());
    fake.set(200, good());
    let held = discovery.document(&fake).await;
    tokio::time::advance(FRESH).await;
    fake.set(500, "");
    assert_eq!(discovery.document(&fake).await, held);
}

#[tokio::test(start_paused = true)]
async fn after_a_failure_entra_is_left_alone_for_a_moment() {
    let (fake, discovery) = (Fake::default(), discovery());
    assert_eq!(discovery.document(&fake).await, None);
    assert_eq!(discovery.document(&fake).await, None);
    assert_eq!(fake.calls(), 1);
    fake.set(200, good());
    tokio::time::advance(BACK_OFF).await;
    assert!(discovery.document(&fake).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn only_the_tenants_own_document_is_taken() {
    for (status, body) in [
        (200, json!({"issuer": "https://evil.example/v2.0"})),
        (
            200,
            json!({"issuer": "https://login.microsoftonline.com/{tenantid}/v2.0"}),
        ),
        (200, json!({})),
        (200, json!([])),
        (404, good()),
        (302, good()),
    ] {
        let (fake, discovery) = (Fake::default(), discovery());
        fake.set(status, &body);
        assert_eq!(discovery.document(&fake).await, None, "{status} {body}");
    }
}

#[test]
fn only_what_stays_true_is_kept() {
    let Value::Object(entra) = json!({
        "issuer": "https://login.microsoftonline.com/t/v2.0",
        "authorization_endpoint": "https://login.microsoftonline.com/t/oauth2/v2.0/authorize",
        "token_endpoint": "https://login.microsoftonline.com/t/oauth2/v2.0/token",
        "jwks_uri": "https://login.microsoftonline.com/t/discovery/v2.0/keys",
        "response_types_supported": ["code"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "registration_endpoint": "https://evil.example/register",
        "mtls_endpoint_aliases": {"token_endpoint": "https://around.example/token"},
        "device_authorization_endpoint": "https://login.microsoftonline.com/t/oauth2/v2.0/devicecode",
        "authorization_response_iss_parameter_supported": true,
    }) else {
        panic!("an object");
    };
    let scope = Scope::parse("api://a/mcp.read").unwrap();
    assert_eq!(
        facade_document(&entra, "https://mcp.test/as", &[scope]),
        json!({
            "issuer": "https://mcp.test/as",
            "authorization_endpoint": "https://mcp.test/as/authorize",
            "token_endpoint": "https://mcp.test/as/token",
            "jwks_uri": "https://login.microsoftonline.com/t/discovery/v2.0/keys",
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
            "token_endpoint_auth_methods_supported": ["none", "client_secret_post", "client_secret_basic"],
            "scopes_supported": ["api://a/mcp.read", "offline_access"],
        })
    );
}
