//! Checks the bytes of an address and splits it into scheme, host, path and query.
//!
//! A WHATWG parser repairs what it is given: it drops tabs, turns backslashes into
//! slashes, decodes the host, resolves dot segments. Each of these lets a text look like
//! one host and be another, so everything of the kind is refused here, and the parser is
//! only asked to agree.

use std::borrow::Cow;

use url::Url;

use super::error::{Corrections, EndpointReason as Reason};
use super::hosts::{self, Service};

/// An address, taken apart: `scheme://host/path?query`.
pub(super) struct Raw<'a> {
    /// What was taken apart, as it was written.
    pub(super) text: &'a str,
    pub(super) web_socket: bool,
    /// In lower case.
    pub(super) host: Cow<'a, str>,
    pub(super) default_port: bool,
    pub(super) path: &'a str,
    pub(super) query: Option<&'a str>,
}

impl Raw<'_> {
    /// The address again, from its parts.
    pub(super) fn to_url(&self) -> String {
        let scheme = if self.web_socket { "wss" } else { "https" };
        let (mark, query) = match self.query {
            Some(query) => ("?", query),
            None => ("", ""),
        };
        [scheme, "://", &self.host, self.path, mark, query].concat()
    }
}

/// Longest text that is looked at.
const LIMIT: usize = 2048;

pub(super) fn within_limit<T: AsRef<str>>(text: T) -> Result<T, Reason> {
    if text.as_ref().len() > LIMIT {
        return Err(Reason::TooLong);
    }
    Ok(text)
}

/// Takes an address apart whose characters were checked.
pub(super) fn split<'a>(text: &'a str, corrections: &mut Corrections) -> Result<Raw<'a>, Reason> {
    let (web_socket, mut rest) = scheme(text, corrections)?;
    if rest.contains('#') {
        corrections.record(Reason::Fragment);
        rest = rest.split('#').next().unwrap_or_default();
        rest = rest.trim_end_matches(QUOTES);
    }
    let ends = |b: u8| b == b'/' || b == b'?';
    let end = rest.bytes().position(ends).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let (host, default_port) = authority_parts(authority, corrections)?;
    let (path, query) = match tail.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (tail, None),
    };
    check_path(path)?;
    let raw = Raw {
        text,
        web_socket,
        host,
        default_port,
        path,
        query,
    };
    if corrections.is_empty() {
        agrees(text, &raw)?;
    } else {
        agrees(&raw.to_url(), &raw)?;
    }
    Ok(raw)
}

/// The text without blanks around it, before it is read as anything.
pub(super) fn trimmed<'t>(text: &'t str, corrections: &mut Corrections) -> Result<&'t str, Reason> {
    let text = without_blanks(within_limit(text)?, corrections)?;
    if !text.is_ascii() {
        return Err(Reason::NonAscii);
    }
    Ok(text)
}

pub(super) fn without_blanks<'t>(
    text: &'t str,
    corrections: &mut Corrections,
) -> Result<&'t str, Reason> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(Reason::Empty);
    }
    if trimmed.len() != text.len() {
        corrections.record(Reason::Blanks);
    }
    Ok(trimmed)
}

/// The text without quotes and markup around it. Only characters that stand in URLs as they
/// are remain.
pub(super) fn bare<'t>(
    mut text: &'t str,
    corrections: &mut Corrections,
) -> Result<&'t str, Reason> {
    loop {
        let (reason, inner) = match check_characters(text) {
            Ok(()) => return Ok(text),
            Err(Reason::Quotes) => (Reason::Quotes, text.trim_matches(QUOTES)),
            Err(Reason::Markup) => (Reason::Markup, in_markup(text).ok_or(Reason::Markup)?),
            Err(reason) => return Err(reason),
        };
        corrections.record(reason);
        text = without_blanks(inner, corrections)?;
    }
}

const BRACE: u8 = 1;
const STRANGER: u8 = 2;

