//! The name that URLs carry, and the address that is bound.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::error::StartError;
use crate::microsoft;

/// Where to listen, and under which name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) bind: IpAddr,
    /// As URLs and issuers spell it: a name, an IPv4 address, or `[IPv6]`.
    pub(super) host: String,
}

impl Address {
    /// Loopback, unless what is beyond it was allowed by name.
    pub(super) fn choose(
        host: String,
        listen: Option<IpAddr>,
        beyond_loopback: bool,
    ) -> Result<Self, StartError> {
        let by_name = match host.as_str() {
            "localhost" | "127.0.0.1" => Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            "[::1]" => Some(IpAddr::V6(Ipv6Addr::LOCALHOST)),
            _ => None,
        };
        if by_name.is_none() {
            if !beyond_loopback {
                return Err(StartError::NotLoopback { host });
            }
            if let Some(reason) = what_is_wrong(&host) {
                return Err(StartError::BadHost { host, reason });
            }
        }
        let bind = match (listen, by_name) {
            (Some(address), _) if address.is_loopback() || beyond_loopback => address,
            (Some(address), _) => {
                let host = address.to_string();
                return Err(StartError::NotLoopback { host });
            }
            (None, Some(address)) => address,
            (None, None) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        };
        Ok(Self { bind, host })
    }
}

fn what_is_wrong(host: &str) -> Option<&'static str> {
    if microsoft::is_named_in(host) {
        return Some("it is Microsoft's, and the emulator does not pretend to be it");
    }
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    if bare.is_some_and(|h| h.parse::<Ipv6Addr>().is_ok()) {
        return None;
    }
    let label = |l: &str| {
        !l.is_empty()
            && l.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    match host.split('.').all(label) {
        true => None,
        false => Some(
            "a DNS name in lower case, an IPv4 address or an IPv6 address in brackets is needed",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beyond_loopback_must_be_allowed() {
        let any = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        for (host, listen) in [
            ("localhost", Some(any)),
            ("entra.test", None),
            ("0.0.0.0", None),
            ("LOCALHOST", None),
            ("", None),
        ] {
            let refused = Address::choose(host.to_owned(), listen, false);
            assert!(
                matches!(refused, Err(StartError::NotLoopback { .. })),
                "{host} {listen:?}"
            );
        }
        let near = Address::choose("localhost".to_owned(), None, false).unwrap();
        assert!(near.bind.is_loopback());
        let far = Address::choose("entra.test".to_owned(), None, true).unwrap();
        assert_eq!((far.bind, far.host.as_str()), (any, "entra.test"));
        let both = Address::choose("localhost".to_owned(), Some(any), true).unwrap();
        assert_eq!(both.bind, any);
    }

    #[test]
    fn some_names_are_never_taken() {
        for host in [
            "login.microsoftonline.com",
            "sts.windows.net",
            "Entra.test",
            "a b",
            "a/b",
            "a:80",
            "user@a",
            "[::g]",
            "",
        ] {
            let refused = Address::choose(host.to_owned(), None, true);
            assert!(matches!(refused, Err(StartError::BadHost { .. })), "{host}");
        }
        assert!(Address::choose("[2001:db8::1]".to_owned(), None, true).is_ok());
    }
}
