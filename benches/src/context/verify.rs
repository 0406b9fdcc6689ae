//! `context.verify`: what an API does for a context, with the agent's own token from the memory of verified ones.

use std::error::Error;

use agent_user_context::{ContextKeys, ContextUse, ContextVerifier, TrustedIssuer};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, KeyPair as _, ParsedPublicKey};
use base64_simd::URL_SAFE_NO_PAD;
use foundry_scopes::Audience;

use super::world::{API, URL, World, now};
use crate::figure::Figure;
use crate::harness::interleaved;

const ITEMS: usize = 64;

pub(crate) fn figures() -> Result<Vec<Figure>, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    let world = World::new(&runtime)?;
    let turn = world.turn().ok_or("no turn context")?;
    let calls: Option<Vec<_>> = (0..ITEMS).map(|_| world.call(&turn)).collect();
    let calls = calls.ok_or("no call context")?;
    let keys = ContextKeys::from_json(world.issuer.key_set().as_bytes())?;
    let tenant = world.agent.tenant();
    let verifier = ContextVerifier::builder(Audience::parse(API)?)
        .issuer(TrustedIssuer::new(URL, keys, [world.agent], [tenant]))
        .build()?;
    let first = calls.first().ok_or("no call context")?;
    let agent = world
        .authenticator
        .cached(&world.agents_token)
        .ok_or("not remembered")?;
    // Fetches the keys.
    runtime.block_on(verifier.verify(&agent, first.expose(), ContextUse::UntilItEnds))?;

    let public = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, world.key.public_key().as_ref())?;
    let mut signed = Vec::new();
    for call in &calls {
        let (message, signature) = call.expose().rsplit_once('.').ok_or("no signature")?;
        signed.push((message, URL_SAFE_NO_PAD.decode_to_vec(signature)?));
    }
    let verify = |context: &str, how| {
        let agent = world.authenticator.cached(&world.agents_token)?;
        now(verifier.verify(&agent, context, how))?.ok()
    };
    let forged = format!("{}A", first.expose().trim_end_matches(|c: char| c != '.'));
    if verify(&forged, ContextUse::UntilItEnds).is_some() {
        return Err("a context without a signature is accepted".into());
    }
    let measured = interleaved(
        ITEMS,
        &[
            Box::new(|item| {
                let call = calls.get(item);
                call.is_some_and(|call| verify(call.expose(), ContextUse::UntilItEnds).is_some())
            }),
            Box::new(|item| {
                let known = world.authenticator.cached(&world.agents_token).is_some();
                let signed = signed.get(item);
                known
                    && signed.is_some_and(|(message, signature)| {
                        public.verify_sig(message.as_bytes(), signature).is_ok()
                    })
            }),
        ],
    )?;
    Ok(vec![Figure {
        bench: "context.verify",
        against: "one ES256 verification and the access token's cache hit",
        ours: measured.time(0),
        theirs: measured.time(1),
        ratio: measured.ratio(0, 1),
        limit: 1.2,
    }])
}
