//! Conversions from and to the JWK types of the `jsonwebtoken` crate.

use jsonwebtoken::jwk::{
    AlgorithmParameters, CommonParameters, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse,
    RSAKeyParameters, RSAKeyType,
};

use super::{Algorithm, Key, KeySet, KeySetError};
use crate::decode::encode_base64;

/// Takes the usable RSA keys of a set.
///
/// `jsonwebtoken` drops what Entra ID adds to a key: `issuer` and `cloud_instance_name`.
/// Keys that came this way are not checked against the token's tenant and cloud. Read the
/// authority's own document with [`KeySet::from_json`] where you can.
///
/// ```
/// use entra_claims::KeySet;
///
/// let keys = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/keys.json"));
/// let keys = KeySet::from_json(keys)?;
/// let theirs = jsonwebtoken::jwk::JwkSet::from(&keys);
/// assert!(theirs.find("key-1").is_some());
/// assert_eq!(KeySet::try_from(&theirs)?.kids().collect::<Vec<_>>(), ["key-1", "key-2"]);
/// # Ok::<(), entra_claims::KeySetError>(())
/// ```
impl TryFrom<&JwkSet> for KeySet {
    type Error = KeySetError;

    fn try_from(set: &JwkSet) -> Result<Self, KeySetError> {
        let document = serde_json::to_vec(set).map_err(|_| KeySetError::NotAKeySet)?;
        Self::from_json(&document)
    }
}

/// The keys, for code that validates with `jsonwebtoken`; their issuers and clouds are lost.
impl From<&KeySet> for JwkSet {
    fn from(set: &KeySet) -> Self {
        Self {
            keys: set.0.keys.iter().map(|key| jwk(key)).collect(),
        }
    }
}

fn jwk(key: &Key) -> Jwk {
    let (n, e) = key.components();
    Jwk {
        common: CommonParameters {
            public_key_use: Some(PublicKeyUse::Signature),
            key_algorithm: Some(if key.allows(Algorithm::Rs256) {
                KeyAlgorithm::RS256
            } else {
                KeyAlgorithm::PS256
            }),
            key_id: Some(key.kid().to_owned()),
            ..CommonParameters::default()
        },
        algorithm: AlgorithmParameters::RSA(RSAKeyParameters {
            key_type: RSAKeyType::RSA,
            n: encode_base64(n),
            e: encode_base64(e),
        }),
    }
}
