use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use entra_parts::clock::ManualClock;
use foundry_scopes::{ClientId, Cloud};
use serde_json::Value;

use super::*;

use crate::decode::DECODED;
use crate::http::keys::{FetchReason, KeyAuthority, KeySource, KeySourceError};
use crate::http::transport::BoxFuture;
use crate::validate::{AcceptedAudiences, TenantPolicy};

const TOKEN: &str = include_str!("../../../tests/data/token.txt");
const KEYS: &str = include_str!("../../../tests/data/keys.json");

/// Gives one key set after the other.
#[derive(Debug)]
struct InTurn(Mutex<VecDeque<KeySet>>);

impl KeySource for InTurn {
    fn fetch<'a>(
        &'a self,
        _: &'a KeyAuthority,
        _: FetchReason,
    ) -> BoxFuture<'a, Result<KeySet, KeySourceError>> {
        let next = self.0.lock().unwrap().pop_front();
        let next = next.ok_or(KeySourceError::other("no more key sets"));
        Box::pin(std::future::ready(next))
    }
}

/// The key set with the token's key, or without it.
fn keys(with_the_tokens: bool) -> KeySet {
    let mut document: Value = serde_json::from_str(KEYS).unwrap();
    document["keys"]
        .as_array_mut()
        .unwrap()
        .retain(|key| with_the_tokens || key["kid"] != "key-1");
    KeySet::from_json(document.to_string().as_bytes()).unwrap()
}

fn client() -> ClientId {
    ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555").unwrap()
}

fn authenticator(tenants: &[u128], sets: impl IntoIterator<Item = KeySet>) -> Authenticator {
    let own = TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490").unwrap();
    let others = tenants.iter().map(|id| TenantId::from_u128(*id));
    let validator = Validator::new(
        Cloud::public(),
        TenantPolicy::allow_list(others.chain([own])).unwrap(),
        AcceptedAudiences::for_client(client()),
    )
    .with_clock(Arc::new(ManualClock::at(1_700_000_000)));
    Authenticator::builder(validator)
        .key_source(Arc::new(InTurn(Mutex::new(sets.into_iter().collect()))))
        .build()
        .unwrap()
}

/// How many times the claims are decoded until the token is decided.
async fn decoded(authenticator: &Authenticator) -> (Result<(), Reason>, u32) {
    let before = DECODED.get();
    let outcome = match authenticator.decide(TOKEN) {
        Decision::Accepted(_) => Ok(()),
        Decision::Rejected(rejection) => Err(rejection),
        Decision::Pending(pending) => pending.wait().await.map(drop),
    };
    let outcome = outcome.map_err(|rejection| rejection.reason());
    (outcome, DECODED.get() - before)
}

#[tokio::test]
async fn a_miss_decodes_the_claims_once() {
    for tenants in [&[][..], &[7, 8]] {
        // Keys that have to be fetched first, and keys that are in memory.
        let cold = authenticator(tenants, [keys(true)]);
        assert_eq!(decoded(&cold).await, (Ok(()), 1));
        assert_eq!(decoded(&cold).await, (Ok(()), 0), "it is remembered");
        let warm = authenticator(tenants, [keys(true), keys(true), keys(true)]);
        warm.warm_up().await.unwrap();
        assert_eq!(decoded(&warm).await, (Ok(()), 1));
    }
}

#[tokio::test]
async fn a_token_of_a_new_key_is_decoded_once() {
    let rotated = authenticator(&[], [keys(false), keys(true)]);
    rotated.warm_up().await.unwrap();
    assert_eq!(decoded(&rotated).await, (Ok(()), 1));
    // Awaited at once, it is the same way.
    let rotated = authenticator(&[], [keys(false), keys(true)]);
    rotated.warm_up().await.unwrap();
    let before = DECODED.get();
    rotated.authenticate(TOKEN).await.unwrap();
    assert_eq!(DECODED.get() - before, 1);
}

#[tokio::test]
async fn a_flood_of_unknown_keys_decodes_nothing() {
    let authenticator = authenticator(&[], [keys(false), keys(false)]);
    authenticator.warm_up().await.unwrap();
    let unknown = Err(Reason::UnknownKey);
    assert_eq!(decoded(&authenticator).await, (unknown, 1), "one fetch");
    assert_eq!(decoded(&authenticator).await, (unknown, 0));
}

/// It is refused for its missing nonce, which is what comes after the signature.
#[tokio::test]
async fn an_id_token_takes_the_same_way() {
    for (sets, warm) in [
        (vec![keys(true)], false),
        (vec![keys(false), keys(true)], true),
    ] {
        let authenticator = authenticator(&[], sets);
        if warm {
            authenticator.warm_up().await.unwrap();
        }
        let expected = ExpectedSignIn {
            client: client(),
            nonce: "n",
        };
        let before = DECODED.get();
        let outcome = authenticator.authenticate_id_token(TOKEN, expected).await;
        let rejection = outcome.unwrap_err();
        assert_eq!(rejection.reason(), Reason::MissingClaim);
        assert!(rejection.signature_checked());
        assert_eq!(DECODED.get() - before, 1);
    }
    // Within the cool-down an unknown key is answered at once.
    let authenticator = authenticator(&[], [keys(false), keys(false)]);
    authenticator.warm_up().await.unwrap();
    for decodes in [1, 0] {
        let expected = ExpectedSignIn {
            client: client(),
            nonce: "n",
        };
        let before = DECODED.get();
        let outcome = authenticator.authenticate_id_token(TOKEN, expected).await;
        assert_eq!(outcome.unwrap_err().reason(), Reason::UnknownKey);
        assert_eq!(DECODED.get() - before, decodes);
    }
}
