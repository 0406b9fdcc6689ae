//! Beyond loopback: https, keys of its own, a control token, a password on the pages.

use std::net::{IpAddr, SocketAddr};

use entra_emulator::{App, Directory, Emulator, EmulatorBuilder, StartError, Tenant, User};
use reqwest::{Client, StatusCode};
use serde_json::Value;
use url::Url;

use crate::support::{REDIRECT, VERIFIER, challenge};

const TENANT: &str = "c0de0000-7e4a-4000-8000-00000000fa00";
const USER: &str = "c0de0000-0b1e-4000-8000-00000000fa01";
const CLIENT: &str = "c0de0000-c11e-4000-8000-00000000fa02";
const MACHINE: &str = "c0de0000-1de0-4000-8000-00000000fa03";
const ANY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);

/// A directory without published secrets.
pub(crate) fn directory() -> Directory {
    let client = App::new(CLIENT, "Client").public();
    Directory::new().tenant(
        Tenant::new(TENANT, "far.onmicrosoft.com")
            .user(User::new(USER, "ada@far.onmicrosoft.com", "Ada"))
            .app(client.redirect_uri("http://localhost/callback"))
            .app(App::new(MACHINE, "machine").system_assigned_identity()),
    )
}

fn far() -> EmulatorBuilder {
    Emulator::builder(directory())
        .tls()
        .listen(ANY)
        .allow_remote()
}

/// The address of this machine that others use, if it has one.
fn outside() -> Option<IpAddr> {
    let probe = std::net::UdpSocket::bind("0.0.0.0:0").unwrap();
    probe.connect("192.0.2.1:9").ok()?;
    Some(probe.local_addr().ok()?.ip())
}

/// A client that reaches the emulator from outside, or from loopback where there is no outside.
fn http(emulator: &Emulator) -> Client {
    let port: u16 = emulator
        .base_url()
        .rsplit(':')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let from = outside().unwrap_or(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));
    let ca = emulator.ca_certificate_pem().unwrap().as_bytes();
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .tls_certs_only([reqwest::Certificate::from_pem(ca).unwrap()])
        .resolve("localhost", SocketAddr::new(from, port))
        .build()
        .unwrap()
}

#[tokio::test]
async fn it_starts_only_with_https_and_a_directory_of_its_own() {
    let any = |directory| Emulator::builder(directory).listen(ANY).allow_remote();
    for (builder, named) in [
        (any(directory()), "https"),
        (any(Directory::demo()).tls(), "demo directory"),
        (far().control_token("short"), "32"),
        (far().control_token("x y".repeat(20)), "printable"),
    ] {
        let error = builder.start().await.unwrap_err();
        assert!(matches!(error, StartError::Remote { .. }), "{error}");
        assert!(error.to_string().contains(named), "{error}");
    }
    // On loopback nothing of it is needed, though it is allowed.
    let near = Emulator::builder(Directory::demo()).allow_remote();
    let near = near.start().await.unwrap();
    assert_eq!(near.control_token(), None);
    assert_eq!(near.sign_in_password(), None);
}

#[tokio::test]
async fn its_keys_are_not_the_published_ones() {
    let published = Emulator::start(Directory::demo()).await.unwrap();
    let kid = |token: &str| crate::support::Token::read(token).header["kid"].clone();
    let raw = |emulator: &Emulator| {
        let forge = emulator.forge();
        let token = forge.id_token(TENANT, USER, CLIENT).unwrap();
        token.sign().unwrap()
    };
    let one = far().start().await.unwrap();
    let two = far().start().await.unwrap();
    assert_ne!(kid(&raw(&one)), kid(&raw(&two)));
    let demo = published.forge();
    let demo = demo
        .id_token(
            entra_emulator::demo::TENANT,
            entra_emulator::demo::ALICE,
            entra_emulator::demo::MCP_CLIENT,
        )
        .unwrap();
    assert_ne!(kid(&raw(&one)), kid(&demo.sign().unwrap()));
    // They are whole: the key set verifies what they sign.
    let url = format!("{}/{TENANT}/discovery/v2.0/keys", one.base_url());
    let keys: Value = http(&one)
        .get(url)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let token = crate::support::Token::read(&raw(&one));
    assert!(token.verifies(&keys));
    one.reset();
    assert_eq!(kid(&raw(&one)), token.header["kid"], "also after a reset");
}

