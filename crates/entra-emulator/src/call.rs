//! One request, read once.

use axum::http::{HeaderMap, header, request::Parts};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use uuid::Uuid;

use crate::directory::id::canonical_guid;

/// The parameters of a query or a form. An empty value counts as absent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    pub(crate) fn parse(text: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(text).into_owned().collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut named = self.0.iter().filter(|(n, _)| n == name);
        named.find(|(_, v)| !v.is_empty()).map(|(_, v)| v.as_str())
    }

    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// Whether the parameter is there, with a value or without.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(n, _)| n == name)
    }

    /// Sets a parameter in the place of what was sent under its name.
    pub(crate) fn replace(&mut self, name: &str, value: String) {
        self.remove(name);
        self.0.push((name.to_owned(), value));
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.0.retain(|(n, _)| n != name);
    }

    /// The bytes of names and values.
    fn size(&self) -> usize {
        self.0
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &(String, String)> {
        self.0.iter()
    }
}

/// Client credentials from `Authorization: Basic` (RFC 6749, section 2.3.1).
#[derive(Clone)]
pub(crate) struct Basic {
    pub(crate) client_id: String,
    pub(crate) secret: String,
}

/// One request. It holds secrets, so it has no `Debug`.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Params,
    pub(crate) form: Params,
    pub(crate) basic: Option<Basic>,
    /// `Host`, as it came.
    pub(crate) host: Option<String>,
    /// `Origin`: the page of a browser that sends the request.
    pub(crate) origin: Option<String>,
    pub(crate) correlation_id: String,
    pub(crate) correlation_was_sent: bool,
    pub(crate) trace_id: String,
    /// The emulator's time; one request has one time.
    pub(crate) now: i64,
}

impl Call {
    /// The bytes of what was sent.
    pub(crate) fn size(&self) -> usize {
        let texts = [&self.host, &self.origin];
        let headers: usize = texts.into_iter().flatten().map(String::len).sum();
        self.path.len() + self.query.size() + self.form.size() + headers
    }

    pub(crate) fn read(parts: &Parts, body: &[u8], now: i64) -> Self {
        let query = Params::parse(parts.uri.query().unwrap_or_default().as_bytes());
        let form = match is_form(&parts.headers) {
            true => Params::parse(body),
            false => Params::default(),
        };
        // MSAL.js puts it in query and body, the others in a header.
        let sent = parts
            .headers
            .get("client-request-id")
            .and_then(|v| v.to_str().ok())
            .or_else(|| query.get("client-request-id"))
            .or_else(|| form.get("client-request-id"))
            .and_then(canonical_guid);
        Self {
            method: parts.method.as_str().to_owned(),
            path: parts.uri.path().to_owned(),
            basic: basic(&parts.headers),
            host: text(&parts.headers, header::HOST).map(str::to_owned),
            origin: text(&parts.headers, header::ORIGIN).map(str::to_owned),
            correlation_was_sent: sent.is_some(),
            correlation_id: sent.unwrap_or_else(|| Uuid::new_v4().to_string()),
            trace_id: Uuid::new_v4().to_string(),
            query,
            form,
            now,
        }
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|v| v.to_str().ok())
}

fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.split(';').next())
        .is_some_and(|v| {
            v.trim()
                .eq_ignore_ascii_case("application/x-www-form-urlencoded")
        })
}

fn basic(headers: &HeaderMap) -> Option<Basic> {
    let (scheme, value) = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(BASE64_STANDARD.decode(value.trim()).ok()?).ok()?;
    let (client_id, secret) = text.split_once(':')?;
    Some(Basic {
        client_id: percent_decode(client_id)?,
        secret: percent_decode(secret)?,
    })
}

/// Decodes `%XX` and nothing else: a `+` stays, since not every client encodes.
fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let digits = after.get(..2).and_then(|d| u8::from_str_radix(d, 16).ok());
        match (digits, after.get(2..)) {
            (Some(byte), Some(tail)) => {
                bytes.push(byte);
                rest = tail;
            }
            _ => {
                bytes.push(b'%');
                rest = after;
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_may_be_percent_encoded_or_not() {
        for (text, plain) in [
            ("a%3Ab", "a:b"),
            ("50%", "50%"),
            ("a+b", "a+b"),
            ("%C3%A9", "é"),
            ("%zz", "%zz"),
        ] {
            assert_eq!(percent_decode(text).unwrap(), plain);
        }
        assert_eq!(percent_decode("%ff"), None);
    }

    #[test]
    fn an_empty_parameter_is_an_absent_one() {
        let params = Params::parse(b"a=&b=1&b=2&a=x");
        assert_eq!(params.get("a"), Some("x"));
        assert_eq!(params.get("b"), Some("1"));
        assert_eq!(params.all("b").count(), 2);
        assert_eq!(params.get("c"), None);
    }
}
