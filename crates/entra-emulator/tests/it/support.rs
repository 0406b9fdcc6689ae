//! A client without any of the workspace's code.

use aws_lc_rs::{digest, signature::RsaPublicKeyComponents};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use entra_emulator::{Directory, Emulator, demo};
use reqwest::{Client, Response, redirect::Policy};
use serde_json::Value;
use url::Url;

pub(crate) const REDIRECT: &str = "http://localhost:49152/callback";
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const OBO: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// An answer with its JSON.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) json: Value,
}

impl Answer {
    /// The number of the error; panics unless text, list and link agree on it.
    #[track_caller]
    pub(crate) fn code(&self) -> u64 {
        let code = self.json["error_codes"][0].as_u64().expect("an error");
        let text = self.json["error_description"].as_str().unwrap();
        assert!(text.starts_with(&format!("AADSTS{code}: ")), "{text}");
        assert!(!text.contains(['\n', '\r']));
        if let Some(uri) = self.json["error_uri"].as_str() {
            assert!(uri.ends_with(&format!("/error?code={code}")), "{uri}");
        }
        code
    }

    #[track_caller]
    pub(crate) fn refused(&self, status: u16, error: &str, code: u64) {
        assert_eq!(
            (self.status, self.json["error"].as_str(), self.code()),
            (status, Some(error), code),
            "{}",
            self.json
        );
    }

    #[track_caller]
    pub(crate) fn token(&self) -> Token {
        assert_eq!(self.status, 200, "{}", self.json);
        Token::read(self.json["access_token"].as_str().unwrap())
    }

    #[track_caller]
    pub(crate) fn text(&self, member: &str) -> &str {
        self.json[member]
            .as_str()
            .unwrap_or_else(|| panic!("{member} in {}", self.json))
    }
}

/// A token's text, header and claims, not verified.
#[derive(Debug)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) header: Value,
    pub(crate) claims: Value,
}

impl Token {
    pub(crate) fn read(text: &str) -> Self {
        let mut parts = text
            .split('.')
            .map(|p| BASE64_URL_SAFE_NO_PAD.decode(p).unwrap());
        let mut json = || serde_json::from_slice(&parts.next().unwrap()).unwrap();
        Self {
            header: json(),
            claims: json(),
            text: text.to_owned(),
        }
    }

    /// Whether `n` and `e` of one of the set's keys verify the signature.
    pub(crate) fn verifies(&self, key_set: &Value) -> bool {
        let keys = key_set["keys"].as_array().unwrap();
        let Some(key) = keys.iter().find(|k| k["kid"] == self.header["kid"]) else {
            return false;
        };
        let decode = |v: &Value| BASE64_URL_SAFE_NO_PAD.decode(v.as_str().unwrap()).unwrap();
        let (input, signature) = self.text.rsplit_once('.').unwrap();
        RsaPublicKeyComponents {
            n: decode(&key["n"]),
            e: decode(&key["e"]),
        }
        .verify(
            &aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256,
            input.as_bytes(),
            &BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap(),
        )
        .is_ok()
    }
}

