//! `Host` of a request: a name of the emulator, whatever the port. A page that rebinds a name of its
//! own to this machine sends that name.

use std::net::{Ipv4Addr, Ipv6Addr};

use axum::http::{HeaderMap, header};

use crate::state::Shared;

/// Whether the one `Host` is a name that no page can rebind: the emulator's own, a tenant's own,
/// a loopback name, or an address.
pub(super) fn is_own(shared: &Shared, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    let Ok(host) = host.to_str() else {
        return false;
    };
    let name = without_port(host);
    let is = |authority: &str| without_port(authority).eq_ignore_ascii_case(name);
    is_loopback(name)
        || is_address(name)
        || is(shared.authority())
        || shared.directory().tenants().any(|tenant| {
            tenant
                .own_base(&shared.base_url)
                .is_some_and(|base| base.split_once("://").is_some_and(|(_, it)| is(it)))
        })
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => authority,
    }
}

/// Browsers resolve these themselves (RFC 6761, section 6.3).
fn is_loopback(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower == "localhost" || lower.ends_with(".localhost")
}

/// A page of this origin is this server's.
fn is_address(name: &str) -> bool {
    let inner = name.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    name.parse::<Ipv4Addr>().is_ok() || inner.is_some_and(|it| it.parse::<Ipv6Addr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_no_page_can_rebind() {
        for (host, own) in [
            ("localhost:8080", true),
            ("LOCALHOST", true),
            ("far.localhost:1", true),
            ("127.0.0.1:8080", true),
            ("[::1]:8080", true),
            ("[::1]", true),
            ("169.254.169.254", true),
            ("evil.example:8080", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example:8080", false),
            ("", false),
        ] {
            let name = without_port(host);
            assert_eq!(is_loopback(name) || is_address(name), own, "{host}");
        }
    }
}
