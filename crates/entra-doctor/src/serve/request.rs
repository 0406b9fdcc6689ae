//! One HTTP/1.1 request of a browser: request line, three header fields, a form.

use std::io::{self, Read};

use crate::reading::scan;

pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) host: Option<String>,
    pub(super) origin: Option<String>,
    fields: Vec<(String, String)>,
}

/// Why there is no request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// The connection was closed: browsers open some in advance.
    Nothing,
    TooLarge,
    Malformed,
}

const HEAD: usize = 16 * 1024;
/// In a form every byte can be written in three.
const BODY: usize = 3 * 1024 * 1024;
const TEXT: usize = 1024 * 1024;

impl From<io::Error> for Unreadable {
    fn from(_: io::Error) -> Self {
        Self::Nothing
    }
}

impl Request {
    pub(super) fn read(stream: &mut dyn Read) -> Result<Self, Unreadable> {
        let mut bytes = Vec::new();
        let mut chunk = [0_u8; 4096];
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break end;
            }
            if bytes.len() > HEAD {
                return Err(Unreadable::Malformed);
            }
            match stream.read(&mut chunk)? {
                0 if bytes.is_empty() => return Err(Unreadable::Nothing),
                0 => return Err(Unreadable::Malformed),
                count => bytes.extend(chunk.get(..count).unwrap_or_default()),
            }
        };
        let head = std::str::from_utf8(bytes.get(..end).unwrap_or_default())
            .map_err(|_| Unreadable::Malformed)?;
        let mut lines = head.split("\r\n");
        let mut first = lines.next().unwrap_or_default().split(' ');
        let (Some(method), Some(target), Some("HTTP/1.1")) =
            (first.next(), first.next(), first.next())
        else {
            return Err(Unreadable::Malformed);
        };
        let (mut host, mut origin, mut length) = (None, None, 0_usize);
        for line in lines {
            let (name, value) = line.split_once(':').ok_or(Unreadable::Malformed)?;
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                // Two of them are a way around the check.
                "host" if host.is_some() => return Err(Unreadable::Malformed),
                "host" => host = Some(value.to_owned()),
                "origin" => origin = Some(value.to_owned()),
                "content-length" => length = value.parse().map_err(|_| Unreadable::Malformed)?,
                "transfer-encoding" => return Err(Unreadable::Malformed),
                _ => {}
            }
        }
        let (method, path) = (
            method.to_owned(),
            target.split('?').next().unwrap_or_default().to_owned(),
        );
        if length > BODY {
            return Err(Unreadable::TooLarge);
        }
        let mut body = bytes.split_off(end + 4);
        while body.len() < length {
            match stream.read(&mut chunk)? {
                0 => return Err(Unreadable::Malformed),
                count => body.extend(chunk.get(..count).unwrap_or_default()),
            }
        }
        body.truncate(length);
        let fields = form(&String::from_utf8_lossy(&body));
        if fields.iter().any(|(_, value)| value.len() > TEXT) {
            return Err(Unreadable::TooLarge);
        }
        Ok(Self {
            method,
            path,
            host,
            origin,
            fields,
        })
    }

    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(known, _)| known == name)?;
        Some(&found.1)
    }
}

/// The fields of `application/x-www-form-urlencoded`.
fn form(body: &str) -> Vec<(String, String)> {
    body.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (scan::form_decoded(name), scan::form_decoded(value)))
        .take(16)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mut text: &[u8]) -> Result<Request, Unreadable> {
        Request::read(&mut text)
    }

    #[test]
    fn forms_are_read_and_odd_requests_refused() {
        let request = read(
            b"POST /?x HTTP/1.1\r\nHost: 127.0.0.1:1\r\nContent-Length: 11\r\n\r\npaste=a+%26",
        )
        .unwrap();
        assert_eq!(
            (request.path.as_str(), request.field("paste")),
            ("/", Some("a &"))
        );
        for (bytes, expected) in [
            (&b""[..], Unreadable::Nothing),
            (b"GET / HTTP/1.0\r\n\r\n", Unreadable::Malformed),
            (
                b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                Unreadable::Malformed,
            ),
            (
                b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
                Unreadable::Malformed,
            ),
            (
                b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
                Unreadable::TooLarge,
            ),
            (
                b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nshort",
                Unreadable::Malformed,
            ),
        ] {
            assert_eq!(
                read(bytes).err(),
                Some(expected),
                "{}",
                String::from_utf8_lossy(bytes)
            );
        }
        assert_eq!(read(&vec![b'a'; 40_000]).err(), Some(Unreadable::Malformed));
    }
}
