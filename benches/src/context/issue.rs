//! `context.issue`: a turn context, against the signature alone. `context.trade`: a call context for one, which has to verify
//! as well.

use std::error::Error;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, KeyPair as _, ParsedPublicKey};

use super::world::World;
use crate::figure::Figure;
use crate::harness::interleaved;

const ITEMS: usize = 64;

pub(crate) fn figures() -> Result<Vec<Figure>, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    let world = World::new(&runtime)?;
    let turn = world.turn().ok_or("no turn context")?;
    let call = world.call(&turn).ok_or("no call context")?;
    let (message, _) = turn.expose().rsplit_once('.').ok_or("no signature")?;
    let (shorter, _) = call.expose().rsplit_once('.').ok_or("no signature")?;
    let public = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, world.key.public_key().as_ref())?;
    let random = SystemRandom::new();
    let sign = |message: &str| world.key.sign(&random, message.as_bytes());
    let signature = sign(message)?;

    let measured = interleaved(
        ITEMS,
        &[
            Box::new(|_| world.turn().is_some()),
            Box::new(|_| sign(message).is_ok()),
            Box::new(|_| world.call(&turn).is_some()),
            Box::new(|_| {
                let verified = public.verify_sig(message.as_bytes(), signature.as_ref());
                verified.is_ok() && sign(shorter).is_ok()
            }),
        ],
    )?;
    let figure = |bench, against, ours, theirs, limit| Figure {
        bench,
        against,
        ours: measured.time(ours),
        theirs: measured.time(theirs),
        ratio: measured.ratio(ours, theirs),
        limit,
    };
    Ok(vec![
        figure("context.issue", "one ES256 signature", 0, 1, 1.15),
        figure(
            "context.trade",
            "one ES256 verification and signature",
            2,
            3,
            1.2,
        ),
    ])
}
