//! `mcp-auth`: what a server handed out and gets back, and requests to its consent pages.

use std::future::ready;
use std::sync::{Arc, LazyLock};

use entra_claims::transport::{BoxFuture, HttpTransport, TransportError};
use entra_claims::{Authenticator, ManualClock};
use entra_obo::{ClientCredential, ClientSecret, ExchangeClient};
use foundry_scopes::{ClientId, Cloud, ScopeSet, TenantAuthority, TenantId};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use mcp_auth::shared::{SealingKeys, SealingSecret};
use mcp_auth::{Caller, ConsentLink, ConsentPages, SealedHandles};
use tower_service::Service;

use crate::bearer::{Published, RUNTIME, caller};
use crate::claims::world::{API, NOW, TENANT, validator};

/// Where the pages are.
const BASE: &str = "https://mcp.contoso.example/consent";

/// Stands in a seed for the id of the page that is open.
const ID: &str = "PAGE-ID";

static CALLER: LazyLock<Caller> = LazyLock::new(caller);

static HANDLES: LazyLock<SealedHandles> = LazyLock::new(|| {
    let keys = SealingKeys::new(SealingSecret::new(&[7; 32]));
    SealedHandles::new(&keys, "cart").expect("handles")
});

/// A handle that a client brings back: `data` as text.
///
/// It opens if this server sealed it for this caller, and then it is what was sealed;
/// changed in any place it does not.
pub fn sealed(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    // Only what the seeds hold was ever sealed with this key.
    if let Ok(id) = HANDLES.open(&CALLER, text) {
        assert_eq!(id, "17");
        assert_eq!(
            text,
            include_str!("../seeds/sealed/good.txt"),
            "two texts for one value"
        );
    }
}

static PAGES: LazyLock<(ConsentPages, String)> = LazyLock::new(|| {
    let clock = Arc::new(ManualClock::at(NOW));
    let tenant = TenantId::parse(TENANT).expect("a tenant id");
    let exchange = ExchangeClient::builder(
        TenantAuthority::new(Cloud::public(), tenant),
        ClientId::parse(API).expect("a client id"),
        ClientCredential::secret(ClientSecret::new("s")),
    )
    .transport(Arc::new(Unconsented))
    .clock(clock)
    .build()
    .expect("an exchange client");
    let authenticator = Authenticator::builder(validator()).transport(Arc::new(Published));
    let authenticator = authenticator.build().expect("an authenticator");
    let pages = ConsentPages::builder(BASE, exchange.clone(), authenticator);
    let pages = pages.build().expect("pages");

    let scopes = ScopeSet::parse("https://graph.microsoft.com/User.Read").expect("a scope");
    let graph = exchange.downstream(scopes).expect("a downstream");
    let error = RUNTIME
        .block_on(CALLER.on_behalf_of(&graph))
        .expect_err("no consent");
    let consent = error
        .exchange()
        .and_then(|error| error.consent())
        .expect("what to consent to");
    let link = RUNTIME.block_on(pages.consent(&CALLER, consent));
    let ConsentLink::Open { url } = link else {
        panic!("a page");
    };
    let id = url.rsplit('/').next().expect("an id").to_owned();
    (pages, id)
});

/// A request to the consent pages: the lines of `data` are the method, path and query, and
/// fields.
///
/// Whatever it says, no code is redeemed and nobody is sent on: a cookie of a browser that
/// pressed the button is missing. Only the button, on the page that is open, sets one.
pub fn consent(data: &[u8]) {
    let (pages, id) = &*PAGES;
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let text = text.replace(ID, id);
    let mut lines = text.split('\n');
    let mut request = Request::new(());
    let Ok(method) = Method::from_bytes(lines.next().unwrap_or_default().as_bytes()) else {
        return;
    };
    let path = lines.next().unwrap_or_default();
    let Ok(uri) = path.parse() else {
        return;
    };
    *request.method_mut() = method.clone();
    *request.uri_mut() = uri;
    for field in lines {
        let Some((name, value)) = field.split_once(':') else {
            return;
        };
        let name = HeaderName::try_from(name.trim());
        let value = HeaderValue::try_from(value.trim());
        let (Ok(name), Ok(value)) = (name, value) else {
            return;
        };
        request.headers_mut().append(name, value);
    }
    let page = request.uri().path().strip_prefix("/consent/") == Some(id);
    let Ok(answer) = RUNTIME.block_on(pages.clone().call(request));
    let status = answer.status().as_u16();
    assert!(
        [200, 204, 403, 404, 405, 429, 503].contains(&status),
        "{status}"
    );
    assert!(answer.headers().get("location").is_none(), "sent on");
    let shown = status == 200;
    assert!(!shown || page, "a page that is not open: {path}");
    let began = answer.headers().contains_key("set-cookie");
    assert!(
        !began || (page && method == Method::POST),
        "a sign-in began: {path}"
    );
}

/// Entra ID, where nobody consented to anything. A code never comes here.
#[derive(Debug)]
struct Unconsented;

impl HttpTransport for Unconsented {
    fn send(
        &self,
        request: Request<Vec<u8>>,
    ) -> BoxFuture<'_, Result<Response<Vec<u8>>, TransportError>> {
        let form = String::from_utf8_lossy(request.body());
        assert!(
            !form.contains("authorization_code"),
            "a code is redeemed: {form}"
        );
        let body =
            br#"{"error":"invalid_grant","suberror":"consent_required","error_codes":[65001]}"#;
        let mut answer = Response::new(body.to_vec());
        *answer.status_mut() = StatusCode::BAD_REQUEST;
        Box::pin(ready(Ok(answer)))
    }
}

#[cfg(test)]
mod tests {
    use super::{CALLER, HANDLES, ID, PAGES, consent};

    /// The targets demand that good seeds are good; here they are.
    #[test]
    fn the_good_seeds_are_good() {
        let sealed = include_str!("../seeds/sealed/good.txt");
        assert_eq!(HANDLES.open(&CALLER, sealed).as_deref(), Ok("17"));
        assert_eq!(PAGES.1.len(), 32);
        consent(format!("GET\n/consent/{ID}").as_bytes());
    }
}
