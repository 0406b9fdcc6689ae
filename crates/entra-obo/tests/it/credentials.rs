//! Client assertions: what they say, when they are made anew, and what makes room for the
//! next credential.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::support::*;
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use entra_claims::ManualClock;
use entra_obo::credential::{AssertionCallback, ClientCertificate, CredentialError, TokenFile};
use entra_obo::{
    ClientCredential, ClientSecret, ErrorKind, ExchangeClient, ExchangeError, NextStep,
};
use foundry_scopes::ClientId;
use serde_json::Value;

const PEM: &str = include_str!("data/client.pem");
const ENDPOINT: &str =
    "https://login.microsoftonline.com/8eaef023-2b34-4da1-9baa-8bc8c9d6a490/oauth2/v2.0/token";
const DEFAULT: &str = "https://graph.microsoft.com/.default";

struct Setup {
    endpoint: Arc<Endpoint>,
    clock: Arc<ManualClock>,
    client: ExchangeClient,
}

fn setup(endpoint: Arc<Endpoint>, credentials: Vec<ClientCredential>) -> Setup {
    let clock = Arc::new(ManualClock::at(NOW));
    let mut credentials = credentials.into_iter();
    let first = credentials.next().unwrap();
    let client = ClientId::parse(CLIENT).unwrap();
    let mut builder = ExchangeClient::builder(authority(), client, first)
        .transport(endpoint.clone())
        .clock(clock.clone());
    for credential in credentials {
        builder = builder.or_credential(credential);
    }
    Setup {
        endpoint,
        clock,
        client: builder.build().unwrap(),
    }
}

impl Setup {
    async fn ask(&self) -> Result<(), ExchangeError> {
        self.client.clear();
        let own = self.client.for_app(scopes(DEFAULT)).unwrap();
        own.token().await.map(|_| ())
    }

    fn last(&self) -> Seen {
        self.endpoint.seen().pop().unwrap()
    }
}

fn certificate() -> ClientCertificate {
    ClientCertificate::from_pem(PEM).unwrap()
}

fn der() -> Vec<u8> {
    let text = PEM.split("-----BEGIN CERTIFICATE-----").nth(1).unwrap();
    let text = text.split("-----END").next().unwrap();
    let text: String = text.split_whitespace().collect();
    STANDARD.decode(text).unwrap()
}

fn part(assertion: &str, n: usize) -> Value {
    let part = assertion.split('.').nth(n).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// The signature, by a reader that shares nothing with the signer: the key comes out of
/// the certificate.
fn assert_signed(assertion: &str, algorithm: &'static aws_lc_rs::signature::RsaParameters) {
    use x509_cert::der::Decode as _;
    let certificate = x509_cert::Certificate::from_der(&der()).unwrap();
    let info = certificate.tbs_certificate().subject_public_key_info();
    let key = UnparsedPublicKey::new(algorithm, info.subject_public_key.raw_bytes());
    let (message, signature) = assertion.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    key.verify(message.as_bytes(), &signature).unwrap();
}

#[tokio::test]
async fn a_certificate_signs_the_documented_assertion() {
    let setup = setup(
        Endpoint::granting(),
        vec![ClientCredential::certificate(certificate())],
    );
    setup.ask().await.unwrap();
    let seen = setup.last();
    assert_eq!(
        seen.get("client_assertion_type"),
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    );
    assert!(!seen.form.contains_key("client_secret"));
    let assertion = seen.get("client_assertion");
    let header = part(assertion, 0);
    assert_eq!(header["alg"], "PS256");
    assert_eq!(header["typ"], "JWT");
    assert_eq!(
        header["x5t#S256"],
        URL_SAFE_NO_PAD.encode(digest(&SHA256, &der()))
    );
    assert!(header.get("x5c").is_none() && header.get("x5t").is_none());
    let claims = part(assertion, 1);
    assert_eq!(claims["aud"], ENDPOINT);
    assert_eq!(claims["iss"], CLIENT);
    assert_eq!(claims["sub"], CLIENT);
    assert_eq!(claims["nbf"], NOW);
    assert_eq!(claims["iat"], NOW);
    assert_eq!(claims["exp"], NOW + 600);
    assert_eq!(claims["jti"].as_str().unwrap().len(), 36);
    assert_signed(assertion, &RSA_PSS_2048_8192_SHA256);
}

#[tokio::test]
async fn the_older_form_and_the_chain_are_choices() {
    let certificate = certificate().with_rs256().with_chain();
    let setup = setup(
        Endpoint::granting(),
        vec![ClientCredential::certificate(certificate)],
    );
    setup.ask().await.unwrap();
    let seen = setup.last();
    let assertion = seen.get("client_assertion");
    let header = part(assertion, 0);
    assert_eq!(header["alg"], "RS256");
    assert_eq!(
        header["x5t"],
        URL_SAFE_NO_PAD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &der()))
    );
    assert!(header.get("x5t#S256").is_none());
    assert_eq!(header["x5c"], serde_json::json!([STANDARD.encode(der())]));
    assert_signed(assertion, &RSA_PKCS1_2048_8192_SHA256);
}

