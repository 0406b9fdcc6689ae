//! Keys: rotation, withdrawal, algorithms, signers elsewhere, and when a verifier fetches.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use agent_user_context::{
    ContextKeySource, ContextKeySourceError, ContextKeys, ContextKeysError,
    ContextReason as Reason, ContextSigner, ContextUse, ContextVerifier, Issuer, LocalSigner,
    PublicKey, SignError, SigningKeys, SigningKeysError, SigningRequest,
};
use async_trait::async_trait;
use serde_json::{Value, json};

use crate::support::*;

/// Serves what the issuer publishes, and counts.
#[derive(Debug)]
struct Published {
    issuer: Issuer,
    fetches: AtomicUsize,
    fails: Mutex<bool>,
}

impl Published {
    fn of(issuer: &Issuer) -> Arc<Self> {
        Arc::new(Self {
            issuer: issuer.clone(),
            fetches: AtomicUsize::new(0),
            fails: Mutex::new(false),
        })
    }

    fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl ContextKeySource for Published {
    async fn fetch(&self) -> Result<ContextKeys, ContextKeySourceError> {
        self.fetches.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        if *self.fails.lock().unwrap() {
            return Err(ContextKeySourceError::Unanswered("down".to_owned()));
        }
        Ok(ContextKeys::from_json(self.issuer.key_set().as_bytes())?)
    }
}

fn verifier(world: &World, source: &Arc<Published>) -> ContextVerifier {
    ContextVerifier::builder(ORDERS.parse().unwrap())
        .issuer(world.trusted(Arc::clone(source)))
        .clock(Arc::clone(&world.clock) as _)
        .build()
        .unwrap()
}

async fn read(verifier: &ContextVerifier, context: &str) -> Option<Reason> {
    verify(verifier, AGENT_A, context, ContextUse::UntilItEnds)
        .await
        .err()
}

fn kid_of(context: &str) -> Value {
    let header = context.split('.').next().unwrap();
    let bytes = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(header).unwrap();
    serde_json::from_slice::<Value>(&bytes).unwrap()["kid"].clone()
}

#[tokio::test]
async fn a_new_key_is_published_before_it_signs_and_the_old_one_until_its_contexts_end() {
    let world = World::new();
    let source = Published::of(&world.issuer);
    let verifier = verifier(&world, &source);
    let old = world.signer.public_key().thumbprint();
    assert_eq!(
        read(&verifier, world.orders_context().await.expose()).await,
        None
    );

    let next = LocalSigner::generate().unwrap();
    let new = next.public_key().thumbprint();
    world.keys.announce(next, world.now()).unwrap();
    assert_eq!(world.keys.kids(world.now()), [old.clone(), new.clone()]);
    world.pass(599);
    assert_eq!(kid_of(world.orders_context().await.expose()), json!(old));
    let (turn, _) = world.turn_with_session(AGENT_A).await;
    assert_eq!(kid_of(turn.expose()), json!(old));
    world.pass(1);
    // What the old key signed is taken at the issuer and at APIs, whose copy has both keys by now.
    let call = world
        .call(AGENT_A, &turn, ORDERS, &["orders.read"])
        .await
        .unwrap();
    assert_eq!(kid_of(call.expose()), json!(new));
    assert_eq!(read(&verifier, call.expose()).await, None);
    assert_eq!(
        source.fetches(),
        2,
        "one at first, one after ten minutes, none for the new key"
    );

    world.pass(329);
    assert_eq!(world.keys.kids(world.now()).len(), 2);
    world.pass(1);
    assert_eq!(world.keys.kids(world.now()), [new]);
}

#[tokio::test]
async fn a_key_is_announced_once() {
    let world = World::new();
    let again = world.keys.announce(Arc::clone(&world.signer), world.now());
    assert_eq!(again, Err(SigningKeysError::Known));
}

#[tokio::test]
async fn a_withdrawn_key_is_refused_after_ten_minutes_at_the_latest() {
    let world = World::new();
    let source = Published::of(&world.issuer);
    let verifier = verifier(&world, &source);
    let stolen = Arc::clone(&world.signer);
    assert_eq!(
        read(&verifier, world.orders_context().await.expose()).await,
        None
    );
    world
        .keys
        .replace(LocalSigner::generate().unwrap())
        .unwrap();
    world.pass(600);
    let context = sign(
        &*stolen,
        &world.header().to_string(),
        &world.claims().to_string(),
    )
    .await;
    assert_eq!(read(&verifier, &context).await, Some(Reason::UnknownKey));
    // At the issuer at once.
    let mut header = world.header();
    header["typ"] = json!("user-turn+jwt");
    let context = sign(&*stolen, &header.to_string(), &world.claims().to_string()).await;
    let refusal = world
        .issuer
        .renew_turn(&agents_token(AGENT_A), &context)
        .await
        .unwrap_err();
    assert_eq!(refusal.reason(), Reason::UnknownKey);
}

#[tokio::test]
async fn an_unknown_key_causes_one_fetch_in_five_minutes() {
    let world = World::new();
    let source = Published::of(&world.issuer);
    let verifier = verifier(&world, &source);
    assert_eq!(
        read(&verifier, world.orders_context().await.expose()).await,
        None
    );
    let mut header = world.header();
    for round in 0..20 {
        header["kid"] = json!(format!("made-up-{round}"));
        let context = world.forge(&header, &world.claims()).await;
        assert_eq!(read(&verifier, &context).await, Some(Reason::UnknownKey));
    }
    assert_eq!(source.fetches(), 2);
    world.pass(300);
    let context = world.forge(&header, &world.claims()).await;
    assert_eq!(read(&verifier, &context).await, Some(Reason::UnknownKey));
    assert_eq!(source.fetches(), 3);
}

/// A key that was put in at once: one fetch finds it, and all that wait are answered by it.
#[tokio::test]
async fn those_that_wait_for_an_unknown_key_share_one_fetch() {
    let world = World::new();
    let source = Published::of(&world.issuer);
    let verifier = verifier(&world, &source);
    assert_eq!(
        read(&verifier, world.orders_context().await.expose()).await,
        None
    );
    world
        .keys
        .replace(LocalSigner::generate().unwrap())
        .unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (verifier, context) = (verifier.clone(), world.orders_context().await);
        tasks.spawn(async move { read(&verifier, context.expose()).await });
    }
    assert!(tasks.join_all().await.iter().all(Option::is_none));
    assert_eq!(source.fetches(), 2);
}

