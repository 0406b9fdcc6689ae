//! TLS: the authority of a file, and none that is not named.

use std::time::Duration;

use entra_parts::store::SharedStore as _;
use entra_redis::RedisSettings;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

use super::server::{Server, free_port, until};

const TTL: Duration = Duration::from_secs(60);

/// A server that speaks TLS only, with a certificate for `localhost`.
fn server() -> Server {
    let port = free_port();
    let folder =
        std::env::temp_dir().join(format!("entra-redis-tls-{}-{port}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // Not the name of the server's certificate, which would look self-signed.
    authority
        .distinguished_name
        .push(DnType::CommonName, "authority");
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = certificate.signed_by(&key, &authority).unwrap();
    let files = [
        ("ca.pem", authority.pem()),
        ("cert.pem", certificate.pem()),
        ("key.pem", key.serialize_pem()),
    ];
    let [ca, cert, key] = files.map(|(name, text)| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    });
    let port_text = port.to_string();
    let ports = ["--port", "0", "--tls-port", &port_text];
    let tls = [
        "--tls-cert-file",
        &cert,
        "--tls-key-file",
        &key,
        "--tls-ca-cert-file",
        &ca,
        "--tls-auth-clients",
        "no",
    ];
    let mut server = Server::on(
        port,
        &ports,
        &tls,
        &["--tls", "--cacert", &ca, "-h", "localhost"],
    );
    // For the test to find.
    server.cli.push("--no-auth-warning".into());
    std::fs::copy(&ca, server.folder.join("ca.pem")).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    server
}

#[tokio::test]
#[ignore = "needs redis-server; cargo xtask test installs it"]
async fn the_authority_of_a_file_is_trusted_and_no_other() {
    let server = server();
    let url = format!("rediss://localhost:{}", server.port);
    let settings = RedisSettings::new(&url).unwrap();
    let trusting = settings.clone().authorities(server.folder.join("ca.pem"));
    let store = trusting.connect().await.unwrap();
    until("a connection", || async {
        store.put("a", b"1", TTL).await.is_ok()
    })
    .await;
    assert_eq!(store.get(&["a"]).await.unwrap(), [Some(b"1".to_vec())]);

    let stranger = settings.connect().await.unwrap();
    assert!(stranger.get(&["a"]).await.is_err());
}

#[tokio::test]
#[ignore = "needs redis-server; cargo xtask test installs it"]
async fn a_certificate_for_another_host_is_refused() {
    let server = server();
    let url = format!("rediss://127.0.0.1:{}", server.port);
    let settings = RedisSettings::new(&url)
        .unwrap()
        .authorities(server.folder.join("ca.pem"));
    let store = settings.connect().await.unwrap();
    assert!(store.get(&["a"]).await.is_err());
}

#[tokio::test]
async fn a_file_without_certificates_is_said_at_start() {
    let settings = RedisSettings::new("rediss://localhost:1").unwrap();
    let error = settings
        .authorities("/nonexistent/ca.pem")
        .connect()
        .await
        .unwrap_err();
    assert!(error.to_string().contains("/nonexistent/ca.pem"), "{error}");
}

/// What a server without TLS gets to see first from a store that was given `rediss://`.
#[tokio::test]
async fn no_password_is_sent_before_the_handshake() {
    use tokio::io::AsyncReadExt as _;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let settings = RedisSettings::new(&format!("rediss://app:s3cret@localhost:{port}")).unwrap();
    let store = tokio::spawn(settings.connect());
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut seen = vec![0; 4_096];
    let length = stream.read(&mut seen).await.unwrap();
    // A handshake record of TLS.
    assert_eq!(seen.first(), Some(&0x16));
    assert!(!seen[..length].windows(6).any(|window| window == b"s3cret"));
    drop((stream, listener));
    drop(store.await.unwrap());
}