/// Class of each byte: usual, part of a placeholder, or not allowed in a URL.
static CLASSES: [u8; 256] = {
    let mut classes = [STRANGER; 256];
    let mut byte = 0x21;
    while byte <= 0x7e_u8 {
        #[expect(clippy::indexing_slicing, reason = "a byte is less than 256")]
        {
            classes[byte as usize] = match byte {
                b'<' | b'>' | b'{' | b'}' => BRACE,
                b'\\' | b'"' | b'^' | b'`' | b'|' => STRANGER,
                _ => 0,
            };
        }
        byte += 1;
    }
    classes
};

/// Only characters that stand in URLs as they are.
pub(super) fn check_characters(text: &str) -> Result<(), Reason> {
    let seen = text.bytes().fold(0, |seen, b| {
        seen | CLASSES.get(usize::from(b)).copied().unwrap_or(STRANGER)
    });
    let (braces, stranger) = (seen & BRACE != 0, seen & STRANGER != 0);
    // Quotes and markup are looked for where there is a reason only: most texts are fine.
    let (first, last) = (text.bytes().next(), text.bytes().last());
    let quoted = |byte: Option<u8>| byte.is_some_and(|byte| b"\"'`,;".contains(&byte));
    if quoted(first) || quoted(last) {
        return Err(Reason::Quotes);
    }
    if matches!(first, Some(b'<' | b'[' | b'(' | b'{' | b'*' | b'!')) && text.contains("://") {
        return Err(Reason::Markup);
    }
    if braces {
        return Err(Reason::Placeholder);
    }
    if stranger {
        return Err(Reason::Character);
    }
    Ok(())
}

/// The one URL in a text with markup around it.
pub(super) fn in_markup(text: &str) -> Option<&str> {
    let at = text.find("https://")?;
    let url = text.get(at..)?;
    let end = url
        .find(|c: char| c.is_whitespace() || "<>()[]{}\"'`*|".contains(c))
        .unwrap_or(url.len());
    // Where two URLs stand, what is shown need not be what is meant.
    (text.matches("://").count() == 1)
        .then(|| url.get(..end))
        .flatten()
}

/// What people copy along with a URL.
pub(super) const QUOTES: [char; 5] = ['"', '\'', '`', ',', ';'];

/// Whether the scheme is a WebSocket's, and what follows it.
fn scheme<'t>(text: &'t str, corrections: &mut Corrections) -> Result<(bool, &'t str), Reason> {
    if let Some(rest) = text.strip_prefix("https://")
        && !rest.starts_with('/')
    {
        return Ok((false, rest));
    }
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) if scheme.bytes().all(|b| b.is_ascii_alphabetic()) => (scheme, rest),
        _ => {
            let host = text.split(['/', '?', '#']).next().unwrap_or_default();
            if !host.contains('.') || host.contains([':', '@', '%']) {
                return Err(Reason::Scheme);
            }
            corrections.record(Reason::SchemeMissing);
            return Ok((false, text));
        }
    };
    if rest.starts_with('/') {
        return Err(Reason::Scheme);
    }
    let is = |known: &str| scheme.eq_ignore_ascii_case(known);
    if is("http") || is("ws") {
        corrections.record(Reason::PlainHttp);
    } else if !is("https") && !is("wss") {
        return Err(Reason::Scheme);
    }
    Ok((is("wss") || is("ws"), rest))
}