#[tokio::test]
async fn without_keys_a_context_is_refused_and_asked_again_later() {
    let world = World::new();
    let source = Published::of(&world.issuer);
    let verifier = verifier(&world, &source);
    *source.fails.lock().unwrap() = true;
    let context = world.orders_context().await;
    for _ in 0..5 {
        assert_eq!(
            read(&verifier, context.expose()).await,
            Some(Reason::KeysUnavailable)
        );
    }
    assert_eq!(source.fetches(), 1, "a pause after a failure");
    *source.fails.lock().unwrap() = false;
    world.pass(1);
    assert_eq!(read(&verifier, context.expose()).await, None);
    // A failing refresh serves what is there, for an hour.
    *source.fails.lock().unwrap() = true;
    world.pass(3_500);
    assert_eq!(
        read(&verifier, world.orders_context().await.expose()).await,
        None
    );
    world.pass(200);
    assert_eq!(
        read(&verifier, world.orders_context().await.expose()).await,
        Some(Reason::KeysUnavailable)
    );
}

#[tokio::test]
async fn contexts_are_signed_with_rsa_as_well() {
    let world = World::new();
    world
        .keys
        .replace(LocalSigner::generate_rsa().unwrap())
        .unwrap();
    let context = world.orders_context().await;
    assert_eq!(read(&world.orders(), context.expose()).await, None);
    let (message, _) = context.expose().rsplit_once('.').unwrap();
    let forged = format!("{message}.{}", encode(&[0; 256]));
    assert_eq!(
        read(&world.orders(), &forged).await,
        Some(Reason::BadSignature)
    );
}

#[test]
fn a_private_key_is_read_from_pkcs8_and_nothing_else() {
    use aws_lc_rs::signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    };
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let der = pair.to_pkcs8v1().unwrap();
    let (one, two) = (
        LocalSigner::from_pkcs8(der.as_ref()),
        LocalSigner::from_pkcs8(der.as_ref()),
    );
    assert_eq!(one.unwrap().public_key(), two.unwrap().public_key());
    let other = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING)
        .unwrap()
        .to_pkcs8v1()
        .unwrap();
    for bad in [other.as_ref(), b"", b"\x30\x00"] {
        assert!(LocalSigner::from_pkcs8(bad).is_err());
    }
}

