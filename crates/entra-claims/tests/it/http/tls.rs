//! Servers whose TLS is not in order: nothing of a request reaches them.
//!
//! The tests run their binary again with a certificate authority of their own as the only one
//! that the machine trusts: else every server here would be refused for that alone.

use std::process::Command;
use std::sync::{Arc, Mutex};

use entra_claims::transport::{HttpClient, HttpTransport, TransportError};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// Who vouches for servers.
struct Authority(Issuer<'static, KeyPair>, String);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let name = "entra-claims TEST ONLY";
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self(Issuer::new(params, key), pem)
    }

    /// A server's certificate for these days around now.
    fn server(&self, name: &str, days: std::ops::Range<i64>) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let certificate = params(name, days).signed_by(&key, &self.0).unwrap();
        config(certificate.der().clone(), &key)
    }
}

fn params(name: &str, days: std::ops::Range<i64>) -> CertificateParams {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let day = |day| OffsetDateTime::now_utc() + time::Duration::days(day);
    (params.not_before, params.not_after) = (day(days.start), day(days.end));
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn self_signed() -> Arc<ServerConfig> {
    let key = KeyPair::generate().unwrap();
    let certificate = params("localhost", -1..9).self_signed(&key).unwrap();
    config(certificate.der().clone(), &key)
}

fn config(
    certificate: tokio_rustls::rustls::pki_types::CertificateDer<'static>,
    key: &KeyPair,
) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    Arc::new(config)
}

/// What a server does with a connection.
#[derive(Clone)]
enum Server {
    Tls(Arc<ServerConfig>),
    /// Reads the greeting, says these bytes and hangs up.
    Raw(&'static [u8]),
}

/// What it saw: bytes of requests behind TLS, and bytes of the connection itself.
#[derive(Clone, Default)]
struct Seen {
    requests: Arc<Mutex<Vec<u8>>>,
    raw: Arc<Mutex<Vec<u8>>>,
}

async fn serve(server: Server) -> (u16, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = Seen::default();
    let kept = seen.clone();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            match &server {
                Server::Tls(config) => talk(stream, config, &kept).await,
                Server::Raw(words) => hang_up(stream, words, &kept).await,
            }
        }
    });
    (port, seen)
}

async fn talk(stream: TcpStream, config: &Arc<ServerConfig>, seen: &Seen) {
    let acceptor = TlsAcceptor::from(Arc::clone(config));
    let Ok(mut stream) = acceptor.accept(stream).await else {
        return;
    };
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = stream.read(&mut buffer).await {
        let whole = {
            let mut requests = seen.requests.lock().unwrap();
            requests.extend_from_slice(&buffer[..read]);
            requests.ends_with(b"\r\n\r\n")
        };
        if whole {
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
            let _ = stream.write_all(answer).await;
        }
    }
}

async fn hang_up(mut stream: TcpStream, words: &[u8], seen: &Seen) {
    let mut buffer = [0; 4096];
    let read = stream.read(&mut buffer).await.unwrap_or(0);
    seen.raw.lock().unwrap().extend_from_slice(&buffer[..read]);
    let _ = stream.write_all(words).await;
    let _ = stream.shutdown().await;
    while let Ok(read @ 1..) = stream.read(&mut buffer).await {
        seen.raw.lock().unwrap().extend_from_slice(&buffer[..read]);
    }
}

async fn get(host: &str, port: u16) -> Result<u16, TransportError> {
    let client = HttpClient::allowing_loopback().unwrap();
    let request = http::Request::get(format!("https://{host}:{port}/keys?secret=1"))
        .header("authorization", "Bearer secret")
        .body(Vec::new())
        .unwrap();
    let answer = client.send(request).await?;
    Ok(answer.status().as_u16())
}

const MARK: &str = "ENTRA_CLAIMS_TEST_TRUSTS";

/// In a process that was started for it: an authority that this machine trusts, and no other.
/// Else that process is started, and has to end well.
fn trusted(test: &str) -> Option<Authority> {
    if std::env::var_os(MARK).is_some() {
        let authority = Authority::new();
        let roots = std::env::var_os("SSL_CERT_FILE").unwrap();
        std::fs::write(roots, &authority.1).unwrap();
        return Some(authority);
    }
    let file = format!("entra-claims-roots-{}.pem", std::process::id());
    let roots = std::env::temp_dir().join(file);
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("http::tls::{test}")])
        .env(MARK, "1")
        .env("SSL_CERT_FILE", &roots)
        .env_remove("SSL_CERT_DIR")
        .output()
        .unwrap();
    let _ = std::fs::remove_file(&roots);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
    None
}

#[tokio::test]
async fn no_byte_of_a_request_reaches_a_server_whose_tls_is_not_in_order() {
    let this = "no_byte_of_a_request_reaches_a_server_whose_tls_is_not_in_order";
    let Some(authority) = trusted(this) else {
        return;
    };
    // In good order: else the rest would prove nothing.
    let (port, seen) = serve(Server::Tls(authority.server("localhost", -1..9))).await;
    assert_eq!(get("localhost", port).await, Ok(200));
    let requests = seen.requests.lock().unwrap().clone();
    assert!(requests.starts_with(b"GET /keys?secret=1 HTTP/1.1"));

    let certificate = |name, days| Server::Tls(authority.server(name, days));
    for (what, host, server) in [
        ("expired", "localhost", certificate("localhost", -9..-1)),
        ("not valid yet", "localhost", certificate("localhost", 1..9)),
        ("self-signed", "localhost", Server::Tls(self_signed())),
        (
            "another host",
            "localhost",
            certificate("login.example", -1..9),
        ),
        (
            "a wildcard's apex",
            "localhost",
            certificate("*.localhost", -1..9),
        ),
        ("an address", "127.0.0.1", certificate("localhost", -1..9)),
        (
            "another authority",
            "localhost",
            Server::Tls(Authority::new().server("localhost", -1..9)),
        ),
        // Alerts: only an older version, no common cipher, the end before the beginning.
        (
            "TLS 1.1",
            "localhost",
            Server::Raw(&[21, 3, 2, 0, 2, 2, 70]),
        ),
        (
            "no cipher",
            "localhost",
            Server::Raw(&[21, 3, 3, 0, 2, 2, 40]),
        ),
        (
            "close_notify",
            "localhost",
            Server::Raw(&[21, 3, 3, 0, 2, 1, 0]),
        ),
        ("nothing", "localhost", Server::Raw(b"")),
        ("half a record", "localhost", Server::Raw(&[22, 3, 3, 0])),
        (
            "plain http",
            "localhost",
            Server::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"),
        ),
    ] {
        let (port, seen) = serve(server).await;
        assert_eq!(
            get(host, port).await,
            Err(TransportError::Connect),
            "{what}"
        );
        assert!(seen.requests.lock().unwrap().is_empty(), "{what}");
        let raw = seen.raw.lock().unwrap().clone();
        // Records of TLS if anything, and no way back to plain http.
        assert!(matches!(raw.first(), None | Some(22)), "{what}");
        let text = String::from_utf8_lossy(&raw);
        assert!(
            !text.contains("secret") && !text.contains("HTTP/1.1"),
            "{what}"
        );
    }
}

/// Names that lead nowhere: a failure like any other, in the time that any other has.
#[tokio::test]
async fn a_name_that_leads_nowhere_is_no_connection() {
    for name in ["nobody.invalid", "no-such-host.localhost.invalid"] {
        let outcome = get(name, 443).await;
        assert!(
            matches!(
                outcome,
                Err(TransportError::Connect | TransportError::Timeout)
            ),
            "{outcome:?}"
        );
    }
}