/// In whatever order a file lists them, the chain begins with the certificate of the key
/// (RFC 7515, section 4.1.6).
#[tokio::test]
async fn the_chain_begins_with_the_certificate_of_the_key() {
    let other = include_str!("data/other.pem");
    let issuer = other
        .find("-----BEGIN CERTIFICATE-----")
        .map(|at| other[at..].to_owned())
        .unwrap();
    let certificate = ClientCertificate::from_pem(format!("{issuer}\n{PEM}")).unwrap();
    let credential = ClientCredential::certificate(certificate.with_chain());
    let setup = setup(Endpoint::granting(), vec![credential]);
    setup.ask().await.unwrap();
    let header = part(setup.last().get("client_assertion"), 0);
    let chain = header["x5c"].as_array().unwrap();
    assert_eq!(chain.len(), 2);
    assert_eq!(chain[0], STANDARD.encode(der()));
}

#[tokio::test]
async fn an_authority_without_ps256_gets_rs256_from_then_on() {
    let endpoint = Endpoint::new(|seen, n| match n {
        0 => Ok(refuse(400, "invalid_client", "", 5_002_730)),
        _ => grant(seen, 3600, ""),
    });
    let setup = setup(endpoint, vec![ClientCredential::certificate(certificate())]);
    setup.ask().await.unwrap();
    setup.ask().await.unwrap();
    let seen = setup.endpoint.seen();
    let algorithms: Vec<_> = seen
        .iter()
        .map(|seen| part(seen.get("client_assertion"), 0)["alg"].clone())
        .collect();
    assert_eq!(algorithms, ["PS256", "RS256", "RS256"]);
}

#[tokio::test]
async fn one_assertion_serves_until_shortly_before_its_end_and_one_tenant_only() {
    let setup = setup(
        Endpoint::granting(),
        vec![ClientCredential::certificate(certificate())],
    );
    setup.ask().await.unwrap();
    let first = setup.last().get("client_assertion").to_owned();
    setup.clock.advance(Duration::from_secs(539));
    setup.ask().await.unwrap();
    assert_eq!(setup.last().get("client_assertion"), first);
    setup.clock.advance(Duration::from_secs(1));
    setup.ask().await.unwrap();
    let second = setup.last().get("client_assertion").to_owned();
    assert_ne!(second, first);
    // Set back an hour, the clock must not leave an assertion of the future in use.
    setup.clock.set_wall(NOW - 3600);
    setup.ask().await.unwrap();
    assert_ne!(setup.last().get("client_assertion"), second);

    let there = setup.client.for_tenant(tenant(OTHER_TENANT));
    there
        .for_app(scopes(DEFAULT))
        .unwrap()
        .token()
        .await
        .unwrap();
    let other = part(setup.last().get("client_assertion"), 1);
    assert!(other["aud"].as_str().unwrap().contains(OTHER_TENANT));
}

