//! Users, the endpoint that gives them tokens, and two processes with one store.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entra_claims::transport::{BoxFuture, HttpTransport, TransportError};
use entra_claims::{ManualClock, dangerous};
use foundry_scopes::{ClientId, Cloud, ScopeSet, TenantAuthority, TenantId};
use http::{Request, Response};

use crate::assertion::UserAssertion;
use crate::cache::CacheLimits;
use crate::client::{Downstream, ExchangeClient};
use crate::credential::ClientCredential;
use crate::meter::Stats;
use crate::secret::ClientSecret;
use crate::store::{SealingKeys, SealingSecret, SharedTier};
use crate::testing::MemoryStore;

pub(super) const USERS: u32 = 10_000;
const NOW: i64 = 1_700_000_000;
const TENANTS: [u128; 2] = [1, 2];

/// Each in spellings that are the same request.
pub(super) const SCOPES: [[&str; 2]; 3] = [
    [
        "api://downstream/a api://downstream/b",
        "api://downstream/b api://downstream/a api://downstream/b",
    ],
    [
        "api://downstream/a",
        "api://downstream/a api://downstream/a",
    ],
    [
        "https://graph.microsoft.com/User.Read",
        "https://graph.microsoft.com/User.Read",
    ],
];

pub(super) fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
}

pub(super) struct World {
    pub(super) endpoint: Arc<Endpoint>,
    pub(super) clock: Arc<ManualClock>,
    pub(super) store: Arc<MemoryStore>,
    processes: [Process; 2],
    people: Vec<Person>,
}

struct Process {
    client: ExchangeClient,
    /// By tenant, scope and spelling.
    apis: [[[Downstream; 2]; 3]; 2],
}

pub(super) struct Person {
    pub(super) assertion: UserAssertion,
    tenant: usize,
    tokens: [String; 3],
}

impl World {
    pub(super) fn new(users: u32) -> Self {
        let clock = Arc::new(ManualClock::at(NOW));
        let endpoint = Arc::new(Endpoint::default());
        let store = Arc::new(MemoryStore::new(clock.clone()));
        let process = || {
            let tenant = |n| TenantId::from_u128(n);
            let client = ExchangeClient::builder(
                TenantAuthority::new(Cloud::public(), tenant(TENANTS[0])),
                ClientId::from_u128(3),
                ClientCredential::secret(ClientSecret::new("s")),
            )
            .transport(endpoint.clone())
            .clock(clock.clone())
            .cache_limits(CacheLimits::default().with_entries(users as usize / 2))
            .shared(SharedTier::new(
                store.clone(),
                SealingKeys::new(SealingSecret::new(&[1; 32])),
            ))
            .build()
            .unwrap();
            let apis = TENANTS.map(|n| {
                let client = client.for_tenant(tenant(n));
                let prepare = |text| client.downstream(ScopeSet::parse(text).unwrap()).unwrap();
                SCOPES.map(|spellings| spellings.map(prepare))
            });
            Process { client, apis }
        };
        Self {
            processes: [process(), process()],
            people: (0..users).map(Person::new).collect(),
            endpoint,
            clock,
            store,
        }
    }

    /// The smallest of some rolls: a few are much busier than the others.
    pub(super) fn person(&self, dice: &mut Dice) -> &Person {
        let roll = |dice: &mut Dice| dice.roll(self.people.len() as u64) as usize;
        let rolls = [(); 5].map(|()| roll(dice));
        let first = rolls.into_iter().min();
        &self.people[first.unwrap()]
    }

    pub(super) fn api(&self, person: &Person, scope: usize, dice: &mut Dice) -> &Downstream {
        let roll = dice.roll(4) as usize;
        &self.processes[roll % 2].apis[person.tenant][scope][roll / 2]
    }

    /// What the processes did, when nothing is under way any more. The limit only ends a test
    /// that would hang.
    pub(super) async fn settled(&self) -> [Stats; 2] {
        let start = Instant::now();
        loop {
            let stats = [0, 1].map(|n| self.processes[n].client.stats());
            if stats.iter().all(|stats| stats.in_flight == 0) {
                return stats;
            }
            assert!(start.elapsed().as_secs() < 60, "something stays in flight");
            tokio::task::yield_now().await;
        }
    }
}

impl Person {
    /// Tokens of one length with a common beginning, as they are: no signature is checked
    /// here.
    fn new(n: u32) -> Self {
        let tenant = n as usize % 2;
        let tid = TenantId::from_u128(TENANTS[tenant]);
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT","kid":"k"}"#);
        let payload = URL_SAFE_NO_PAD.encode(format!(
            r#"{{"aud":"00000000-0000-0000-0000-000000000003","iss":"https://login.microsoftonline.com/{tid}/v2.0","tid":"{tid}","oid":"aaaaaaaa-0000-1111-2222-{n:012x}","azp":"22223333-cccc-4444-dddd-5555eeee6666","scp":"access_as_user","sub":"s-{n:06}","ver":"2.0","exp":{}}}"#,
            NOW + 100_000_000
        ));
        let text = format!("{header}.{payload}.c2lnbmF0dXJl");
        let verified = dangerous::assume_verified(&text).unwrap();
        Self {
            assertion: UserAssertion::try_from(&verified).unwrap(),
            tenant,
            tokens: SCOPES.map(|[scope, _]| token(&text, scope)),
        }
    }

    pub(super) fn owns(&self, token: &str, scope: usize) -> bool {
        self.tokens[scope] == token
    }

    pub(super) async fn forgotten(&self, world: &World, dice: &mut Dice) {
        let process = &world.processes[dice.roll(2) as usize];
        let user = self.assertion.principal();
        process.client.forget(user).await.unwrap();
    }
}

/// For whom and for what it was made.
fn token(assertion: &str, scope: &str) -> String {
    format!("{}.{}", hash(assertion), hash(scope))
}

/// Slow, sometimes unreachable, sometimes unwilling, and never wrong.
#[derive(Default)]
pub(super) struct Endpoint(AtomicU64);

impl Endpoint {
    pub(super) fn calls(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Endpoint")
    }
}

impl HttpTransport for Endpoint {
    fn send(
        &self,
        request: Request<Vec<u8>>,
    ) -> BoxFuture<'_, Result<Response<Vec<u8>>, TransportError>> {
        Box::pin(async move {
            let n = self.0.fetch_add(1, Ordering::SeqCst);
            for _ in 0..n % 5 {
                tokio::task::yield_now().await;
            }
            let (mut assertion, mut scope) = (None, None);
            for (name, value) in url::form_urlencoded::parse(request.body()) {
                match &*name {
                    "assertion" => assertion = Some(value),
                    "scope" => scope = Some(value),
                    _ => {}
                }
            }
            let (status, body) = match n % 40 {
                0 => return Err(TransportError::Timeout),
                1 => (
                    400,
                    r#"{"error":"invalid_grant","error_codes":[50173]}"#.to_owned(),
                ),
                _ => {
                    let token = token(&assertion.unwrap(), &scope.unwrap());
                    (
                        200,
                        format!(
                            r#"{{"token_type":"Bearer","expires_in":120,"refresh_in":20,"access_token":"{token}"}}"#
                        ),
                    )
                }
            };
            Ok(Response::builder()
                .status(status)
                .body(body.into_bytes())
                .unwrap())
        })
    }
}

/// A small generator (xorshift) with a fixed seed.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}
