//! Rules that hold for every input, tried on random ones.

use std::sync::Arc;
use std::time::Duration;

use entra_claims::{KeySet, ManualClock, Reason, UnverifiedToken};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::support::{base64url, key_document, keys, sign, user, validator, with};

const LAST: i128 = 253_402_300_799;

/// Seconds near a common point and anywhere.
fn seconds() -> impl Strategy<Value = i64> {
    prop_oneof![
        1_700_000_000 - 700..1_700_000_000 + 700_i64,
        any::<i64>(),
        Just(i64::MIN),
        Just(i64::MAX)
    ]
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,4}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    /// The lifetime check is what the rule says in numbers that cannot overflow.
    #[test]
    fn lifetimes_follow_the_rule(
        now in seconds(), exp in seconds(), nbf in prop::option::of(seconds()), leeway in 0..=600_u64,
    ) {
        let claims = with(&user(), &[("exp", json!(exp)), ("nbf", json!(nbf))]);
        let validator = validator()
            .with_clock(Arc::new(ManualClock::at(now)))
            .with_leeway(Duration::from_secs(leeway))
            .unwrap();
        let outcome = validator.verify(&sign(&claims), &keys()).err().map(|r| r.reason());
        let (now, exp, leeway) = (i128::from(now), i128::from(exp), i128::from(leeway));
        let nbf = nbf.map(i128::from);
        let expected = if exp > LAST || nbf.is_some_and(|nbf| nbf > exp || nbf < 0) {
            Some(Reason::BadLifetime)
        } else if exp + leeway < now && now - leeway >= i128::from(i64::MIN) {
            Some(Reason::Expired)
        } else if nbf.is_some_and(|nbf| nbf > now + leeway) {
            Some(Reason::NotYetValid)
        } else {
            None
        };
        prop_assert_eq!(outcome, expected);
    }

    /// Whatever an unknown claim holds is read back as it was written.
    #[test]
    fn unknown_claims_are_kept(value in json_value(), name in "x_[a-z\"\\\\é]{0,6}") {
        let mut claims = Map::new();
        claims.insert("before".into(), json!({"a": [1, 2]}));
        claims.insert(name.clone(), value.clone());
        claims.insert("aud".into(), json!("\u{1}é\"x"));
        let payload = Value::Object(claims).to_string();
        let decoded = UnverifiedToken::decode(&format!("e30.{}.", base64url(payload))).unwrap();
        prop_assert_eq!(decoded.claims().get(&name), Some(value));
        prop_assert_eq!(decoded.claims().aud(), Some("\u{1}é\"x"));
    }

    /// No text makes a reader panic, and none is accepted.
    #[test]
    fn no_text_is_a_token(text in ".{0,200}", header in ".{0,60}", payload in ".{0,120}") {
        prop_assert!(validator().verify(&text, &keys()).is_err());
        let dressed = format!("{}.{}.{}", base64url(header), base64url(payload), base64url(&text));
        prop_assert!(validator().verify(&dressed, &keys()).is_err());
        let _ = UnverifiedToken::decode(&text);
        let _ = UnverifiedToken::decode(&dressed);
    }

    /// A broken key set is refused or gives fewer keys, and never panics.
    #[test]
    fn broken_key_sets_give_no_new_keys(place in 0..1200_usize, bytes in prop::collection::vec(any::<u8>(), 0..6)) {
        let mut document = key_document().to_string().into_bytes();
        let place = place.min(document.len());
        document.splice(place..(place + bytes.len()).min(document.len()), bytes);
        if let Ok(set) = KeySet::from_json(&document) {
            prop_assert!(set.kids().count() <= 2);
        }
    }
}
