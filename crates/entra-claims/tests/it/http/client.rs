//! The real client against a real socket.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::sync::{Arc, Mutex};

use entra_claims::transport::{HttpClient, HttpTransport, TransportError};

/// The requests that a server saw.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

/// Gives the same answer to every connection; returns its address and the requests so far.
fn server(answer: Vec<u8>) -> (String, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let seen = Seen::default();
    let kept = seen.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            let mut byte = [0];
            while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
                request.push(byte[0]);
            }
            let request = String::from_utf8(request).unwrap();
            kept.0.lock().unwrap().push(request);
            // The client may hang up before the end of a body that is too long.
            let _ = stream.write_all(&answer);
        }
    });
    (address, seen)
}

fn ok(body: usize) -> Vec<u8> {
    let mut answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec();
    answer.resize(answer.len() + body, b'x');
    answer
}

async fn get(url: &str) -> Result<http::Response<Vec<u8>>, TransportError> {
    let client = HttpClient::allowing_loopback().unwrap();
    let request = http::Request::get(url).body(Vec::new()).unwrap();
    client.send(request).await
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let (elsewhere, reached) = server(ok(0));
    let (address, _) = server(
        format!("HTTP/1.1 302 Found\r\nlocation: {elsewhere}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            .into_bytes(),
    );
    assert_eq!(get(&address).await.unwrap().status(), 302);
    assert_eq!(reached.count(), 0);
}

#[tokio::test]
async fn a_body_is_read_up_to_its_limit() {
    const LIMIT: usize = 1024 * 1024;
    let (address, _) = server(ok(LIMIT));
    assert_eq!(get(&address).await.unwrap().body().len(), LIMIT);
    let (address, _) = server(ok(LIMIT + 1));
    assert_eq!(get(&address).await.unwrap_err(), TransportError::TooLarge);
}

/// A compressed body is not asked for and not unpacked: a small one cannot become a large one.
#[tokio::test]
async fn nothing_is_unpacked() {
    // RFC 1952: a member with one stored block of three bytes, their CRC-32 and length.
    let mut member = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    member.extend([1, 3, 0, 0xfc, 0xff]);
    member.extend(b"abc");
    member.extend(0x3524_41c2_u32.to_le_bytes());
    member.extend(3_u32.to_le_bytes());
    for coding in ["gzip", "deflate", "br", "zstd"] {
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-encoding: {coding}\r\nconnection: close\r\n\r\n");
        let (address, seen) = server([head.as_bytes(), &member].concat());
        assert_eq!(get(&address).await.unwrap().body(), &member);
        let request = seen.0.lock().unwrap()[0].to_lowercase();
        assert!(!request.contains("accept-encoding"), "{request}");
    }
}

/// Runs itself again with proxies in the environment that nobody listens at.
#[tokio::test]
async fn a_proxy_of_the_environment_is_not_used() {
    const MARK: &str = "RUN_BESIDE_A_PROXY";
    if std::env::var_os(MARK).is_some() {
        let (address, reached) = server(ok(2));
        assert_eq!(get(&address).await.unwrap().status(), 200);
        assert_eq!(reached.count(), 1);
        return;
    }
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args([
        "--exact",
        "http::client::a_proxy_of_the_environment_is_not_used",
    ]);
    child
        .env(MARK, "1")
        .env_remove("NO_PROXY")
        .env_remove("no_proxy");
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        child.env(name, "http://127.0.0.1:1");
    }
    let output = child.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}
