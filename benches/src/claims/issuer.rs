//! Tokens and a key set in the shape and size of Entra's: access tokens of version 2 with twenty groups
//! (2.7 kB), seven keys with their certificates and without `alg`, the fifth of which signs.

use std::error::Error;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64_simd::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

pub(crate) const TENANT: &str = "7d0c3a52-1f5e-4f0b-9a3d-5b1f6c2e8a10";
pub(crate) const CLIENT: &str = "2f8b6e94-3c7d-4a51-8e0f-9d4c1b7a6e35";

pub(crate) const SCOPE: &str = "access_as_user";

const KEYS: usize = 7;
const SIGNER: usize = 4;

pub(crate) struct Issuer {
    keys: Vec<RsaKeyPair>,
}

/// The modulus and the exponent of a key, big-endian.
pub(crate) struct Components {
    pub(crate) n: Vec<u8>,
    pub(crate) e: Vec<u8>,
}

impl Issuer {
    pub(crate) fn new() -> Result<Self, Box<dyn Error>> {
        let keys: Result<Vec<_>, _> = (0..KEYS)
            .map(|_| RsaKeyPair::generate(KeySize::Rsa2048))
            .collect();
        Ok(Self { keys: keys? })
    }

    pub(crate) fn url() -> String {
        format!("https://login.microsoftonline.com/{TENANT}/v2.0")
    }

    pub(crate) fn signer(&self) -> Result<Components, Box<dyn Error>> {
        Ok(components(self.keys.get(SIGNER).ok_or("no signing key")?))
    }

    /// The key set as bytes of JSON.
    pub(crate) fn key_set(&self) -> Vec<u8> {
        let keys: Vec<Value> = self
            .keys
            .iter()
            .enumerate()
            .map(|(number, key)| {
                let Components { n, e } = components(key);
                // The length of a certificate is what counts here; nobody reads it.
                let certificate = STANDARD.encode_to_string(n.repeat(3));
                json!({
                    "kty": "RSA",
                    "use": "sig",
                    "kid": kid(number),
                    "x5t": kid(number),
                    "n": URL_SAFE_NO_PAD.encode_to_string(n),
                    "e": URL_SAFE_NO_PAD.encode_to_string(e),
                    "x5c": [certificate],
                    "cloud_instance_name": "microsoftonline.com",
                    "issuer": "https://login.microsoftonline.com/{tenantid}/v2.0",
                })
            })
            .collect();
        json!({ "keys": keys }).to_string().into_bytes()
    }

    /// A properly signed token of a user whose claims, or whose key's name, were changed.
    pub(crate) fn changed(
        &self,
        user: usize,
        kid: &str,
        change: impl FnOnce(&mut Value),
    ) -> Result<String, Box<dyn Error>> {
        let mut claims = payload(user, now()?);
        change(&mut claims);
        self.sign(kid, &claims.to_string())
    }

    /// The name of the key that signs.
    pub(crate) fn signing_kid() -> String {
        kid(SIGNER)
    }

    /// Valid tokens of `count` users.
    pub(crate) fn tokens(&self, count: usize) -> Result<Vec<String>, Box<dyn Error>> {
        let now = now()?;
        (0..count)
            .map(|user| self.sign(&kid(SIGNER), &payload(user, now).to_string()))
            .collect()
    }

    fn sign(&self, kid: &str, payload: &str) -> Result<String, Box<dyn Error>> {
        let key = self.keys.get(SIGNER).ok_or("no signing key")?;
        let header = format!(r#"{{"typ":"JWT","alg":"RS256","kid":"{kid}"}}"#);
        let mut token = URL_SAFE_NO_PAD.encode_to_string(header);
        token.push('.');
        token.push_str(&URL_SAFE_NO_PAD.encode_to_string(payload));
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            token.as_bytes(),
            &mut signature,
        )?;
        token.push('.');
        token.push_str(&URL_SAFE_NO_PAD.encode_to_string(signature));
        Ok(token)
    }
}

fn kid(number: usize) -> String {
    URL_SAFE_NO_PAD.encode_to_string([b'0' + number as u8; 20])
}

fn components(key: &RsaKeyPair) -> Components {
    let public = key.public_key();
    Components {
        n: public.modulus().big_endian_without_leading_zero().to_vec(),
        e: public.exponent().big_endian_without_leading_zero().to_vec(),
    }
}

fn now() -> Result<u64, Box<dyn Error>> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}

fn payload(user: usize, now: u64) -> Value {
    let groups: Vec<String> = (0..20)
        .map(|group| format!("{user:08x}-5f3a-4c1b-8d2e-{group:012x}"))
        .collect();
    json!({
        "aud": CLIENT,
        "iss": Issuer::url(),
        "iat": now - 60,
        "nbf": now - 60,
        "exp": now + 3600,
        "aio": "AXQAi/8IAAAAtAbZmP3Kq7xWv2NsYd4uTj9eRc1hLgFo6iQw8Ba5ZyXkSvUnMrEtHpDlCzJfGqOwKmVbNxAsQeRdTgYhUjIkOlPzXcVbNmQwErTyUiOp==",
        "azp": "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
        "azpacr": "0",
        "email": format!("user{user}@contoso.example"),
        "groups": groups,
        "ipaddr": "203.0.113.24",
        "name": format!("User Number {user}"),
        "login_hint": "O.CiQxNTQ1YzE1Ni1kMmQxLTQ1NjctYWU0Yi03M2Q1YzU1ZDk0MGESJDdkMGMzYTUyLTFm",
        "oid": format!("{user:08x}-2b4c-4d6e-8f10-a1b2c3d4e5f6"),
        "preferred_username": format!("user{user}@contoso.example"),
        "rh": "1.AXQAUjoMfV4fC0-aPVsfbC6KEJRui_J9PFFKjg-dTBt6bjUIAXx0AA.",
        "roles": ["Reports.Read"],
        "scp": SCOPE,
        "sid": format!("{user:08x}-7c8d-4e9f-a0b1-c2d3e4f5a6b7"),
        "sub": "HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ",
        "tid": TENANT,
        "uti": "fqiBqXLPj0eQa82S-IYFAA",
        "ver": "2.0",
    })
}

#[cfg(test)]
mod tests {
    use super::Issuer;

    #[test]
    fn sizes_are_those_of_entra() -> Result<(), Box<dyn std::error::Error>> {
        let issuer = Issuer::new()?;
        for token in issuer.tokens(2)? {
            assert!((2600..2800).contains(&token.len()), "{}", token.len());
        }
        let key_set = issuer.key_set().len();
        assert!((10_500..12_500).contains(&key_set), "{key_set}");
        Ok(())
    }
}
