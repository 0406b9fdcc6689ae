//! What goes wrong on the wire itself, with the built-in HTTP client and a server that
//! writes bytes by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::{CLIENT, NOW, SCOPE, SECRET, TENANT, scopes, tenant, user};
use entra_obo::{
    AccessToken, ClientCredential, ClientSecret, ErrorKind, ExchangeClient, ExchangeError,
};
use foundry_scopes::{ClientId, Cloud, TenantAuthority};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const BODY: &str = r#"{"token_type":"Bearer","access_token":"h.p.s","expires_in":3599}"#;

fn head(length: usize, more: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n{more}\r\n"
    )
}

/// Reads a whole request: its head and as much body as it announces.
async fn read_request(stream: &mut TcpStream) -> Vec<u8> {
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&seen).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .filter_map(|line| {
                    line.to_ascii_lowercase()
                        .strip_prefix("content-length:")?
                        .trim()
                        .parse()
                        .ok()
                })
                .next()
                .unwrap_or(0);
            if body.len() >= length {
                return seen;
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return seen,
            Ok(n) => seen.extend_from_slice(&buffer[..n]),
        }
    }
}

/// One exchange with a server that answers each request with these bytes and then closes,
/// or resets the connection where there are none.
async fn exchange(answers: Vec<Option<Vec<u8>>>) -> (Result<AccessToken, ExchangeError>, usize) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&requests);
    let server = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let request = read_request(&mut stream).await;
            if request.is_empty() {
                continue;
            }
            let n = count.fetch_add(1, Ordering::SeqCst);
            match &answers[n.min(answers.len() - 1)] {
                Some(bytes) => {
                    let _ = stream.write_all(bytes).await;
                    let _ = stream.shutdown().await;
                }
                // Unread bytes or a linger of zero make a reset instead of an end.
                None => stream.set_zero_linger().unwrap(),
            }
        }
    });
    let authority = TenantAuthority::new(Cloud::loopback(&base).unwrap(), tenant(TENANT));
    let client = ExchangeClient::builder(
        authority,
        ClientId::parse(CLIENT).unwrap(),
        ClientCredential::secret(ClientSecret::new(SECRET)),
    )
    .clock(Arc::new(entra_claims::ManualClock::at(NOW)))
    .build()
    .unwrap();
    let api = client.downstream(scopes(SCOPE)).unwrap();
    let got = api.token_on_behalf_of(&user(1)).await;
    server.abort();
    (got, requests.load(Ordering::SeqCst))
}

fn answer(length: usize, more: &str, body: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = head(length, more).into_bytes();
    bytes.extend_from_slice(body);
    Some(bytes)
}

#[tokio::test]
async fn a_whole_answer_is_read_with_or_without_a_word_before_it() {
    let whole = answer(BODY.len(), "", BODY.as_bytes());
    let (got, requests) = exchange(vec![whole.clone()]).await;
    assert_eq!(got.unwrap().expose(), "h.p.s");
    assert_eq!(requests, 1);

    let mut continued = b"HTTP/1.1 100 Continue\r\n\r\n".to_vec();
    continued.extend(whole.unwrap());
    let (got, _) = exchange(vec![Some(continued)]).await;
    assert_eq!(got.unwrap().expose(), "h.p.s");
}

#[tokio::test]
async fn a_body_that_is_cut_off_gives_no_token() {
    // Less is announced than there is: what is announced is no JSON object.
    let (got, requests) = exchange(vec![answer(BODY.len() - 3, "", BODY.as_bytes())]).await;
    assert_eq!(got.unwrap_err().kind(), ErrorKind::Unintelligible);
    assert_eq!(requests, 1);
    // More is announced than comes: the connection broke.
    let (got, requests) = exchange(vec![answer(BODY.len() + 3, "", BODY.as_bytes())]).await;
    assert_eq!(got.unwrap_err().kind(), ErrorKind::Unreachable);
    assert_eq!(requests, 2);
}

/// Nothing is unpacked: a small body cannot grow beyond the limit.
#[tokio::test]
async fn a_body_that_says_it_is_packed_is_taken_as_it_is() {
    let more = "content-encoding: gzip\r\n";
    let (got, _) = exchange(vec![answer(BODY.len(), more, BODY.as_bytes())]).await;
    assert_eq!(got.unwrap().expose(), "h.p.s");
    let packed = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3];
    let (got, _) = exchange(vec![answer(packed.len(), more, &packed)]).await;
    assert_eq!(got.unwrap_err().kind(), ErrorKind::Unintelligible);
}

#[tokio::test]
async fn a_reset_after_the_request_is_repeated_once() {
    let whole = answer(BODY.len(), "", BODY.as_bytes());
    let (got, requests) = exchange(vec![None, whole]).await;
    assert_eq!(got.unwrap().expose(), "h.p.s");
    assert_eq!(requests, 2);
    let (got, requests) = exchange(vec![None]).await;
    assert_eq!(got.unwrap_err().kind(), ErrorKind::Unreachable);
    assert_eq!(requests, 2, "once, and not for ever");
}

#[tokio::test]
async fn an_answer_beyond_the_limit_is_not_read_to_its_end() {
    let body = vec![b' '; 1024 * 1024 + 1];
    let (got, requests) = exchange(vec![answer(body.len(), "", &body)]).await;
    assert_eq!(got.unwrap_err().kind(), ErrorKind::Unreachable);
    assert_eq!(requests, 1);
}

#[tokio::test]
async fn what_is_no_http_is_no_answer() {
    let (got, requests) = exchange(vec![Some(b"220 smtp.example ESMTP\r\n".to_vec())]).await;
    assert_eq!(got.unwrap_err().kind(), ErrorKind::Unreachable);
    assert_eq!(requests, 2);
}
