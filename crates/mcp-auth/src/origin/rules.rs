//! Host and Origin rules of a guard, checked before credentials; probes and preflights.

use entra_parts::foreign;
use http::header::{HOST, ORIGIN};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};

use super::allowed::{AllowedHost, AllowedOrigin};
use super::cors::{self, Cors};
use super::hosts::HostPort;
use crate::metadata::answer::Answer;
use crate::resource::PublicUrl;

/// Which hosts, origins and paths a guard knows.
///
/// A page of another site reaches a server on loopback or in an internal network through a
/// name of its own that it points there (DNS rebinding). `Host` then holds that name, and
/// `Origin` the page's (MCP, "Streamable HTTP", security warning).
#[derive(Clone, Debug)]
pub(crate) struct OriginRules {
    hosts: Hosts,
    /// `None`: `Origin` is not looked at.
    origins: Option<Vec<AllowedOrigin>>,
    probes: Vec<Box<str>>,
    methods: &'static str,
}

#[derive(Clone, Debug)]
enum Hosts {
    Any,
    Listed(Vec<HostPort>),
}

/// How a request enters.
pub(crate) enum Entry {
    /// On to the credentials.
    Pass(Cors),
    /// A liveness or readiness probe: neither checked nor given anything.
    Probe,
    /// A preflight, answered.
    Preflight(Answer),
    /// None of this server's.
    Refused(OriginError),
}

impl OriginRules {
    /// For an MCP resource: its own host, loopback where it is loopback, and no origin.
    pub(crate) fn of_resource(url: &PublicUrl) -> Self {
        let own = HostPort::parse(url.authority().as_bytes());
        let mut hosts: Vec<_> = own.into_iter().collect();
        let aliases: Vec<_> = hosts.iter().flat_map(HostPort::loopback_aliases).collect();
        hosts.extend(aliases);
        Self {
            hosts: Hosts::Listed(hosts),
            origins: Some(Vec::new()),
            probes: Vec::new(),
            methods: "GET, POST, DELETE, OPTIONS",
        }
    }

    /// For an ordinary API: nothing is checked until it is asked for.
    pub(crate) fn of_api() -> Self {
        Self {
            hosts: Hosts::Any,
            origins: None,
            probes: Vec::new(),
            methods: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
        }
    }

    pub(crate) fn allow_origins(&mut self, origins: impl IntoIterator<Item = AllowedOrigin>) {
        self.origins.get_or_insert_default().extend(origins);
    }

    pub(crate) fn allow_hosts(&mut self, hosts: impl IntoIterator<Item = AllowedHost>) {
        let more = hosts.into_iter().map(|host| host.0);
        match &mut self.hosts {
            Hosts::Listed(list) => list.extend(more),
            any @ Hosts::Any => *any = Hosts::Listed(more.collect()),
        }
    }

    pub(crate) fn allow_any_host(&mut self) {
        self.hosts = Hosts::Any;
    }

    pub(crate) fn add_probes(&mut self, paths: impl IntoIterator<Item = Box<str>>) {
        self.probes.extend(paths);
    }

    pub(crate) fn enter<B>(&self, request: &Request<B>) -> Entry {
        let (method, uri, headers) = (request.method(), request.uri(), request.headers());
        if self.is_probe(method, uri) {
            return Entry::Probe;
        }
        if headers.get_all(HOST).iter().nth(1).is_some() {
            return Entry::Refused(OriginError::RepeatedHost);
        }
        if let Hosts::Listed(list) = &self.hosts
            && let Some(foreign) = foreign_host(list, uri, headers)
        {
            return Entry::Refused(OriginError::host(foreign));
        }
        let Some(origins) = &self.origins else {
            return Entry::Pass(Cors::silent());
        };
        let mut named = headers.get_all(ORIGIN).iter();
        let Some(origin) = named.next() else {
            return Entry::Pass(Cors::of(None));
        };
        if named.next().is_some() || !is_listed(origins, origin) {
            return Entry::Refused(OriginError::origin(origin.as_bytes()));
        }
        if cors::is_preflight(method, headers) {
            let origin = origin.clone();
            return Entry::Preflight(cors::preflight(origin, self.methods, headers));
        }
        Entry::Pass(Cors::of(Some(origin.clone())))
    }

