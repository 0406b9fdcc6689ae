//! Parsing and comparison of `Host` and `:authority` values.

use std::fmt;

use foundry_scopes::is_loopback_host;

/// A host and its port as a request names them, in a form to compare.
///
/// The ports 80 and 443 are left out: whether TLS ends here or in front, both mean "the
/// address without a port".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostPort {
    /// In lower case; an IPv6 address in its brackets.
    host: Box<str>,
    port: Option<u16>,
}

impl HostPort {
    /// Reads a host and a port.
    pub(crate) fn parse(value: &[u8]) -> Option<Self> {
        let (host, port) = split(value)?;
        Some(Self {
            host: host.to_ascii_lowercase().into(),
            port,
        })
    }

    /// Whether a request's text names this one. Allocates nothing: each request asks.
    pub(crate) fn is_named_by(&self, value: &[u8]) -> bool {
        split(value)
            .is_some_and(|(host, port)| port == self.port && host.eq_ignore_ascii_case(&self.host))
    }

    /// The same port at the loopback addresses, if this is one of them.
    pub(crate) fn loopback_aliases(&self) -> Vec<Self> {
        if !is_loopback_host(&self.host) {
            return Vec::new();
        }
        let at = |host: &str| Self {
            host: host.into(),
            port: self.port,
        };
        ["localhost", "127.0.0.1", "[::1]"].map(at).into()
    }
}

/// Takes `uri-host [ ":" port ]` apart (RFC 9110, section 7.2); of registered names the
/// characters that DNS and container networks use.
fn split(value: &[u8]) -> Option<(&str, Option<u16>)> {
    let text = std::str::from_utf8(value).ok()?;
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']')?;
            address.parse::<std::net::Ipv6Addr>().ok()?;
            (text.get(..address.len() + 2)?, port)
        }
        None => {
            let end = text.find(':').unwrap_or(text.len());
            let (host, port) = text.split_at_checked(end)?;
            let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
            if host.is_empty() || !host.bytes().all(plain) {
                return None;
            }
            (host, port)
        }
    };
    let port = match port.strip_prefix(':') {
        None if port.is_empty() => None,
        None => return None,
        Some(digits) if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) => {
            return None;
        }
        Some(digits) => Some(digits.parse().ok()?),
    };
    Some((host, port.filter(|port| !matches!(port, 80 | 443))))
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::HostPort;

    fn read(text: &str) -> Option<String> {
        HostPort::parse(text.as_bytes()).map(|host| host.to_string())
    }

    #[test]
    fn names_and_addresses_with_and_without_a_port() {
        for (text, shown) in [
            ("mcp.contoso.example", "mcp.contoso.example"),
            ("MCP.Contoso.Example:443", "mcp.contoso.example"),
            ("mcp.contoso.example:80", "mcp.contoso.example"),
            ("mcp.contoso.example:8443", "mcp.contoso.example:8443"),
            ("my_service:8080", "my_service:8080"),
            ("127.0.0.1:1", "127.0.0.1:1"),
            ("[::1]:1", "[::1]:1"),
            ("[2001:DB8::1]", "[2001:db8::1]"),
        ] {
            assert_eq!(read(text).as_deref(), Some(shown), "{text}");
            assert!(
                HostPort::parse(shown.as_bytes())
                    .unwrap()
                    .is_named_by(text.as_bytes())
            );
        }
    }

    #[test]
    fn what_is_no_host_is_none() {
        for text in [
            "", ":80", "a b", "a/b", "a@b", "a:", "a:x", "a:1:2", "a:65536", "a:+1", "a:-1",
            "[::1", "[::1]x", "[x]", "::1", "a,b", "*", "a\\b", "\u{e4}", "a%2eb", "http://a",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(HostPort::parse(b"a\xff"), None);
    }

    #[test]
    fn loopback_has_three_names() {
        let names = |text: &str| {
            let host = HostPort::parse(text.as_bytes()).unwrap();
            let aliases = host.loopback_aliases();
            aliases.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(
            names("127.0.0.1:3000"),
            ["localhost:3000", "127.0.0.1:3000", "[::1]:3000"]
        );
        assert!(names("localhost.evil.example:3000").is_empty());
        assert!(names("mcp.contoso.example").is_empty());
    }
}
