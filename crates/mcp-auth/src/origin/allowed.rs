//! Allow-list entries: origins and hosts.

use std::fmt;

use url::{Origin, Url};

use super::hosts::HostPort;

/// An origin whose pages may call, as browsers write it in `Origin` (RFC 6454, section
/// 6.2): scheme, host in lower case, and the port where it is not the scheme's own.
///
/// It is compared byte for byte, so one that no browser sends is refused here.
///
/// ```
/// use mcp_auth::AllowedOrigin;
///
/// let inspector = AllowedOrigin::parse("http://localhost:6274")?;
/// assert_eq!(inspector.as_str(), "http://localhost:6274");
/// for wrong in ["null", "*", "https://Contoso.example", "https://contoso.example:443", "contoso.example"] {
///     assert!(AllowedOrigin::parse(wrong).is_err());
/// }
/// # Ok::<(), mcp_auth::AllowListError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedOrigin(Box<str>);

impl AllowedOrigin {
    /// Reads an origin.
    ///
    /// # Errors
    ///
    /// Whatever is not the text that a browser sends; `null`, which every sandboxed page
    /// has; wildcards.
    pub fn parse(text: &str) -> Result<Self, AllowListError> {
        if text == "null" {
            let reason = "any page can have this origin by sandboxing itself";
            return Err(AllowListError::origin(text, reason));
        }
        if text.contains('*') {
            let reason = "there are no wildcards: list each origin";
            return Err(AllowListError::origin(text, reason));
        }
        let plain = Url::parse(text).ok().map(|url| url.origin());
        match plain {
            Some(origin @ Origin::Tuple(..)) if origin.ascii_serialization() == text => {
                Ok(Self(text.into()))
            }
            // `vscode-webview://` and the like: the scheme and an opaque host.
            Some(Origin::Opaque(_)) if is_app_origin(text) => Ok(Self(text.into())),
            _ => Err(AllowListError::origin(
                text,
                "browsers send scheme, host and port only, in lower case and without the scheme's own port",
            )),
        }
    }

    /// The origin.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An origin of an application's own scheme, such as `vscode-file://vscode-app`.
fn is_app_origin(text: &str) -> bool {
    let Some((scheme, host)) = text.split_once("://") else {
        return false;
    };
    let plain = |part: &str, more: &[u8]| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || more.contains(&b))
    };
    !matches!(scheme, "file" | "data" | "blob" | "http" | "https")
        && plain(scheme, b"+-.")
        && plain(host, b"-._")
}

impl fmt::Display for AllowedOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A host, with its port where that is neither 80 nor 443, which requests may name in
/// `Host` or `:authority` (RFC 9110, section 7.2).
///
/// ```
/// use mcp_auth::AllowedHost;
///
/// let behind_the_gateway = AllowedHost::parse("orders.internal:8080")?;
/// assert_eq!(behind_the_gateway.to_string(), "orders.internal:8080");
/// assert!(AllowedHost::parse("https://orders.internal").is_err());
/// assert!(AllowedHost::parse("*.contoso.example").is_err());
/// # Ok::<(), mcp_auth::AllowListError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedHost(pub(super) HostPort);

impl AllowedHost {
    /// Reads a host, `name`, `name:port` or an address, without scheme and path.
    ///
    /// # Errors
    ///
    /// Anything else, and wildcards.
    pub fn parse(text: &str) -> Result<Self, AllowListError> {
        match HostPort::parse(text.as_bytes()) {
            Some(host) => Ok(Self(host)),
            None => Err(AllowListError::host(
                text,
                "a name or an address is needed, with a port where it has one of its own, without scheme, path and wildcards",
            )),
        }
    }
}

impl fmt::Display for AllowedHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A host or an origin that no browser would send, so that it would never match.
///
/// ```
/// use mcp_auth::AllowedOrigin;
///
/// let error = AllowedOrigin::parse("https://inspector.example/").unwrap_err();
/// assert!(error.to_string().contains("scheme, host and port"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} cannot be an allowed {what}: {reason}")]
pub struct AllowListError {
    text: String,
    what: &'static str,
    reason: &'static str,
}

impl AllowListError {
    pub(super) fn host(text: &str, reason: &'static str) -> Self {
        Self::new("host", text, reason)
    }

    pub(super) fn origin(text: &str, reason: &'static str) -> Self {
        Self::new("origin", text, reason)
    }

    fn new(what: &'static str, text: &str, reason: &'static str) -> Self {
        Self {
            text: text.to_owned(),
            what,
            reason,
        }
    }

    /// What is wrong with it.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        self.reason
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_what_a_browser_writes() {
        for good in [
            "https://contoso.example",
            "https://contoso.example:8443",
            "http://localhost:6274",
            "http://[::1]:1",
            "https://xn--mnchen-3ya.example",
            "vscode-file://vscode-app",
            "chrome-extension://abcdefghijklmnop",
        ] {
            assert_eq!(AllowedOrigin::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "null",
            "*",
            "https://*.contoso.example",
            "HTTPS://contoso.example",
            "https://contoso.example/",
            "https://contoso.example/x",
            "https://contoso.example:443",
            "http://contoso.example:80",
            "https://u@contoso.example",
            "https://m\u{fc}nchen.example",
            "https://contoso.example ",
            "file:///x",
            "file://",
            "data:text/html,x",
            "contoso.example",
            "contoso.example:443",
        ] {
            assert!(AllowedOrigin::parse(bad).is_err(), "{bad}");
        }
    }
}