#[tokio::test]
async fn who_steers_has_the_token() {
    let emulator = far().start().await.unwrap();
    let http = http(&emulator);
    let token = emulator.control_token().unwrap().to_owned();
    let url = format!("{}/__emulator/clock", emulator.base_url());
    let ask = async |header: Option<String>| {
        let mut request = http.get(&url);
        if let Some(header) = header {
            request = request.header("authorization", header);
        }
        request.send().await.unwrap().status()
    };
    assert_eq!(ask(Some(format!("Bearer {token}"))).await, 200);
    assert_eq!(ask(None).await, StatusCode::UNAUTHORIZED);
    for wrong in [
        format!("Bearer {token}x"),
        format!("Basic {token}"),
        token.clone(),
        "Bearer ".to_owned(),
    ] {
        assert_eq!(ask(Some(wrong)).await, StatusCode::UNAUTHORIZED);
    }
    // The other rules hold besides.
    let foreign = http
        .get(&url)
        .header("authorization", format!("Bearer {token}"))
        .header("origin", "https://evil.example");
    assert_eq!(foreign.send().await.unwrap().status(), 403);
    if let Some(outside) = outside() {
        let port = emulator.base_url().rsplit(':').next().unwrap();
        let plain = format!("http://{outside}:{port}/__emulator/clock");
        let plain = Client::builder().no_proxy().build().unwrap().get(plain);
        let plain = plain
            .header("host", format!("localhost:{port}"))
            .header("authorization", format!("Bearer {token}"));
        assert_eq!(plain.send().await.unwrap().status(), 403);
    }
}

#[tokio::test]
async fn a_control_token_can_be_set_and_kept_in_a_file() {
    let file = std::env::temp_dir().join(format!("control-token-{}", std::process::id()));
    let _ = std::fs::remove_file(&file);
    let first = far().control_token_file(&file).start().await.unwrap();
    let token = first.control_token().unwrap().to_owned();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), token);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let second = far().control_token_file(&file).start().await.unwrap();
    assert_eq!(second.control_token(), Some(token.as_str()));
    // On loopback a token that is set counts too.
    let near = Emulator::builder(Directory::demo()).control_token(&token);
    let near = near.start().await.unwrap();
    let url = format!("{}/__emulator/clock", near.base_url());
    assert_eq!(reqwest::get(url).await.unwrap().status(), 401);
    let _ = std::fs::remove_file(file);
}

#[tokio::test]
async fn machines_get_no_tokens_unless_it_is_asked_for() {
    let path = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://graph.microsoft.com";
    let ask = async |emulator: &Emulator| {
        let url = format!("{}{path}", emulator.base_url());
        let request = http(emulator).get(url).header("metadata", "true");
        request.send().await.unwrap().status()
    };
    assert_eq!(ask(&far().start().await.unwrap()).await, 404);
    let asked = far().remote_managed_identities().start().await.unwrap();
    assert_eq!(ask(&asked).await, 200);
}

/// The authorization request of the client, with changes.
fn request(emulator: &Emulator, more: &[(&str, &str)]) -> Url {
    let hash = challenge(VERIFIER);
    let params = [
        ("client_id", CLIENT),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", "openid"),
        ("code_challenge", hash.as_str()),
        ("code_challenge_method", "S256"),
    ];
    let all = params.iter().chain(more);
    let endpoint = emulator.authorization_endpoint(TENANT);
    Url::parse_with_params(&endpoint, all).unwrap()
}

#[tokio::test]
async fn who_signs_in_has_the_password() {
    let emulator = far().start().await.unwrap();
    let http = http(&emulator);
    let password = emulator.sign_in_password().unwrap();
    // A hint opens nothing, neither for a script nor without a prompt.
    let hint = [("login_hint", "ada@far.onmicrosoft.com")];
    let page = http.get(request(&emulator, &hint)).send().await.unwrap();
    assert_eq!(page.status(), 200);
    let silent = [hint[0], ("prompt", "none")];
    let refused = http.get(request(&emulator, &silent)).send().await.unwrap();
    let location = refused.headers()["location"].to_str().unwrap();
    assert!(location.contains("error=login_required"), "{location}");

    let cookie = page.headers()["set-cookie"].to_str().unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let text = page.text().await.unwrap();
    assert!(text.contains("type=\"password\""));
    let flow = text.split("name=\"flow\" value=\"").nth(1).unwrap();
    let flow = flow.split('"').next().unwrap();
    let account = format!("{TENANT}/{USER}");
    let answer = async |password: Option<&str>| {
        let mut form = vec![("flow", flow), ("account", account.as_str())];
        form.extend(password.map(|p| ("password", p)));
        let request = http
            .post(format!("{}/signin", emulator.base_url()))
            .header("cookie", &cookie)
            .form(&form);
        request.send().await.unwrap().text().await.unwrap()
    };
    for wrong in [None, Some(""), Some("x"), Some("Ada")] {
        let page = answer(wrong).await;
        assert!(page.contains("Pick an account"), "{page}");
    }
    let consent = answer(Some(password)).await;
    assert!(!consent.contains("Pick an account"), "{consent}");
}
