//! Client addresses: of the connection, or from the header of a proxy that is configured.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use http::{Extensions, HeaderMap, HeaderName};

/// What counts as one client: an address, of IPv6 the network of a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ClientAddress(IpAddr);

impl ClientAddress {
    /// The client of a request, if its address can be told.
    ///
    /// Without a configured header it is the peer of the connection. One in a private network is a
    /// proxy's as a rule, which stands for all clients behind it, so it says nothing. With a header
    /// its last entry counts: the proxy in front wrote it, the others the client may have written.
    pub(super) fn of(
        headers: &HeaderMap,
        extensions: &Extensions,
        header: Option<&HeaderName>,
    ) -> Option<Self> {
        let address = match header {
            Some(name) => last_entry(headers, name)?,
            None => Some(peer(extensions)?.to_canonical()).filter(|peer| is_public(*peer))?,
        };
        Some(Self::from(address))
    }
}

impl From<IpAddr> for ClientAddress {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
            v4 => v4,
        })
    }
}

#[cfg(feature = "axum")]
fn peer(extensions: &Extensions) -> Option<IpAddr> {
    use ::axum::extract::ConnectInfo;
    let peer = extensions.get::<ConnectInfo<SocketAddr>>();
    peer.map(|ConnectInfo(peer)| peer.ip())
}

#[cfg(not(feature = "axum"))]
fn peer(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<SocketAddr>().map(SocketAddr::ip)
}

/// `203.0.113.7`, `203.0.113.7:4711`, `[2001:db8::1]:4711`, `2001:db8::1`.
fn last_entry(headers: &HeaderMap, name: &HeaderName) -> Option<IpAddr> {
    let last = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    let entry = last.rsplit(',').next()?.trim();
    let bare = entry.trim_start_matches('[').trim_end_matches(']');
    let socket = || entry.parse::<SocketAddr>().ok().map(|with| with.ip());
    bare.parse().ok().or_else(socket)
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [a, b, ..] = address.octets();
            let shared = a == 100 && (64..128).contains(&b);
            !(address.is_private() || address.is_loopback() || address.is_link_local() || shared)
        }
        IpAddr::V6(address) => {
            !(address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");

    fn of(fields: &[&str], header: Option<&HeaderName>) -> Option<ClientAddress> {
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(FORWARDED, field.parse().unwrap());
        }
        ClientAddress::of(&headers, &Extensions::new(), header)
    }

    fn address(text: &str) -> Option<ClientAddress> {
        Some(ClientAddress::from(text.parse::<IpAddr>().unwrap()))
    }

    #[test]
    fn the_proxys_entry_counts_and_none_of_the_clients() {
        for fields in [
            &["203.0.113.7"][..],
            &["10.0.0.1, 198.51.100.1, 203.0.113.7"],
            &["198.51.100.1", "203.0.113.7"],
            &["198.51.100.1,203.0.113.7:4711"],
            &["::ffff:203.0.113.7"],
        ] {
            assert_eq!(
                of(fields, Some(&FORWARDED)),
                address("203.0.113.7"),
                "{fields:?}"
            );
        }
        for fields in [
            &["2001:db8::1"][..],
            &["[2001:db8::1]:4711"],
            &["[2001:db8::1]"],
        ] {
            assert_eq!(
                of(fields, Some(&FORWARDED)),
                address("2001:db8::ffff"),
                "{fields:?}"
            );
        }
        for fields in [&[][..], &["unknown"], &["203.0.113.7, _hidden"], &[""]] {
            assert_eq!(of(fields, Some(&FORWARDED)), None, "{fields:?}");
        }
    }

    #[test]
    fn a_header_that_is_not_configured_is_not_read() {
        assert_eq!(of(&["203.0.113.7"], None), None);
    }

    #[test]
    fn a_peer_in_a_private_network_stands_for_all_behind_it() {
        for private in [
            "10.1.2.3",
            "127.0.0.1",
            "192.168.0.1",
            "100.64.0.1",
            "fd00::1",
            "::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in ["203.0.113.7", "100.128.0.1", "2001:db8::1"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[cfg(feature = "axum")]
    #[test]
    fn a_public_peer_is_a_client() {
        let of = |peer: &str| {
            let mut extensions = Extensions::new();
            let peer: SocketAddr = peer.parse().unwrap();
            extensions.insert(::axum::extract::ConnectInfo(peer));
            ClientAddress::of(&HeaderMap::new(), &extensions, None)
        };
        assert_eq!(of("203.0.113.7:1"), address("203.0.113.7"));
        assert_eq!(of("[::ffff:203.0.113.7]:1"), address("203.0.113.7"));
        assert_eq!(of("10.0.0.1:1"), None);
    }
}
