//! An exchange client at an endpoint that answers at once, and users with tokens of Entra's size.

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use base64_simd::URL_SAFE_NO_PAD;
use entra_claims::dangerous;
use entra_claims::transport::{BoxFuture, HttpTransport, TransportError};
use entra_obo::{
    CacheLimits, ClientCredential, ClientSecret, Downstream, ExchangeClient, UserAssertion,
};
use foundry_scopes::{ClientId, Cloud, ScopeSet, TenantAuthority};
use http::{Request, Response};

const TENANT: &str = "7d0c3a52-1f5e-4f0b-9a3d-5b1f6c2e8a10";
const CLIENT: &str = "2f8b6e94-3c7d-4a51-8e0f-9d4c1b7a6e35";
const SCOPE: &str = "api://0a4f5f0e-6a3c-4a0c-8a35-3a3b8e2f9c11/orders.read";

pub(crate) struct World {
    pub(crate) client: ExchangeClient,
    pub(crate) api: Downstream,
    pub(crate) endpoint: Arc<Endpoint>,
}

impl World {
    /// Tokens of this length, and room for all of them.
    pub(crate) fn new(token_length: usize) -> Result<Self, Box<dyn Error>> {
        let endpoint = Arc::new(Endpoint {
            token: "x".repeat(token_length),
            calls: AtomicUsize::new(0),
        });
        let client = ExchangeClient::builder(
            TenantAuthority::new(Cloud::public(), TENANT.parse()?),
            ClientId::parse(CLIENT)?,
            ClientCredential::secret(ClientSecret::new("s")),
        )
        .transport(endpoint.clone())
        .cache_limits(
            CacheLimits::default()
                .with_entries(2_000_000)
                .with_bytes(usize::MAX),
        )
        .build()?;
        let api = client.downstream(ScopeSet::parse(SCOPE)?)?;
        Ok(Self {
            client,
            api,
            endpoint,
        })
    }

    /// Whether a call is answered with a token, and at once.
    pub(crate) fn hit(&self, user: &UserAssertion) -> bool {
        let call = std::pin::pin!(self.api.token_on_behalf_of(black_box(user)));
        let answer = call.poll(&mut Context::from_waker(Waker::noop()));
        matches!(black_box(answer), Poll::Ready(Ok(_)))
    }
}

/// A user's token, and what is exchanged of it.
pub(crate) struct User {
    pub(crate) text: String,
    pub(crate) assertion: UserAssertion,
}

impl User {
    /// With `groups` groups; twenty make 2.3 kB.
    pub(crate) fn new(n: usize, groups: usize) -> Result<Self, Box<dyn Error>> {
        let group = |group: usize| format!("\"{:08x}-0000-4000-8000-{n:012x}\"", group + 1);
        let groups: Vec<String> = (0..groups).map(group).collect();
        let claims = format!(
            "{{\"aud\":\"{CLIENT}\",\"iss\":\"https://login.microsoftonline.com/{TENANT}/v2.0\",\
             \"iat\":1700000000,\"nbf\":1700000000,\"exp\":253402300799,\"groups\":[{}],\
             \"azp\":\"22223333-cccc-4444-dddd-5555eeee6666\",\"azpacr\":\"1\",\
             \"name\":\"User Number {n}\",\"oid\":\"aaaaaaaa-0000-1111-2222-{n:012x}\",\
             \"preferred_username\":\"user{n}@contoso.example\",\"scp\":\"access_as_user\",\
             \"sub\":\"sub-{n}\",\"tid\":\"{TENANT}\",\"uti\":\"uti-{n}\",\"ver\":\"2.0\"}}",
            groups.join(",")
        );
        let text = format!(
            "{}.{}.{}",
            URL_SAFE_NO_PAD.encode_to_string(
                r#"{"typ":"JWT","alg":"RS256","kid":"key-0000000000000000000000000"}"#
            ),
            URL_SAFE_NO_PAD.encode_to_string(claims),
            URL_SAFE_NO_PAD.encode_to_string([7; 256]),
        );
        let verified = dangerous::assume_verified(&text)?;
        let assertion = UserAssertion::try_from(&verified)?;
        Ok(Self { text, assertion })
    }
}

#[derive(Debug)]
pub(crate) struct Endpoint {
    token: String,
    calls: AtomicUsize,
}

impl Endpoint {
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

impl HttpTransport for Endpoint {
    fn send(
        &self,
        _: Request<Vec<u8>>,
    ) -> BoxFuture<'_, Result<Response<Vec<u8>>, TransportError>> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let body = format!(
            "{{\"token_type\":\"Bearer\",\"expires_in\":86000,\"access_token\":\"{}\"}}",
            self.token
        );
        Box::pin(async move { Ok(Response::new(body.into_bytes())) })
    }
}
