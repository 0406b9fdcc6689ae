//! Our validation and the application's own use of `jsonwebtoken`, in one process, in
//! either order. Version 11 panics on first use when no or two providers are enabled
//! anywhere in the build, so this fails as soon as one of our crates enables one.
//!
//! Run once per provider: `cargo test --features aws_lc_rs`, `cargo test --features rust_crypto`.

#[cfg(all(test, any(feature = "aws_lc_rs", feature = "rust_crypto")))]
mod tests {
    use std::sync::Arc;

    use entra_claims::{AcceptedAudiences, KeySet, ManualClock, TenantPolicy, Validator};
    use foundry_scopes::{ClientId, Cloud, TenantId};
    use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
    use serde_json::{Value, json};

    const SECRET: &[u8] = b"a secret of the application, long enough for HS256";

    fn ours() {
        let keys = include_bytes!("../../../crates/entra-claims/tests/data/keys.json");
        let token = include_str!("../../../crates/entra-claims/tests/data/token.txt");
        let validator = Validator::new(
            Cloud::public(),
            TenantPolicy::single(TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490").unwrap()),
            AcceptedAudiences::for_client(
                ClientId::parse("11112222-bbbb-3333-cccc-4444dddd5555").unwrap(),
            ),
        )
        .with_clock(Arc::new(ManualClock::at(1_700_000_000)));
        let keys = KeySet::from_json(keys).unwrap();
        validator.verify(token, &keys).unwrap();
    }

    fn theirs() {
        let claims = json!({ "exp": 4_000_000_000_u64, "sub": "the application's own token" });
        let token = jsonwebtoken::encode(
            &Header::default(),
            &claims,
            &EncodingKey::from_secret(SECRET).unwrap(),
        )
        .unwrap();
        let read = jsonwebtoken::decode::<Value>(
            &token,
            &DecodingKey::from_secret(SECRET).unwrap(),
            &Validation::default(),
        )
        .unwrap();
        assert_eq!(read.claims, claims);
    }

    #[test]
    fn both_work_in_either_order() {
        theirs();
        ours();
        theirs();
        ours();
    }
}