    /// `GET` or `HEAD` of exactly such a path, byte for byte.
    fn is_probe(&self, method: &Method, uri: &Uri) -> bool {
        !self.probes.is_empty()
            && matches!(*method, Method::GET | Method::HEAD)
            && self.probes.iter().any(|probe| **probe == *uri.path())
    }
}

fn is_listed(origins: &[AllowedOrigin], origin: &HeaderValue) -> bool {
    let origin = origin.as_bytes();
    origins
        .iter()
        .any(|allowed| allowed.as_str().as_bytes() == origin)
}

/// The first host of the request that is not listed. Each place counts where a request may
/// name one: `:authority` of HTTP/2, an absolute target, `Host`.
///
/// Without any the request is no browser's: browsers always send one. Old clients and tests
/// inside the process have none.
fn foreign_host<'r>(
    allowed: &[HostPort],
    uri: &'r Uri,
    headers: &'r HeaderMap,
) -> Option<&'r [u8]> {
    let in_target = uri
        .authority()
        .map(|authority| authority.as_str().as_bytes());
    let first = headers.get(HOST).map(HeaderValue::as_bytes);
    let listed = |host: &[u8]| allowed.iter().any(|known| known.is_named_by(host));
    [in_target, first]
        .into_iter()
        .flatten()
        .find(|host| !listed(host))
}

/// The host or the origin of a request is not on its list.
#[derive(Debug)]
pub(crate) enum OriginError {
    /// What `Host` or `:authority` said, escaped and cut.
    Host(String),
    /// What `Origin` said, escaped and cut.
    Origin(String),
    /// More than one `Host` is never right, equal ones neither (RFC 9112, section 3.2).
    RepeatedHost,
}

impl OriginError {
    pub(super) fn host(found: &[u8]) -> Self {
        Self::Host(foreign::shown_bytes(found))
    }

    pub(super) fn origin(found: &[u8]) -> Self {
        Self::Origin(foreign::shown_bytes(found))
    }

    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Host(_) => "host_not_allowed",
            Self::Origin(_) => "origin_not_allowed",
            Self::RepeatedHost => "repeated_host",
        }
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Host(_) | Self::Origin(_) => StatusCode::FORBIDDEN,
            Self::RepeatedHost => StatusCode::BAD_REQUEST,
        }
    }

    /// For the client.
    pub(crate) fn message(&self) -> &'static str {
        match self {
            Self::Host(_) => "this server does not answer for that host",
            Self::Origin(_) => "pages of that origin may not call this server",
            Self::RepeatedHost => "the request names its host more than once",
        }
    }

    /// For the log.
    pub(crate) fn explain(&self) -> String {
        match self {
            Self::Host(found) => format!(
                "the request names the host \"{found}\", which is not that of the resource's public URL: correct the \
                 URL, or, if a proxy in front changes Host, name its host with `AuthLayer::allow_hosts` (on an \
                 `McpServer`: `.configure_guard(..)`)"
            ),
            Self::Origin(found) => format!(
                "the request comes from a page of \"{found}\": if it may call, name its origin with \
                 `AuthLayer::allow_origins` (on an `McpServer`: `.configure_guard(..)`)"
            ),
            Self::RepeatedHost => {
                "the request has more than one Host field (RFC 9112, section 3.2)".to_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::OriginError;

    #[test]
    fn foreign_text_is_one_short_line() {
        let error = OriginError::origin("\r\n\u{202e}\"\\ x".as_bytes());
        assert!(error.explain().bytes().all(|b| (0x20..0x7f).contains(&b)));
        assert!(OriginError::host(&[b'x'; 5000]).explain().len() < 700);
    }
}
