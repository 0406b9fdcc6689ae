//! https with an authority of its own.

use entra_emulator::{Directory, Emulator, demo};
use reqwest::{Certificate, Client, ClientBuilder};

async fn emulator() -> Emulator {
    let builder = Emulator::builder(Directory::demo()).tls();
    builder.start().await.unwrap()
}

/// A client that trusts this emulator's authority and no other.
fn trusting(emulator: &Emulator) -> ClientBuilder {
    let ca = emulator.ca_certificate_pem().unwrap();
    Client::builder()
        .no_proxy()
        .tls_certs_only([Certificate::from_pem(ca.as_bytes()).unwrap()])
}

fn port(emulator: &Emulator) -> u16 {
    emulator
        .base_url()
        .rsplit(':')
        .next()
        .unwrap()
        .parse()
        .unwrap()
}

fn discovery(base: &str) -> String {
    format!(
        "{base}/{}/v2.0/.well-known/openid-configuration",
        demo::TENANT
    )
}

#[tokio::test]
async fn who_trusts_the_authority_gets_https_urls() {
    let emulator = emulator().await;
    let http = trusting(&emulator).build().unwrap();
    let document = http
        .get(discovery(emulator.base_url()))
        .send()
        .await
        .unwrap();
    let document: serde_json::Value = document.json().await.unwrap();
    let base = format!("https://localhost:{}", port(&emulator));
    assert_eq!(emulator.base_url(), base);
    assert_eq!(document["issuer"], format!("{base}/{}/v2.0", demo::TENANT));
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", demo::DAEMON),
        ("client_secret", demo::DAEMON_SECRET),
        ("scope", demo::MCP_DEFAULT_SCOPE),
    ];
    let token = http.post(emulator.token_endpoint(demo::TENANT)).form(&form);
    assert_eq!(token.send().await.unwrap().status(), 200);
    let by_address = discovery(&base.replace("localhost", "127.0.0.1"));
    assert_eq!(http.get(by_address).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn each_emulator_has_an_authority_of_its_own() {
    let (one, two) = (emulator().await, emulator().await);
    assert_ne!(one.ca_certificate_pem(), two.ca_certificate_pem());
    let http = trusting(&one).build().unwrap();
    assert!(http.get(discovery(two.base_url())).send().await.is_err());
    assert!(http.get(discovery(one.base_url())).send().await.is_ok());
    let plain = Emulator::start(Directory::demo()).await.unwrap();
    assert_eq!(plain.ca_certificate_pem(), None);
}

#[tokio::test]
async fn the_authority_is_good_for_loopback_names_only() {
    // An authority with a certificate for another name as well: what a thief of the key
    // would make. The client refuses it for the constraints of the authority.
    let emulator = emulator().await;
    let address = ([127, 0, 0, 1], port(&emulator)).into();
    let http = trusting(&emulator)
        .resolve("login.example", address)
        .build()
        .unwrap();
    let url = discovery(&format!("https://login.example:{}", port(&emulator)));
    assert!(http.get(url).send().await.is_err());
    let ca = emulator.ca_certificate_pem().unwrap();
    let der: Vec<u8> = {
        use base64::Engine as _;
        let lines = ca.lines().filter(|l| !l.starts_with('-'));
        base64::prelude::BASE64_STANDARD
            .decode(lines.collect::<String>())
            .unwrap()
    };
    // RFC 5280, section 4.2.1.10: id-ce-nameConstraints, critical.
    let name_constraints = [0x06, 0x03, 0x55, 0x1d, 0x1e, 0x01, 0x01, 0xff];
    assert!(der.windows(8).any(|w| w == name_constraints));
}

#[tokio::test]
async fn plain_http_on_the_https_port_is_told_so() {
    let emulator = emulator().await;
    let http = Client::builder().no_proxy().build().unwrap();
    let plain = discovery(&emulator.base_url().replace("https", "http"));
    let answer = http.get(plain).send().await.unwrap();
    assert_eq!(answer.status(), 400);
    assert!(answer.text().await.unwrap().contains("https"));
    assert_eq!(emulator.journal().entries().len(), 0);
}

#[tokio::test]
async fn it_stops_while_connections_are_idle() {
    let emulator = emulator().await;
    let address = ("127.0.0.1", port(&emulator));
    let http = trusting(&emulator).build().unwrap();
    http.get(discovery(emulator.base_url()))
        .send()
        .await
        .unwrap();
    // One kept alive by the client, one that has not said a word.
    let _silent = tokio::net::TcpStream::connect(address).await.unwrap();
    emulator.shutdown().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