#[tokio::test]
async fn a_stale_proof_is_renewed_once_and_a_wrong_one_not_at_all() {
    for (code, calls) in [
        (700_024, 2),
        (700_027, 2),
        (7_000_214, 2),
        (1_000_502, 2),
        (7_000_274, 2),
        (7_000_277, 2),
        (7_000_222, 1),
        (700_016, 1),
    ] {
        let endpoint = Endpoint::new(move |_, _| Ok(refuse(401, "invalid_client", "", code)));
        let setup = setup(endpoint, vec![ClientCredential::certificate(certificate())]);
        let error = setup.ask().await.unwrap_err();
        assert_eq!(error.codes(), [u64::from(code)]);
        assert_eq!(setup.endpoint.calls(), calls, "{code}");
        if calls == 2 {
            let seen = setup.endpoint.seen();
            assert_ne!(
                seen[0].get("client_assertion"),
                seen[1].get("client_assertion")
            );
        }
    }
    // A secret cannot be made anew.
    let endpoint = Endpoint::new(|_, _| Ok(refuse(401, "invalid_client", "", 7_000_214)));
    let secret = ClientCredential::secret(ClientSecret::new(SECRET));
    let setup = setup(endpoint, vec![secret]);
    setup.ask().await.unwrap_err();
    assert_eq!(setup.endpoint.calls(), 1);
}

#[tokio::test]
async fn the_next_credential_is_taken_and_kept_when_one_is_refused() {
    let endpoint = Endpoint::new(|seen, _| match seen.get("client_secret") {
        "old" => Ok(refuse(401, "invalid_client", "", 7_000_222)),
        _ => grant(seen, 3600, ""),
    });
    let both = ["old", "new"].map(|value| ClientCredential::secret(ClientSecret::new(value)));
    let setup = setup(endpoint, both.into());
    setup.ask().await.unwrap();
    setup.ask().await.unwrap();
    let seen = setup.endpoint.seen();
    let sent: Vec<_> = seen.iter().map(|seen| seen.get("client_secret")).collect();
    assert_eq!(sent, ["old", "new", "new"]);
}

#[tokio::test]
async fn a_refusal_that_is_not_the_credentials_fault_does_not_send_the_next_one() {
    let endpoint =
        Endpoint::new(|_, _| Ok(refuse(400, "invalid_grant", "consent_required", 65001)));
    let both = ["a", "b"].map(|value| ClientCredential::secret(ClientSecret::new(value)));
    let setup = setup(endpoint, both.into());
    assert_eq!(setup.ask().await.unwrap_err().next(), NextStep::AskConsent);
    assert_eq!(setup.endpoint.calls(), 1);
}

