//! The floors: the signature alone; and the signature, the decoding and the parsing that no validator can leave out, and none of the
//! checks that one must make.

use std::error::Error;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64_simd::{AsOut as _, URL_SAFE_NO_PAD};
use serde::Deserialize;

use super::issuer::Components;

pub(crate) struct Floor {
    key: ParsedPublicKey,
}

/// A token as the signature sees it.
pub(crate) struct Signed {
    message: String,
    signature: Vec<u8>,
}

impl Signed {
    pub(crate) fn all(tokens: &[String]) -> Result<Vec<Self>, Box<dyn Error>> {
        let cut = |token: &String| {
            let (message, signature) = token.rsplit_once('.').ok_or("no signature")?;
            let signature = URL_SAFE_NO_PAD.decode_to_vec(signature)?;
            Ok(Self {
                message: message.to_owned(),
                signature,
            })
        };
        tokens.iter().map(cut).collect()
    }
}

/// Borrowed from the decoded bytes, which holds for claims without JSON escapes only.
#[derive(Deserialize)]
struct Claims<'a> {
    aud: &'a str,
    iss: &'a str,
    tid: &'a str,
    oid: &'a str,
    azp: &'a str,
    scp: &'a str,
    exp: i64,
    nbf: i64,
}

#[derive(Deserialize)]
struct Header<'a> {
    alg: &'a str,
    kid: &'a str,
}

impl Floor {
    pub(crate) fn new(key: &Components) -> Result<Self, Box<dyn Error>> {
        let components = RsaPublicKeyComponents {
            n: &key.n,
            e: &key.e,
        };
        Ok(Self {
            key: components.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)?,
        })
    }

    /// The signature alone, of a message and a signature that were cut out and decoded before.
    pub(crate) fn verify(&self, signed: &Signed) -> bool {
        self.key
            .verify_sig(signed.message.as_bytes(), &signed.signature)
            .is_ok()
    }

    pub(crate) fn run(&self, token: &str) -> bool {
        self.try_run(token).is_some()
    }

    fn try_run(&self, token: &str) -> Option<()> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        // On the stack, which has room for these tokens: the floor allocates nothing.
        let (mut first, mut second, mut third) = ([0; 512], [0; 4096], [0; 512]);
        let header: &[u8] = URL_SAFE_NO_PAD
            .decode(header.as_bytes(), first[..].as_out())
            .ok()?;
        let payload: &[u8] = URL_SAFE_NO_PAD
            .decode(payload.as_bytes(), second[..].as_out())
            .ok()?;
        let signature: &[u8] = URL_SAFE_NO_PAD
            .decode(signature.as_bytes(), third[..].as_out())
            .ok()?;
        let header: Header<'_> = serde_json::from_slice(header).ok()?;
        let claims: Claims<'_> = serde_json::from_slice(payload).ok()?;
        self.key
            .verify_digest_sig(&digest(&SHA256, signed.as_bytes()), signature)
            .ok()?;
        std::hint::black_box((header.alg, header.kid));
        std::hint::black_box((claims.aud, claims.iss, claims.tid, claims.oid));
        std::hint::black_box((claims.azp, claims.scp, claims.exp, claims.nbf));
        Some(())
    }
}