/// An emulator and a client that follows no redirect.
pub(crate) struct World {
    pub(crate) emulator: Emulator,
    pub(crate) http: Client,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Directory::demo()).await
    }

    pub(crate) async fn with(directory: Directory) -> Self {
        Self::of(Emulator::start(directory).await.unwrap())
    }

    pub(crate) fn of(emulator: Emulator) -> Self {
        Self {
            emulator,
            http: Client::builder()
                .redirect(Policy::none())
                .no_proxy()
                .build()
                .unwrap(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        let url = format!("{}{path}", self.emulator.base_url());
        answer(self.http.get(url).send().await.unwrap()).await
    }

    pub(crate) async fn token(&self, form: &[(&str, &str)]) -> Answer {
        self.token_at(demo::TENANT, form).await
    }

    pub(crate) async fn token_at(&self, tenant: &str, form: &[(&str, &str)]) -> Answer {
        let url = self.emulator.token_endpoint(tenant);
        answer(self.http.post(url).form(form).send().await.unwrap()).await
    }

    /// The answer of the authorization endpoint.
    pub(crate) async fn authorize(&self, params: &[(&str, &str)]) -> Response {
        self.authorize_at(demo::TENANT, params).await
    }

    pub(crate) async fn authorize_at(&self, tenant: &str, params: &[(&str, &str)]) -> Response {
        let endpoint = self.emulator.authorization_endpoint(tenant);
        let url = Url::parse_with_params(&endpoint, params).unwrap();
        self.http.get(url).send().await.unwrap()
    }

    /// A code for Alice with these scopes.
    pub(crate) async fn code(&self, scope: &str) -> String {
        let challenge = challenge(VERIFIER);
        let response = self.authorize(&sign_in(&challenge, scope)).await;
        query(&response, "code").unwrap_or_else(|| panic!("{:?}", response.headers()))
    }

    pub(crate) async fn redeem(&self, code: &str) -> Answer {
        self.token(&redemption(code)).await
    }

    /// Alice's token for these scopes, by way of a code.
    pub(crate) async fn sign_in(&self, scope: &str) -> Answer {
        let code = self.code(scope).await;
        self.redeem(&code).await
    }

    /// On-behalf-of as the MCP server, with changed or added parameters.
    pub(crate) async fn obo(&self, assertion: &str, changes: &[(&str, &str)]) -> Answer {
        let mut form = vec![
            ("grant_type", OBO),
            ("client_id", demo::MCP_SERVER),
            ("client_secret", demo::MCP_SERVER_SECRET),
            ("assertion", assertion),
            ("requested_token_use", "on_behalf_of"),
            ("scope", demo::ORDERS_READ_SCOPE),
        ];
        change(&mut form, changes);
        self.token(&form).await
    }

    /// Client credentials as the daemon, with changed or added parameters.
    pub(crate) async fn daemon(&self, changes: &[(&str, &str)]) -> Answer {
        let mut form = vec![
            ("grant_type", "client_credentials"),
            ("client_id", demo::DAEMON),
            ("client_secret", demo::DAEMON_SECRET),
            ("scope", demo::MCP_DEFAULT_SCOPE),
        ];
        change(&mut form, changes);
        self.token(&form).await
    }

    /// A forged token of Alice for the MCP server.
    pub(crate) fn forged(&self) -> entra_emulator::ForgedToken {
        let (user, client, api) = (demo::ALICE, demo::MCP_CLIENT, demo::MCP_SERVER);
        let forge = self.emulator.forge();
        forge
            .user_token(demo::TENANT, user, client, api, &[demo::MCP_READ])
            .unwrap()
    }
}

pub(crate) async fn answer(response: Response) -> Answer {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.unwrap();
    Answer {
        json: serde_json::from_str(&text).unwrap_or(Value::String(text)),
        status,
        headers,
    }
}

/// Sets parameters; an empty value removes one.
pub(crate) fn change<'a>(form: &mut Vec<(&'a str, &'a str)>, changes: &[(&'a str, &'a str)]) {
    for (name, value) in changes {
        form.retain(|(n, _)| n != name);
        if !value.is_empty() {
            form.push((name, value));
        }
    }
}

/// An authorization request of the public client for Alice.
pub(crate) fn sign_in<'a>(challenge: &'a str, scope: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("client_id", demo::MCP_CLIENT),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", scope),
        ("state", "the state"),
        ("nonce", "the nonce"),
        ("login_hint", demo::ALICE_UPN),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256"),
    ]
}

pub(crate) fn redemption(code: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("client_id", demo::MCP_CLIENT),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
        ("code", code),
    ]
}

pub(crate) fn challenge(verifier: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()))
}

/// A parameter of a redirect.
pub(crate) fn query(response: &Response, name: &str) -> Option<String> {
    assert_eq!(response.status(), 302);
    let location = response.headers()["location"].to_str().unwrap();
    assert!(location.starts_with(REDIRECT), "{location}");
    let url = Url::parse(location).unwrap();
    url.query_pairs()
        .find(|(n, _)| n == name)
        .map(|(_, v)| v.into_owned())
}