/// A vault that answers in DER, or not at all.
#[derive(Debug)]
struct Vault(PublicKey, Option<Vec<u8>>);

#[async_trait]
impl ContextSigner for Vault {
    fn public_key(&self) -> PublicKey {
        self.0.clone()
    }

    async fn sign(&self, request: SigningRequest<'_>) -> Result<Vec<u8>, SignError> {
        assert_ne!(request.digest(), [0; 32]);
        self.1
            .clone()
            .ok_or(SignError::new("the vault did not answer"))
    }
}

#[tokio::test]
async fn a_signer_that_fails_or_answers_in_der_gives_no_context() {
    for answer in [None, Some(vec![0x30; 70])] {
        let world = World::new();
        world
            .keys
            .replace(Vault(world.signer.public_key(), answer))
            .unwrap();
        let alice = world.user(ALICE);
        let session = world.session(&alice).await;
        let turn = world
            .issuer
            .start_turn(&alice, &session, agent_id(AGENT_A), &turn_scopes())
            .await;
        assert_eq!(turn.unwrap_err().reason(), Reason::NotSigned);
    }
    let broken = Vault(PublicKey::Rsa { n: vec![1; 16] }, None);
    assert!(matches!(
        SigningKeys::new(broken),
        Err(SigningKeysError::PublicKey(_))
    ));
}

#[tokio::test]
async fn entries_of_a_key_set_that_do_not_fit_are_left_out() {
    let world = World::new();
    let document: Value = serde_json::from_str(&world.issuer.key_set()).unwrap();
    let good = &document["keys"][0];
    assert_eq!(
        (&good["use"], &good["alg"], &good["kty"]),
        (&json!("sig"), &json!("ES256"), &json!("EC"))
    );
    type Change = fn(&mut Value);
    let changes: [Change; 11] = [
        |key| key["use"] = json!("enc"),
        |key| key["alg"] = json!("RS256"),
        |key| key["alg"] = json!("ES384"),
        |key| key["kty"] = json!("oct"),
        |key| key["crv"] = json!("P-384"),
        |key| key["key_ops"] = json!(["sign"]),
        |key| key["d"] = json!("AAAA"),
        |key| key["kid"] = json!(""),
        |key| key["x"] = key["y"].clone(),
        |key| key["x"] = json!("AAAA"),
        |key| key["y"] = json!(7),
    ];
    for (number, change) in changes.iter().enumerate() {
        let mut key = good.clone();
        change(&mut key);
        let set = json!({ "keys": [key] }).to_string();
        assert_eq!(
            ContextKeys::from_json(set.as_bytes()).unwrap_err(),
            ContextKeysError::NoUsableKey,
            "{number}"
        );
        // And does not spoil a good one.
        let both = json!({ "keys": [key, good] }).to_string();
        let kept = ContextKeys::from_json(both.as_bytes());
        assert_eq!(kept.unwrap().kids().count(), 1, "{number}");
    }
    let twice = json!({ "keys": [good, good] }).to_string();
    assert_eq!(
        ContextKeys::from_json(twice.as_bytes()).unwrap_err(),
        ContextKeysError::NoUsableKey
    );
    let many = json!({ "keys": vec![good; 33] }).to_string();
    assert_eq!(
        ContextKeys::from_json(many.as_bytes()).unwrap_err(),
        ContextKeysError::TooLarge
    );
    let long = json!({ "keys": [good], "more": "x".repeat(70_000) }).to_string();
    assert_eq!(
        ContextKeys::from_json(long.as_bytes()).unwrap_err(),
        ContextKeysError::TooLarge
    );
    for bad in ["", "{}", r#"{"keys":[],"keys":[]}"#, "[]", r#"{"keys":{}}"#] {
        assert_eq!(
            ContextKeys::from_json(bad.as_bytes()).unwrap_err(),
            ContextKeysError::NotAKeySet,
            "{bad}"
        );
    }
}
