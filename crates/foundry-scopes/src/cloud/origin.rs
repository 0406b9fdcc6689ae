//! Parses an authority's base URL without the `url` crate; the loopback rule.

use std::net::{IpAddr, Ipv6Addr};

use super::known::KnownCloud;
use crate::error::ParseError;

/// Whether a host is this machine: `localhost`, `127.0.0.1` or `::1`, in brackets or not.
///
/// The one rule for where plain http may be spoken. The host is given as URL parsers give it,
/// in lower case; a name below `localhost` and the rest of `127.0.0.0/8` do not count, since
/// resolvers and proxies treat them differently.
///
/// ```
/// use foundry_scopes::is_loopback_host;
///
/// for host in ["localhost", "127.0.0.1", "[::1]", "::1"] {
///     assert!(is_loopback_host(host));
/// }
/// for host in ["localhost.evil.example", "127.0.0.2", "0.0.0.0", "[::]", ""] {
///     assert!(!is_loopback_host(host));
/// }
/// ```
#[must_use]
pub fn is_loopback_host(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]" | "::1")
}

/// Scheme and host of a base URL.
pub(super) struct Origin<'a> {
    pub(super) https: bool,
    host: &'a str,
}

impl<'a> Origin<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, ParseError> {
        let refuse = |reason| ParseError::new("authority", text, reason);
        let (https, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => return Err(without_scheme(text)),
        };
        match rest.find('/') {
            Some(at) if at + 1 == rest.len() => {
                return Err(refuse("the trailing slash must go"));
            }
            Some(at) => {
                let before = rest.get(..at).unwrap_or_default();
                let port = before.rsplit_once(':').is_some_and(|(_, p)| is_port(p));
                return Err(refuse(if port {
                    "a path follows the port: give scheme, host and port only"
                } else {
                    "a path follows the host: give scheme and host only"
                }));
            }
            None => {}
        }
        let (host, port) = match rest.strip_prefix('[').and_then(|r| r.split_once(']')) {
            Some((host, port)) => {
                if host.parse::<Ipv6Addr>().is_err() {
                    return Err(refuse("only an IPv6 address stands in brackets"));
                }
                match port.strip_prefix(':') {
                    Some(port) => (host, Some(port)),
                    None if port.is_empty() => (host, None),
                    None => return Err(refuse("text follows the address without a colon")),
                }
            }
            None => {
                let (host, port) = match rest.split_once(':') {
                    Some((host, port)) => (host, Some(port)),
                    None => (rest, None),
                };
                if !host.split('.').all(is_label) {
                    return Err(refuse(
                        "a lower-case host without path, query or user is needed",
                    ));
                }
                (host, port)
            }
        };
        if port.is_some_and(|p| !is_port(p)) {
            return Err(refuse("the port is not a number up to 65535"));
        }
        Ok(Self { https, host })
    }

    pub(super) fn is_loopback(&self) -> bool {
        is_loopback_host(self.host)
    }

    /// Whether it is a name in the DNS, and neither an address nor this machine.
    pub(super) fn is_domain(&self) -> bool {
        self.host.contains('.') && self.host.parse::<IpAddr>().is_err()
    }

    /// Whether it is a host of one of Microsoft's clouds.
    pub(super) fn is_microsofts(&self) -> bool {
        KnownCloud::from_host(self.host).is_some()
    }
}

fn without_scheme(text: &str) -> ParseError {
    let error = ParseError::new("authority", text, "it must start with https://");
    let local = format!("http://{text}");
    match Origin::parse(&local) {
        Ok(origin) if origin.is_loopback() => error.hint(format!("write {local}")),
        _ => error,
    }
}

fn is_label(label: &str) -> bool {
    let edge = label.starts_with('-') || label.ends_with('-');
    let clean = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !label.is_empty() && !edge && label.bytes().all(clean)
}

fn is_port(port: &str) -> bool {
    // `u16::from_str` alone would take a plus sign.
    port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok()
}
