//! Sealing: what a store holds can be read by nobody else, and is good for one request only.
//!
//! A value is `version (1) | key id (8) | salt (12) | nonce (12) | AES-256-GCM`. The key is
//! derived for each value from the salt, so no number of values wears out a secret (random
//! nonces alone would end at 2^32 values, which a fleet writes in weeks; XAES-256-GCM, C2SP,
//! does the same). The associated data is everything outside of the value that it depends
//! on: its form, the key's id, and the whole of what it is about.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand;
use zeroize::Zeroizing;

use super::keys::{StoreKey, Subject};
use super::token_store::MAX_STORED_VALUE;

/// A change of what is sealed, or how, gets a new version here and in the label of
/// [`StoreKey`]: older values are misses then, and under other names.
const VERSION: u8 = 1;
const ID: usize = 8;
const SALT: usize = 12;
const NONCE: usize = 12;
const HEADER: usize = 1 + ID + SALT + NONCE;

/// Seals `plain`, which is wiped. `None` when it is too long for a store.
pub(super) fn seal(
    key: &StoreKey,
    subject: Subject<'_>,
    plain: Zeroizing<Vec<u8>>,
) -> Option<Vec<u8>> {
    if HEADER + plain.len() + AES_256_GCM.tag_len() > MAX_STORED_VALUE {
        return None;
    }
    try_seal(key, subject, plain).ok()
}

fn try_seal(
    key: &StoreKey,
    subject: Subject<'_>,
    mut plain: Zeroizing<Vec<u8>>,
) -> Result<Vec<u8>, Unspecified> {
    let mut random = [0; SALT + NONCE];
    rand::fill(&mut random)?;
    let (salt, nonce) = random.split_at(SALT);
    let cipher = cipher(key, salt)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce)?;
    let aad = Aad::from(bound_to(key, subject));
    let tag = cipher.seal_in_place_separate_tag(nonce, aad, &mut plain)?;
    let mut value = Vec::with_capacity(HEADER + plain.len() + AES_256_GCM.tag_len());
    value.push(VERSION);
    value.extend_from_slice(&key.id);
    value.extend_from_slice(&random);
    value.extend_from_slice(&plain);
    value.extend_from_slice(tag.as_ref());
    Ok(value)
}

/// Opens what a store gave for `subject` under the name of `key`; `None` for anything that
/// was not sealed for it with that key, whatever it is.
pub(super) fn open<T>(
    key: &StoreKey,
    subject: Subject<'_>,
    value: Vec<u8>,
    read: impl FnOnce(&[u8]) -> Option<T>,
) -> Option<T> {
    let mut value = Zeroizing::new(value);
    if value.len() > MAX_STORED_VALUE {
        return None;
    }
    let (header, sealed) = value.split_at_mut_checked(HEADER)?;
    let (&mut version, header) = header.split_first_mut()?;
    let (id, random) = header.split_at(ID);
    if version != VERSION || id != key.id {
        return None;
    }
    let (salt, nonce) = random.split_at(SALT);
    let cipher = cipher(key, salt).ok()?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let aad = Aad::from(bound_to(key, subject));
    let plain = cipher.open_in_place(nonce, aad, sealed).ok()?;
    read(plain)
}

fn cipher(key: &StoreKey, salt: &[u8]) -> Result<LessSafeKey, Unspecified> {
    let info = [b"value".as_slice(), salt];
    let key = key.sealing.expand(&info, &AES_256_GCM)?;
    Ok(LessSafeKey::new(UnboundKey::from(key)))
}

/// The associated data. Everything in it has a length that the tag tells.
#[cfg(not(entra_obo_broken = "unbound_values"))]
fn bound_to(key: &StoreKey, subject: Subject<'_>) -> Vec<u8> {
    let mut data = Vec::with_capacity(96);
    data.extend_from_slice(b"entra-obo/sealed");
    data.extend([VERSION, subject.tag()]);
    data.extend_from_slice(&key.id);
    subject
        .parts()
        .into_iter()
        .for_each(|part| data.extend_from_slice(part));
    data
}

#[cfg(entra_obo_broken = "unbound_values")]
fn bound_to(_: &StoreKey, _: Subject<'_>) -> Vec<u8> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::super::keys::Ring;
    use super::*;
    use crate::cache::key::tests::key;
    use crate::store::{SealingKeys, SealingSecret};

    fn ring(n: u8) -> Ring {
        Ring::new(&SealingKeys::new(SealingSecret::new(&[n; 32]))).unwrap()
    }

    fn plain(length: usize) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(vec![7; length])
    }

    #[test]
    fn what_is_longer_than_a_store_keeps_is_neither_sealed_nor_opened() {
        let (ring, key) = (ring(1), key(1));
        let subject = Subject::Token(&key);
        let opens = |value| open(&ring.primary, subject, value, |plain| Some(plain.len()));
        let most = MAX_STORED_VALUE - HEADER - AES_256_GCM.tag_len();
        let whole = seal(&ring.primary, subject, plain(most)).unwrap();
        assert_eq!(whole.len(), MAX_STORED_VALUE);
        assert_eq!(opens(whole), Some(most));
        assert!(seal(&ring.primary, subject, plain(most + 1)).is_none());
        let longer = try_seal(&ring.primary, subject, plain(most + 1)).unwrap();
        assert_eq!(opens(longer), None);
    }

    #[test]
    fn no_two_values_and_no_two_names_are_alike() {
        let (ring, other, key) = (ring(1), ring(2), key(1));
        let subject = Subject::Token(&key);
        let value = || seal(&ring.primary, subject, plain(16)).unwrap();
        let (one, two) = (value(), value());
        assert!(
            one.windows(8)
                .skip(1 + ID)
                .all(|run| !two.windows(8).any(|it| it == run))
        );
        // The bytes of a token's key and of a user's ids may be the same: the subjects are not.
        let user = entra_claims::PrincipalKey {
            tenant: foundry_scopes::TenantId::from_u128(0),
            object: foundry_scopes::ObjectId::from_u128(0),
        };
        let names = [
            ring.primary.name(subject),
            ring.primary.name(Subject::Epoch(user)),
            other.primary.name(subject),
            other.primary.name(Subject::Epoch(user)),
        ];
        for (n, name) in names.iter().enumerate() {
            assert_eq!(name.len(), "entra-obo:".len() + 43);
            assert!(!names[n + 1..].contains(name));
        }
        assert_eq!(ring.primary.name(subject), names[0]);
    }
}
