//! HTTP/1.1 as plain bytes.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A request as it is written to the socket.
pub(crate) struct Ask {
    address: SocketAddr,
    target: String,
    host: Option<String>,
    fields: Vec<Vec<u8>>,
    body: Vec<u8>,
}

/// An answer as it came from the socket.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    fields: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Ask {
    /// `method` and `target` go into the request line as they are.
    pub(crate) fn new(address: SocketAddr, method: &str, target: &str, host: &str) -> Self {
        Self {
            address,
            target: format!("{method} {target} HTTP/1.1"),
            host: Some(host.to_owned()),
            fields: Vec::new(),
            body: Vec::new(),
        }
    }

    pub(crate) fn host(mut self, host: &str) -> Self {
        self.host = Some(host.to_owned());
        self
    }

    pub(crate) fn without_host(mut self) -> Self {
        self.host = None;
        self
    }

    pub(crate) fn field(self, name: &str, value: &str) -> Self {
        self.raw_field(format!("{name}: {value}").as_bytes())
    }

    pub(crate) fn raw_field(mut self, line: &[u8]) -> Self {
        self.fields.push(line.to_vec());
        self
    }

    pub(crate) fn token(self, token: &str) -> Self {
        self.field("Authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn body(mut self, body: &str) -> Self {
        self.body = body.as_bytes().to_vec();
        self
    }

    pub(crate) async fn send(self) -> Reply {
        let mut bytes = format!("{}\r\n", self.target).into_bytes();
        if let Some(host) = &self.host {
            bytes.extend(format!("Host: {host}\r\n").into_bytes());
        }
        for field in &self.fields {
            bytes.extend(field);
            bytes.extend(b"\r\n");
        }
        if !self.body.is_empty() {
            bytes.extend(format!("Content-Length: {}\r\n", self.body.len()).into_bytes());
        }
        bytes.extend(b"Connection: close\r\n\r\n");
        bytes.extend(&self.body);
        exchange(self.address, &bytes).await
    }
}

/// Writes the bytes and reads one answer, however much of the request the server took.
pub(crate) async fn exchange(address: SocketAddr, bytes: &[u8]) -> Reply {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut read = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(reply) = Reply::parse(&read, false) {
            return reply;
        }
        let count = stream.read(&mut buffer).await.unwrap();
        if count == 0 {
            break;
        }
        read.extend(&buffer[..count]);
    }
    Reply::parse(&read, true).unwrap_or_else(|| panic!("no answer: {}", read.escape_ascii()))
}

impl Reply {
    /// `None` until the answer is whole.
    fn parse(read: &[u8], ended: bool) -> Option<Self> {
        let text = String::from_utf8_lossy(read).into_owned();
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let fields: Vec<_> = lines
            .map(|line| {
                let (name, value) = line.split_once(':').unwrap();
                (name.to_ascii_lowercase(), value.trim().to_owned())
            })
            .collect();
        let length = fields.iter().find(|(name, _)| name == "content-length");
        let length = length.and_then(|(_, value)| value.parse::<usize>().ok());
        let whole = length.is_some_and(|length| body.len() >= length);
        (ended || whole || status == 204).then(|| Self {
            status,
            fields,
            body: body.to_owned(),
        })
    }

    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let named = self.fields.iter().filter(|(known, _)| known == name);
        named.map(|(_, value)| value.as_str()).collect()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).first().copied()
    }

    /// The one challenge.
    pub(crate) fn challenge(&self) -> &str {
        let all = self.all("www-authenticate");
        assert_eq!(all.len(), 1, "one challenge is needed: {self:?}");
        all[0]
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }
}
