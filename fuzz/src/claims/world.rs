//! The validator, the keys and the token that the targets start from.

use std::sync::{Arc, LazyLock};

use entra_claims::{AcceptedAudiences, KeySet, ManualClock, Rejection, TenantPolicy, Validator};
use foundry_scopes::{ClientId, Cloud, TenantId};

use crate::check::{base64_of, one_line, prints_safely};

pub(crate) const TENANT: &str = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";
pub(crate) const API: &str = "11112222-bbbb-3333-cccc-4444dddd5555";
pub(crate) const NOW: i64 = 1_700_001_000;

/// What the validator allows for clocks that differ.
pub(super) const LEEWAY: i64 = 300;

/// Published test data: see the README beside it.
pub(crate) const ORIGINAL: &str = include_str!("../../../crates/entra-claims/tests/data/token.txt");
pub(crate) const KEYS: &[u8] = include_bytes!("../../../crates/entra-claims/tests/data/keys.json");
pub(super) const SIGNING_KEY: &[u8] =
    include_bytes!("../../../crates/entra-claims/tests/data/signing-key.der");

pub(super) struct World {
    pub(super) validator: Validator,
    pub(super) keys: KeySet,
}

pub(super) static WORLD: LazyLock<World> = LazyLock::new(|| World {
    validator: validator(),
    keys: KeySet::from_json(KEYS).expect("a key set"),
});

pub(crate) fn validator() -> Validator {
    Validator::new(
        Cloud::public(),
        TenantPolicy::single(TenantId::parse(TENANT).expect("a tenant id")),
        AcceptedAudiences::for_client(ClientId::parse(API).expect("a client id")),
    )
    .with_clock(Arc::new(ManualClock::at(NOW)))
}

/// A refusal can be logged, and the token is not in what is logged.
#[track_caller]
pub(super) fn tells_nothing(token: &str, rejection: &Rejection) {
    prints_safely(rejection);
    let line = rejection.explain();
    one_line(&line);
    // What stands there as the value of a header member is that value, and not a token.
    let (header, payload) = token.split_once('.').unwrap_or_default();
    let header = base64_of(header).unwrap_or_default();
    if let Some(run) = payload.get(..40) {
        let said = header.windows(run.len()).any(|it| it == run.as_bytes());
        assert!(said || !line.contains(run), "shows the token: {line}");
    }
}