fn authority_parts<'t>(
    authority: &'t str,
    corrections: &mut Corrections,
) -> Result<(Cow<'t, str>, bool), Reason> {
    let (mut host, mut port) = (authority, None);
    // Most authorities contain none of these.
    if authority.bytes().any(|b| matches!(b, b'@' | b'%' | b':')) {
        if authority.contains('@') {
            return Err(Reason::UserInfo);
        }
        if authority.contains('%') {
            return Err(Reason::EncodedHost);
        }
        if authority.starts_with('[') {
            return Err(Reason::IpAddress);
        }
        if let Some((name, number)) = authority.split_once(':') {
            (host, port) = (name, Some(number));
        }
    }
    if let Some(rest) = host.strip_suffix('.') {
        if rest.ends_with('.') || rest.is_empty() {
            return Err(Reason::Host);
        }
        corrections.record(Reason::TrailingDot);
        host = rest;
    }
    let host = if host.bytes().any(|b| b.is_ascii_uppercase()) {
        Cow::Owned(host.to_ascii_lowercase())
    } else {
        Cow::Borrowed(host)
    };
    check_host(&host)?;
    match port {
        None | Some("443") => Ok((host, port.is_some())),
        // On a host that takes no token the port is not what is in the way.
        Some(_) => Err(match hosts::find(&host)?.row.service {
            Service::Refused(refusal) => refusal,
            Service::Site => Reason::CustomApi,
            Service::Portal => Reason::Portal,
            _ => Reason::Port,
        }),
    }
}

pub(super) fn check_host(host: &str) -> Result<(), Reason> {
    for label in host.split('.') {
        let clean = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if label.is_empty() || label.len() > 63 || !label.bytes().all(clean) {
            return Err(Reason::Host);
        }
        if label.starts_with("xn--") {
            return Err(Reason::Idn);
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Err(Reason::Host);
        }
    }
    // What ends in a number is an IPv4 address for a URL parser (URL standard, "ends in a
    // number checker").
    let last = host.rsplit('.').next().unwrap_or_default();
    let digits = last.strip_prefix("0x").unwrap_or(last);
    if last.bytes().all(|b| b.is_ascii_digit())
        || (digits.len() < last.len() && digits.bytes().all(|b| b.is_ascii_hexdigit()))
    {
        return Err(Reason::IpAddress);
    }
    if host.starts_with("your-") || host.starts_with("yourresource") {
        return Err(Reason::Placeholder);
    }
    Ok(())
}

fn check_path(path: &str) -> Result<(), Reason> {
    // Most paths have neither.
    let dots = path.as_bytes().windows(2).any(|pair| pair == b"/.");
    if !dots && !path.contains('%') {
        return Ok(());
    }
    for segment in path.split('/') {
        if segment == "." || segment == ".." {
            return Err(Reason::DotSegment);
        }
        if !segment.contains('%') {
            continue;
        }
        let mut plain = Vec::with_capacity(segment.len());
        let mut bytes = segment.bytes();
        while let Some(byte) = bytes.next() {
            if byte != b'%' {
                plain.push(byte);
                continue;
            }
            let mut digit = || (bytes.next()? as char).to_digit(16);
            let (Some(high), Some(low)) = (digit(), digit()) else {
                return Err(Reason::EncodedPath);
            };
            match u8::try_from(high * 16 + low) {
                Ok(byte) if byte > b' ' && byte != 0x7f && !b"/\\%".contains(&byte) => {
                    plain.push(byte);
                }
                // A blank hides nothing; names with one are refused as names.
                Ok(b' ') => plain.push(b' '),
                _ => return Err(Reason::EncodedPath),
            }
        }
        if plain == b"." || plain == b".." {
            return Err(Reason::DotSegment);
        }
    }
    Ok(())
}

/// Two readings of one text must be the same, or a client sends the token elsewhere than
/// what was checked.
fn agrees(text: &str, raw: &Raw<'_>) -> Result<(), Reason> {
    let url = Url::parse(text).map_err(|_| Reason::Ambiguous)?;
    let path = if raw.path.is_empty() { "/" } else { raw.path };
    let same = url.host_str() == Some(&raw.host)
        && url.port().is_none()
        && url.username().is_empty()
        && url.password().is_none()
        && url.path() == path
        && url.query() == raw.query
        && url.fragment().is_none();
    if same { Ok(()) } else { Err(Reason::Ambiguous) }
}

pub(super) fn starts_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}
