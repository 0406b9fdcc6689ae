//! An authorization code becomes an ID token and nothing else, against a local Entra ID.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entra_claims::transport::{HttpClient, HttpTransport as _};
use entra_claims::{AcceptedAudiences, Authenticator, ExpectedSignIn, TenantPolicy, Validator};
use entra_emulator::{Directory, Emulator, demo};
use entra_obo::{AuthorizationCode, ClientCredential, ClientSecret, ErrorKind, ExchangeClient};
use foundry_scopes::{ClientId, Cloud, TenantAuthority, TenantId};
use url::Url;

const REDIRECT: &str = "http://localhost:9/consent/callback";
const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more-0";

async fn code(emulator: &Emulator, nonce: &str) -> String {
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, VERIFIER.as_bytes()));
    let endpoint = emulator.authorization_endpoint(demo::TENANT);
    let url = Url::parse_with_params(
        &endpoint,
        [
            ("client_id", demo::MCP_SERVER),
            ("response_type", "code"),
            ("redirect_uri", REDIRECT),
            ("scope", "openid profile"),
            ("nonce", nonce),
            ("login_hint", demo::ALICE_UPN),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ],
    );
    // It follows no redirect.
    let http = HttpClient::allowing_loopback().unwrap();
    let request = http::Request::get(url.unwrap().as_str())
        .body(Vec::new())
        .unwrap();
    let answer = http.send(request).await.unwrap();
    let back = Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
    let code = back.query_pairs().find(|(name, _)| name == "code");
    code.expect("a code").1.into_owned()
}

#[tokio::test]
async fn a_code_says_who_signed_in_once() {
    let directory = Directory::demo().map_app(demo::MCP_SERVER, |app| app.redirect_uri(REDIRECT));
    let emulator = Emulator::start(directory).await.unwrap();
    let cloud = Cloud::loopback(emulator.base_url()).unwrap();
    let tenant = TenantId::parse(demo::TENANT).unwrap();
    let server = ClientId::parse(demo::MCP_SERVER).unwrap();
    let authority = TenantAuthority::new(cloud.clone(), tenant);
    let client = |secret: &str| {
        let secret = ClientCredential::secret(ClientSecret::new(secret));
        ExchangeClient::new(authority.clone(), server, secret).unwrap()
    };
    let right = client(demo::MCP_SERVER_SECRET);
    assert_eq!(right.client_id(), server);
    let code = code(&emulator, "n-1").await;
    let mut grant = AuthorizationCode {
        code: &code,
        redirect_uri: REDIRECT,
        verifier: "another-verifier-of-forty-three-characters-0",
    };
    assert!(!format!("{grant:?}").contains(&code));
    let refused = right.redeem_code(grant).await.unwrap_err();
    assert!(!format!("{refused:?} {refused}").contains(&code));
    grant.verifier = VERIFIER;
    let refused = client("wrong").redeem_code(grant).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Credential);

    let token = right.redeem_code(grant).await.unwrap();
    let audiences = AcceptedAudiences::for_client(server);
    let validator = Validator::new(cloud, TenantPolicy::single(tenant), audiences);
    let expected = ExpectedSignIn {
        client: server,
        nonce: "n-1",
    };
    let authenticator = Authenticator::new(validator).unwrap();
    let who = authenticator
        .authenticate_id_token(token.expose(), expected)
        .await;
    assert_eq!(who.unwrap().key().object.to_string(), demo::ALICE);
    assert!(right.redeem_code(grant).await.is_err(), "a code works once");
}
