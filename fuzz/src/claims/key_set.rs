//! Key sets.

use std::collections::{HashMap, HashSet};

use entra_claims::KeySet;
use serde_json::Value;
use serde_json::value::RawValue;

use super::world::{KEYS, ORIGINAL, WORLD};
use crate::check::{one_line, prints_safely};

/// `KeySet::from_json`, and the signed token under the key set that was read.
///
/// Keys have one name each, and the token is accepted only if the key that signed it is in the
/// document, under the name that the token gives.
pub fn key_set(data: &[u8]) {
    let keys = match KeySet::from_json(data) {
        Ok(keys) => keys,
        Err(error) => return prints_safely(&error),
    };
    one_line(&format!("{keys:?}"));
    let names: Vec<&str> = keys.kids().collect();
    let unique: HashSet<&str> = names.iter().copied().collect();
    assert!(!names.is_empty() && unique.len() == names.len());
    assert!(!unique.contains(""));

    if WORLD.validator.verify(ORIGINAL, &keys).is_ok() {
        let signer = entries(KEYS).remove(0);
        let found = entries(data).iter().any(|key| {
            let same = |member| key.get(member).is_some() && key.get(member) == signer.get(member);
            same("kid") && same("n") && same("e")
        });
        assert!(found, "accepted, and the key is not in the document");
    }
}

/// What a second reader makes of the entries, one by one: a broken one does not spoil the others.
fn entries(document: &[u8]) -> Vec<Value> {
    let members: HashMap<String, &RawValue> = serde_json::from_slice(document).expect("an object");
    let keys: Vec<&RawValue> = serde_json::from_str(members["keys"].get()).expect("an array");
    let entry = |raw: &&RawValue| serde_json::from_str(raw.get()).ok();
    keys.iter().filter_map(entry).collect()
}
