//! HTTP as the crates do it: no redirect, no ambient proxy, limits of time and size.

use std::error::Error;
use std::time::Duration;

use serde::de::DeserializeOwned;

/// Longer answers are none of an API that is called here.
const LONGEST: usize = 1024 * 1024;

/// A redirect would carry a token to another address, and a proxy of the environment would see it.
pub fn client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(30))
        .build()
}

/// The answer, if it is JSON of moderate size.
pub async fn json<T: DeserializeOwned>(answer: reqwest::Response) -> Result<T, Box<dyn Error>> {
    Ok(serde_json::from_slice(&body(answer).await?)?)
}

async fn body(mut answer: reqwest::Response) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await? {
        if body.len() + piece.len() > LONGEST {
            return Err(format!("the answer is longer than {LONGEST} bytes").into());
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::*;

    /// Answers one request with these bytes.
    fn answering(bytes: Vec<u8>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(&bytes);
        });
        url
    }

    #[tokio::test]
    async fn an_answer_without_end_and_a_redirect_are_not_followed() {
        let mut long = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n\"".to_vec();
        long.resize(LONGEST + 4096, b'a');
        let url = answering(long);
        let answer = client().unwrap().get(url).send().await.unwrap();
        let error = json::<serde_json::Value>(answer).await.unwrap_err();
        assert!(error.to_string().contains("longer than"), "{error}");

        let moved = b"HTTP/1.1 307 x\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
        let url = answering(moved.to_vec());
        let answer = client().unwrap().get(url).send().await.unwrap();
        assert_eq!(answer.status(), 307);
    }
}