#[tokio::test]
async fn a_token_file_is_read_for_every_request() {
    let folder = std::env::temp_dir().join(format!("entra-obo-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("token");
    let file = ClientCredential::federated(Arc::new(TokenFile::new(&path)));
    let setup = setup(Endpoint::granting(), vec![file]);

    let error = setup.ask().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credential);
    assert_eq!(error.next(), NextStep::FixConfiguration);
    let text = error.to_string();
    assert!(text.contains("token file cannot be used"), "{text}");
    assert!(text.contains(path.to_str().unwrap()), "{text}");

    for (content, sent) in [("a.b.c\n", "a.b.c"), ("  d.e.f ", "d.e.f")] {
        std::fs::write(&path, content).unwrap();
        setup.ask().await.unwrap();
        assert_eq!(setup.last().get("client_assertion"), sent);
    }
    let long = format!("a.{}.c", "b".repeat(64 * 1024));
    for (content, why) in [
        (" \n", "empty"),
        ("not-a-jwt", "three segments"),
        ("a.b c.d", "three segments"),
        (long.as_str(), "larger than 64 KiB"),
    ] {
        std::fs::write(&path, content).unwrap();
        let error = setup.ask().await.unwrap_err();
        let text = error.to_string();
        assert!(text.contains(why), "{text}");
    }
    assert_eq!(setup.endpoint.calls(), 2, "a bad file was sent");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn a_callbacks_token_is_looked_at_before_it_is_sent() {
    for (text, why) in [
        (String::new(), "empty"),
        ("a.b".to_owned(), "three segments"),
        (
            format!("a.{}.c", "b".repeat(64 * 1024)),
            "longer than 64 KiB",
        ),
    ] {
        let callback = AssertionCallback::new(move |_, _| {
            let text = text.clone();
            async move { Ok(text) }
        });
        let callback = ClientCredential::federated(Arc::new(callback));
        let setup = setup(Endpoint::granting(), vec![callback]);
        let error = setup.ask().await.unwrap_err();
        let text = error.to_string();
        assert!(text.contains(why), "{text}");
        assert_eq!(setup.endpoint.calls(), 0);
    }
}

#[tokio::test]
async fn a_callback_learns_that_its_token_was_refused() {
    let endpoint = Endpoint::new(|seen, _| match seen.get("client_assertion") {
        "old.old.old" => Ok(refuse(401, "invalid_client", "", 700_024)),
        _ => grant(seen, 3600, ""),
    });
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let callback = AssertionCallback::new(move |audience, renew| {
        count.fetch_add(1, Ordering::SeqCst);
        async move {
            // What the other issuer is asked for, and not where the assertion goes.
            assert_eq!(audience, "api://AzureADTokenExchange");
            let token = if renew { "new.new.new" } else { "old.old.old" };
            Ok::<_, CredentialError>(token.to_owned())
        }
    });
    let setup = setup(
        endpoint,
        vec![ClientCredential::federated(Arc::new(callback))],
    );
    setup.ask().await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    assert_eq!(setup.last().get("client_assertion"), "new.new.new");
}

#[test]
fn a_certificate_that_cannot_be_used_says_why() {
    let blocks: Vec<_> = PEM.split_inclusive("-----END").collect();
    let key = PEM.split("-----BEGIN CERTIFICATE-----").next().unwrap();
    let certificate = &PEM[key.len()..];
    let other = include_str!("data/other.pem");
    let other_certificate = &other[other.find("-----BEGIN CERTIFICATE-----").unwrap()..];
    assert!(!blocks.is_empty());
    for (pem, why) in [
        (String::new(), "no certificate"),
        (key.to_owned(), "no certificate"),
        (certificate.to_owned(), "no private key"),
        (
            format!("{key}{other_certificate}"),
            "belongs to its private key",
        ),
        (
            format!(
                "{certificate}-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"
            ),
            "encrypted",
        ),
        (
            format!(
                "{certificate}-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n"
            ),
            "not RSA",
        ),
        (
            format!("{certificate}-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
            "2048",
        ),
    ] {
        let error = ClientCertificate::from_pem(&pem).unwrap_err();
        assert!(error.reason().contains(why), "{why}: {error}");
    }
    // Any order, with another certificate in front.
    let mixed = format!("{other_certificate}{certificate}{key}");
    ClientCertificate::from_pem(mixed).unwrap();
}

#[tokio::test]
async fn a_rotated_file_is_seen_and_a_damaged_one_changes_nothing() {
    let path = std::env::temp_dir().join(format!("entra-obo-{}.pem", std::process::id()));
    std::fs::write(&path, PEM).unwrap();
    let certificate = ClientCertificate::from_pem_file(&path).unwrap();
    let setup = setup(
        Endpoint::granting(),
        vec![ClientCredential::certificate(certificate.clone())],
    );
    let thumbprint = |seen: &Seen| {
        part(seen.get("client_assertion"), 0)["x5t#S256"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    setup.ask().await.unwrap();
    let old = thumbprint(&setup.last());
    let end = certificate.not_after();

    std::fs::write(&path, "damaged").unwrap();
    setup.clock.advance(Duration::from_secs(600));
    setup.ask().await.unwrap();
    assert_eq!(thumbprint(&setup.last()), old);

    std::fs::write(&path, include_str!("data/other.pem")).unwrap();
    setup.clock.advance(Duration::from_secs(600));
    setup.ask().await.unwrap();
    assert_ne!(thumbprint(&setup.last()), old);
    assert_ne!(certificate.not_after(), end, "the watcher's clone sees it");
    assert!(certificate.days_left(certificate.not_after()) == 0);
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn nothing_of_a_credential_is_printed() {
    let certificate = ClientCredential::certificate(certificate());
    let shown = format!("{certificate:?}");
    assert!(
        shown.contains("not_after") && !shown.contains("KEY"),
        "{shown}"
    );
    let callback = AssertionCallback::new(|_, _| async { Ok("secret.secret.secret".to_owned()) });
    let callback = ClientCredential::federated(Arc::new(callback));
    assert!(!format!("{callback:?}").contains("secret"));
}
