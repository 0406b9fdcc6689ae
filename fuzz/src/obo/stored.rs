//! What a shared store answers.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use entra_claims::transport::{BoxFuture, HttpTransport, TransportError};
use entra_claims::{ManualClock, dangerous};
use entra_obo::store::{SealingKeys, SealingSecret, SharedStore, SharedTier, StoreError};
use entra_obo::testing::MemoryStore;
use entra_obo::{ClientCredential, ClientSecret, Downstream, ExchangeClient, UserAssertion};
use foundry_scopes::{ClientId, Cloud, ScopeSet, TenantAuthority, TenantId};
use http::{Request, Response};
use tokio::runtime::{Builder, Runtime};

const NOW: i64 = 1_700_000_000;
const TOKEN: &str = "the-token.that-was.sealed";

/// A client behind a store that answers with `data`, or with values that a client sealed and
/// `data` changed: the first byte says where, the others what to flip from there on, and their
/// number where to cut.
///
/// What was sealed for the request opens, and nothing else does, in the place of the token or of
/// its user's epoch. No answer is an error of the store.
pub fn stored(data: &[u8]) {
    let [token, epoch] = genuine();
    assert!(found(token, epoch), "what was sealed does not open");
    assert!(!found(data, epoch));
    assert!(!found(token, data));
    for changed in [flipped(token, data), cut(token, data)] {
        assert_eq!(found(&changed, epoch), changed == *token);
    }
    for changed in [flipped(epoch, data), cut(epoch, data)] {
        assert_eq!(found(token, &changed), changed == *epoch);
    }
}

fn flipped(value: &[u8], data: &[u8]) -> Vec<u8> {
    let mut changed = value.to_vec();
    if let Some((start, flips)) = data.split_first() {
        let start = usize::from(*start) % value.len();
        for (byte, flip) in changed[start..].iter_mut().zip(flips) {
            *byte ^= flip;
        }
    }
    changed
}

fn cut(value: &[u8], data: &[u8]) -> Vec<u8> {
    value[..data.len() % value.len()].to_vec()
}

/// A token and its user's epoch, as a client put them into a store.
fn genuine() -> &'static [Vec<u8>; 2] {
    static VALUES: OnceLock<[Vec<u8>; 2]> = OnceLock::new();
    VALUES.get_or_init(|| {
        let store = Arc::new(MemoryStore::default());
        let (_, api) = client(store.clone());
        runtime().block_on(async {
            let answer = api.token_on_behalf_of(&user()).await;
            assert_eq!(answer.expect("a token").expose(), TOKEN);
            while store.names().len() < 2 {
                tokio::task::yield_now().await;
            }
        });
        let names = store.names();
        let mut values = names.iter().filter_map(|name| Some(store.value(name)?.0));
        let (one, other) = (values.next(), values.next());
        let (one, other) = one.zip(other).expect("two values");
        // An epoch is shorter than any token.
        match one.len() > other.len() {
            true => [one, other],
            false => [other, one],
        }
    })
}

/// Whether a client takes its token from such a store.
fn found(token: &[u8], epoch: &[u8]) -> bool {
    let (client, api) = client(Arc::new(Answers([token.to_vec(), epoch.to_vec()])));
    let answer = runtime().block_on(api.token_on_behalf_of(&user()));
    assert_eq!(answer.expect("from here or there").expose(), TOKEN);
    let stats = client.stats();
    assert_eq!(stats.remote_failures, 0);
    assert_eq!(stats.remote_hits + stats.requests, 1);
    assert_eq!(stats.remote_rejected > 0, stats.remote_hits == 0);
    stats.remote_hits == 1
}

fn runtime() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_time().build().expect("a runtime")
}

fn client(store: Arc<dyn SharedStore>) -> (ExchangeClient, Downstream) {
    let client = ExchangeClient::builder(
        TenantAuthority::new(Cloud::public(), TenantId::from_u128(1)),
        ClientId::from_u128(2),
        ClientCredential::secret(ClientSecret::new("s")),
    )
    .transport(Arc::new(Granting))
    .clock(Arc::new(ManualClock::at(NOW)))
    .shared(SharedTier::new(
        store,
        SealingKeys::new(SealingSecret::new(&[7; 32])),
    ))
    .build()
    .expect("a client");
    let scopes = ScopeSet::parse("api://downstream/read").expect("a scope");
    let api = client.downstream(scopes).expect("one resource");
    (client, api)
}

fn user() -> UserAssertion {
    let payload = r#"{"aud":"00000000-0000-0000-0000-000000000002","iss":"https://login.microsoftonline.com/00000000-0000-0000-0000-000000000001/v2.0","tid":"00000000-0000-0000-0000-000000000001","oid":"00000000-0000-0000-0000-000000000003","azp":"00000000-0000-0000-0000-000000000004","scp":"s","sub":"s","ver":"2.0","exp":253402300799}"#;
    let text = [
        r#"{"alg":"RS256","typ":"JWT","kid":"k"}"#,
        payload,
        "signature",
    ]
    .map(crate::check::base64url)
    .join(".");
    let verified = dangerous::assume_verified(&text).expect("a token of a user");
    UserAssertion::try_from(&verified).expect("a user's")
}

/// A look-up of a user's token is for the token and for the user's epoch.
#[derive(Debug)]
struct Answers([Vec<u8>; 2]);

#[async_trait]
impl SharedStore for Answers {
    async fn get(&self, names: &[&str]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        assert_eq!(names.len(), 2);
        Ok(self.0.iter().cloned().map(Some).collect())
    }

    async fn put(&self, _: &str, _: &[u8], _: Duration) -> Result<(), StoreError> {
        Ok(())
    }

    async fn put_if_absent(&self, _: &str, _: &[u8], _: Duration) -> Result<bool, StoreError> {
        Ok(true)
    }

    async fn delete(&self, _: &str) -> Result<(), StoreError> {
        Ok(())
    }

    async fn take(&self, _: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(None)
    }

    async fn add(&self, _: &str, n: u64, _: Duration) -> Result<u64, StoreError> {
        Ok(n)
    }
}

/// Gives everybody the one token.
struct Granting;

impl fmt::Debug for Granting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Granting")
    }
}

impl HttpTransport for Granting {
    fn send(
        &self,
        _: Request<Vec<u8>>,
    ) -> BoxFuture<'_, Result<Response<Vec<u8>>, TransportError>> {
        let body =
            format!(r#"{{"token_type":"Bearer","expires_in":3600,"access_token":"{TOKEN}"}}"#);
        Box::pin(async move { Ok(Response::new(body.into_bytes())) })
    }
}
