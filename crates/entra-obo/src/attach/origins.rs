//! Allowed origins of an API: where its tokens may be sent.

use std::fmt;
use std::sync::Arc;

use foundry_scopes::is_loopback_host;
use url::Url;

use super::error::InvalidOrigin;

/// Where an API is: the scheme, host and port of every address that its tokens may be sent to.
///
/// Only https, and plain http on loopback. Nothing is matched by its ending: each host is
/// named whole.
///
/// ```
/// use entra_obo::attach::ApiOrigins;
///
/// let origins = ApiOrigins::new(["https://orders.contoso.example", "http://127.0.0.1:8080"])?;
/// assert_eq!(format!("{origins:?}"), r#"["https://orders.contoso.example:443", "http://127.0.0.1:8080"]"#);
///
/// for wrong in ["http://orders.contoso.example", "https://orders.contoso.example/v1", "orders"] {
///     assert!(ApiOrigins::new([wrong]).is_err());
/// }
/// # Ok::<(), entra_obo::attach::InvalidOrigin>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ApiOrigins(Arc<[Origin]>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    scheme: &'static str,
    /// In lower case; an IPv6 address in brackets.
    host: Box<str>,
    port: u16,
}

impl ApiOrigins {
    /// Takes one origin or several, each as `https://host` or `https://host:port`.
    ///
    /// # Errors
    ///
    /// None at all, one that is not https (plain http is for `127.0.0.1`, `[::1]` and
    /// `localhost`), or one that says more than scheme, host and port.
    pub fn new<S: AsRef<str>>(origins: impl IntoIterator<Item = S>) -> Result<Self, InvalidOrigin> {
        let origins: Result<Arc<[Origin]>, _> = origins
            .into_iter()
            .map(|text| Origin::parse(text.as_ref()))
            .collect();
        match origins {
            Ok(none) if none.is_empty() => Err(InvalidOrigin::new("", "name at least one")),
            origins => Ok(Self(origins?)),
        }
    }

    /// Whether an address is at one of them.
    pub(super) fn admit(&self, scheme: &str, host: &str, port: Option<u16>) -> bool {
        self.0.iter().any(|origin| {
            origin.scheme == scheme
                && origin.host.eq_ignore_ascii_case(host)
                && Some(origin.port) == port.or(default_port(scheme))
        })
    }
}

impl Origin {
    fn parse(text: &str) -> Result<Self, InvalidOrigin> {
        let refuse = |reason| Err(InvalidOrigin::new(text, reason));
        // Before the URL parser, which repairs what it is given.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b":/.-[]".contains(&byte);
        if !text.bytes().all(plain) {
            return refuse("it has characters that no origin has; each host is named whole");
        }
        let Ok(url) = Url::parse(text) else {
            return refuse("it is no absolute URL");
        };
        if !matches!(text.strip_prefix(url.scheme()), Some(rest) if rest.starts_with("://")) {
            return refuse("it does not begin with https://");
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return refuse("an origin has no path; it is scheme, host and port");
        }
        let loopback = url.host_str().is_some_and(is_loopback_host);
        let scheme = match url.scheme() {
            "https" => "https",
            "http" if loopback => "http",
            "http" => return refuse("a token is sent over https; plain http is for loopback"),
            _ => return refuse("it is not https"),
        };
        match (url.host_str(), url.port_or_known_default()) {
            (Some(host), Some(port)) => Ok(Self {
                scheme,
                host: host.into(),
                port,
            }),
            _ => refuse("it names no host"),
        }
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "https" => Some(443),
        "http" => Some(80),
        _ => None,
    }
}

impl fmt::Debug for ApiOrigins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.0.iter();
        let all = all.map(|one| format!("{}://{}:{}", one.scheme, one.host, one.port));
        f.debug_list().entries(all).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let origins = ApiOrigins::new(["https://API.contoso.example/", "http://[::1]:8080"]);
        let origins = origins.unwrap();
        for (scheme, host, port) in [
            ("https", "api.contoso.example", None),
            ("https", "Api.Contoso.Example", Some(443)),
            ("http", "[::1]", Some(8080)),
        ] {
            assert!(
                origins.admit(scheme, host, port),
                "{scheme} {host} {port:?}"
            );
        }
        for (scheme, host, port) in [
            ("http", "api.contoso.example", None),
            ("http", "api.contoso.example", Some(443)),
            ("https", "api.contoso.example", Some(8443)),
            ("https", "api.contoso.example.", None),
            ("https", "contoso.example", None),
            ("https", "evil-api.contoso.example", None),
            ("https", "api.contoso.example.evil.example", None),
            ("https", "x.api.contoso.example", None),
            ("https", "", None),
            ("http", "[::1]", None),
            ("http", "::1", Some(8080)),
            ("https", "[::1]", Some(8080)),
            ("ws", "api.contoso.example", Some(443)),
        ] {
            assert!(
                !origins.admit(scheme, host, port),
                "{scheme} {host} {port:?}"
            );
        }
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for text in [
            "",
            "contoso.example",
            "https:",
            "https://",
            "https:/contoso.example",
            "https:contoso.example",
            "HTTPS://contoso.example",
            "https://contoso.example/api",
            "https://contoso.example?x",
            "https://contoso.example#x",
            "https://user@contoso.example",
            "https://*.contoso.example",
            "https://contoso.example:99999",
            "https://contoso.example\\@evil.example",
            "https://contoso .example",
            "https://b\u{fc}cher.example",
            "http://contoso.example",
            "http://10.0.0.1",
            "http://127.0.0.2",
            "http://localhost.evil.example",
            "ftp://127.0.0.1",
        ] {
            assert!(ApiOrigins::new([text]).is_err(), "{text}");
        }
        assert!(ApiOrigins::new([""; 0]).is_err());
    }
}
