//! The base URL of an authority, read without the `url` crate: this tier has none.

use std::net::Ipv6Addr;

use crate::ParseError;

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
            _ => return Err(refuse("it must start with https://")),
        };
        if rest.ends_with('/') {
            return Err(refuse("the trailing slash must go"));
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
        matches!(self.host, "127.0.0.1" | "::1" | "localhost")
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
