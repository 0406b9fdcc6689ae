//! Any payload under a good signature: what is checked beside the signature.

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use entra_claims::UnverifiedToken;
use serde_json::Value;

use super::world::{API, LEEWAY, NOW, SIGNING_KEY, TENANT, WORLD, tells_nothing};
use crate::check::base64url;

const HEADER: &str = r#"{"typ":"JWT","alg":"RS256","kid":"key-1"}"#;

static KEY: LazyLock<RsaKeyPair> =
    LazyLock::new(|| RsaKeyPair::from_pkcs8(SIGNING_KEY).expect("a private key"));

/// `Validator::verify` on `data` as the payload of a token that the authority's key signed.
///
/// Whatever is accepted is for this tenant, this API and this time, and names a caller.
pub fn signed(data: &[u8]) {
    accepted(data);
}

/// Whether the payload is one of a token that is accepted.
fn accepted(data: &[u8]) -> bool {
    let input = format!("{}.{}", base64url(HEADER), base64url(data));
    // Signing is slow, and what cannot be decoded is refused before the signature anyway: the
    // target `verify` demands it.
    if UnverifiedToken::decode(&format!("{input}.")).is_err() {
        return false;
    }
    let mut signature = vec![0; KEY.public_modulus_len()];
    KEY.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        input.as_bytes(),
        &mut signature,
    )
    .expect("a signature");
    let token = format!("{input}.{}", base64url(signature));

    let verified = match WORLD.validator.verify(&token, &WORLD.keys) {
        Ok(verified) => verified,
        Err(rejection) => {
            tells_nothing(&token, &rejection);
            return false;
        }
    };
    assert_eq!(verified.expose_token(), token);
    assert_eq!(verified.principal().tenant().to_string(), TENANT);
    assert!(!format!("{verified:?}").contains(&base64url(data)));

    // A second reader of the same payload, which knows none of our types.
    let claims: Value = serde_json::from_slice(data).expect("accepted, so it is JSON");
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let seconds = |name: &str| claims.get(name).and_then(Value::as_i64);
    assert_eq!(text("tid"), TENANT);
    let issuer = match text("ver") {
        "1.0" => format!("https://sts.windows.net/{TENANT}/"),
        "2.0" => format!("https://login.microsoftonline.com/{TENANT}/v2.0"),
        other => panic!("accepted with ver {other:?}"),
    };
    assert_eq!(text("iss"), issuer);
    let aud = match text("ver") {
        // As the client wrote it: a GUID in either case, one slash more.
        "1.0" if text("aud").eq_ignore_ascii_case(API) => API.to_owned(),
        "1.0" => text("aud")
            .strip_suffix('/')
            .unwrap_or(text("aud"))
            .to_owned(),
        _ => text("aud").to_owned(),
    };
    assert!([API.to_owned(), format!("api://{API}")].contains(&aud));
    let exp = seconds("exp").expect("accepted, so it has exp");
    assert!(exp + LEEWAY >= NOW, "expired at {exp}");
    assert_eq!(verified.expires_at_unix(), exp);
    assert!(seconds("nbf").is_none_or(|nbf| nbf <= NOW + LEEWAY));
    assert!(
        claims.get("cnf").is_none(),
        "accepted although bound to a key"
    );
    let principal = verified.principal();
    assert_eq!(principal.object().to_string(), text("oid"));
    let client = claims.get("azp").or(claims.get("appid"));
    assert_eq!(client, Some(&Value::from(principal.client().to_string())));
    true
}

#[cfg(test)]
mod tests {
    use super::accepted;

    /// Else the target would say nothing about what is accepted.
    #[test]
    fn seeds_are_accepted_and_refused() {
        assert!(accepted(include_bytes!("../../seeds/signed/user_v2.json")));
        assert!(accepted(include_bytes!("../../seeds/signed/user_v1.json")));
        assert!(accepted(include_bytes!("../../seeds/signed/app_only.json")));
        assert!(accepted(include_bytes!(
            "../../seeds/signed/agent_user.json"
        )));
        assert!(!accepted(include_bytes!("../../seeds/signed/expired.json")));
        assert!(!accepted(include_bytes!(
            "../../seeds/signed/id_token.json"
        )));
    }
}
