//! Public URL of a protected resource, and its well-known addresses.

use foundry_scopes::is_loopback_host;
use url::Url;

use super::error::ResourceError;

/// What stands for the tenant's id in the URL of a server for several tenants.
pub(super) const PLACEHOLDER: &str = "{tenant}";

/// A public URL taken apart. It is compared byte for byte by Entra ID and by clients, so
/// it is kept as it was written, but for the case of scheme and host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicUrl {
    /// `https://host[:port]`, in lower case.
    origin: String,
    /// Empty, or a slash and more, never ending in a slash.
    path: String,
    query: Option<String>,
}

impl PublicUrl {
    pub(crate) fn parse(text: &str) -> Result<Self, ResourceError> {
        let refuse = |reason| Err(ResourceError::url(text, reason));
        if text.contains(PLACEHOLDER) {
            return refuse("a URL with {tenant} is built with `build_per_tenant`");
        }
        // Before the URL parser, which repairs what it is given.
        if !text
            .bytes()
            .all(|b| b.is_ascii_graphic() && !b"\"\\<>^`{|}".contains(&b))
        {
            return refuse(
                "only printable ASCII without blanks, quotes and backslashes is allowed",
            );
        }
        let Ok(url) = Url::parse(text) else {
            return refuse("it is no absolute URL");
        };
        let Some(host) = url.host_str() else {
            return refuse("it names no host; an App ID URI is set with `identifier_uri`");
        };
        match url.scheme() {
            "https" => {}
            "http" if is_loopback_host(host) => {}
            "http" => {
                return refuse("plain http is for loopback only (RFC 9728, section 1.2: https)");
            }
            _ => return refuse("https is needed"),
        }
        if !url.username().is_empty() || url.password().is_some() || text.contains('@') {
            return refuse("a URL with a user name is no public URL");
        }
        if url.fragment().is_some() {
            return refuse("a fragment is not allowed (RFC 9728, section 1.2)");
        }
        let origin = url.origin().ascii_serialization();
        let written = text.get(..origin.len()).unwrap_or_default();
        let rest = text.get(origin.len()..).unwrap_or_default();
        if !written.eq_ignore_ascii_case(&origin)
            || !matches!(rest.bytes().next(), None | Some(b'/' | b'?'))
        {
            return refuse(
                "scheme, host and port are not in their plain form; leave a default port out",
            );
        }
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (rest, None),
        };
        if path.ends_with('/') {
            return refuse(
                "the trailing slash must go: Entra ID has no identifier URI with one, and clients compare literally",
            );
        }
        if !path.is_empty() && path != url.path() {
            return refuse(
                "the path is not in its plain form (dot segments or characters to be escaped)",
            );
        }
        if path.split('/').any(|segment| segment == ".well-known") {
            return refuse("a resource cannot lie under /.well-known");
        }
        // A client that searches the challenge for `scope=` would find it in here.
        if ["scope=", "error=", "resource_metadata=", "claims="]
            .iter()
            .any(|n| text.contains(n))
        {
            return refuse("it contains the name of a challenge parameter");
        }
        Ok(Self {
            origin,
            path: path.to_owned(),
            query,
        })
    }

    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// `host[:port]`.
    pub(crate) fn authority(&self) -> &str {
        let (_, authority) = self.origin.split_once("://").unwrap_or_default();
        authority
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The whole URL.
    pub(crate) fn as_text(&self) -> String {
        format!("{}{}{}", self.origin, self.path, self.query_part())
    }

    /// The path of the well-known document `name` for this URL: inserted between host and
    /// path (RFC 9728, section 3.1; RFC 8414, section 3.1).
    pub(crate) fn well_known_path(&self, name: &str) -> String {
        format!("/.well-known/{name}{}", self.path)
    }

    /// The same as a URL, with the query that the resource's own URL has.
    pub(crate) fn well_known_url(&self, name: &str) -> String {
        format!(
            "{}{}{}",
            self.origin,
            self.well_known_path(name),
            self.query_part()
        )
    }

    fn query_part(&self) -> String {
        self.query
            .as_ref()
            .map(|q| format!("?{q}"))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "oauth-protected-resource";

    #[test]
    fn the_well_known_part_goes_between_host_and_path() {
        for (url, expected) in [
            (
                "https://h",
                "https://h/.well-known/oauth-protected-resource",
            ),
            (
                "https://h/mcp",
                "https://h/.well-known/oauth-protected-resource/mcp",
            ),
            (
                "https://h/a/b?x=1",
                "https://h/.well-known/oauth-protected-resource/a/b?x=1",
            ),
            (
                "https://H.Test/Mcp",
                "https://h.test/.well-known/oauth-protected-resource/Mcp",
            ),
            (
                "https://h:8443/mcp",
                "https://h:8443/.well-known/oauth-protected-resource/mcp",
            ),
            (
                "http://localhost:1/mcp",
                "http://localhost:1/.well-known/oauth-protected-resource/mcp",
            ),
            (
                "http://[::1]:1/mcp",
                "http://[::1]:1/.well-known/oauth-protected-resource/mcp",
            ),
        ] {
            assert_eq!(
                PublicUrl::parse(url).unwrap().well_known_url(NAME),
                expected,
                "{url}"
            );
        }
    }

    #[test]
    fn the_url_is_kept_but_for_the_case_of_scheme_and_host() {
        let url = PublicUrl::parse("HTTPS://MCP.Contoso.Example:8443/Mcp?A=1").unwrap();
        assert_eq!(url.as_text(), "https://mcp.contoso.example:8443/Mcp?A=1");
    }

    #[test]
    fn what_clients_or_entra_would_stumble_over_is_refused() {
        for (url, part) in [
            ("https://h/", "trailing slash"),
            ("https://h/mcp/", "trailing slash"),
            ("https://h/mcp/?x=1", "trailing slash"),
            ("https://h/mcp#f", "fragment"),
            ("https://h/mcp#", "fragment"),
            ("http://h/mcp", "loopback"),
            ("http://127.0.0.2/mcp", "loopback"),
            ("http://localhost.evil.example/mcp", "loopback"),
            (
                "api://11112222-bbbb-3333-cccc-4444dddd5555",
                "https is needed",
            ),
            ("urn:mcp", "no host"),
            ("/mcp", "absolute"),
            ("mcp.test/mcp", "absolute"),
            ("https://u@h/mcp", "user name"),
            ("https://u:p@h/mcp", "user name"),
            ("https:\\\\h\\mcp", "printable"),
            ("https://h/m cp", "printable"),
            ("https://h/m\"cp", "printable"),
            ("https://h\n/mcp", "printable"),
            ("https://h:443/mcp", "default port"),
            ("https:///h/mcp", "plain form"),
            ("https://h/a/../mcp", "plain form"),
            ("https://h/%2e/mcp", "plain form"),
            ("https://h/.well-known/x", "well-known"),
            ("https://h/mcp?scope=x", "challenge parameter"),
        ] {
            let error = PublicUrl::parse(url).unwrap_err().to_string();
            assert!(error.contains(part), "{url}: {error}");
        }
    }
}
