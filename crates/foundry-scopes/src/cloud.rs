//! Clouds: where Entra ID lives and how it signs its name.

use std::sync::Arc;

use crate::{IssuerTemplate, ParseError};

/// One Microsoft cloud, as opaque data: the authority's base URL, the issuers of its
/// tokens, and the name its signing keys carry.
///
/// The known clouds have constructors; any other comes from configuration with
/// [`Cloud::custom`], and a local Entra ID with [`Cloud::loopback`]. All take the same
/// path through the code.
///
/// ```
/// use foundry_scopes::Cloud;
///
/// assert_eq!(Cloud::public().authority(), "https://login.microsoftonline.com");
/// let local = Cloud::loopback("http://127.0.0.1:8080")?;
/// assert_eq!(local.issuer_v2().as_str(), "http://127.0.0.1:8080/{tenantid}/v2.0");
/// assert!(Cloud::loopback("http://192.0.2.1:8080").is_err());
/// # Ok::<(), foundry_scopes::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cloud(Arc<Parts>);

#[derive(Debug, PartialEq, Eq, Hash)]
struct Parts {
    name: Box<str>,
    authority: Box<str>,
    issuer_v1: IssuerTemplate,
    issuer_v2: IssuerTemplate,
    key_cloud: Option<Box<str>>,
    loopback: bool,
}

/// What [`Cloud::custom`] needs to know; every value as the cloud's own metadata shows it.
#[derive(Clone, Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a configuration record: a new field must be a decision of the caller"
)]
pub struct CloudSpec<'a> {
    /// A name for messages, for example `AzureBleu`.
    pub name: &'a str,
    /// `https://` and the authority's host, without a path: `https://login.example`.
    pub authority: &'a str,
    /// Issuer of v1 tokens with `{tenantid}` in it.
    pub issuer_v1: &'a str,
    /// Issuer of v2 tokens with `{tenantid}` in it.
    pub issuer_v2: &'a str,
    /// `cloud_instance_name` of the cloud's signing keys, where it publishes one.
    pub key_cloud: Option<&'a str>,
}

impl Cloud {
    /// The public cloud, `login.microsoftonline.com`.
    #[must_use]
    pub fn public() -> Self {
        Self::known(
            "AzurePublic",
            "https://login.microsoftonline.com",
            "https://sts.windows.net/{tenantid}/",
            "microsoftonline.com",
        )
    }

    /// Azure for US Government, `login.microsoftonline.us`.
    ///
    /// Its v1 issuer is the public cloud's; what tells its tokens apart is the signing
    /// key's `cloud_instance_name`, which validation therefore checks.
    #[must_use]
    pub fn us_government() -> Self {
        Self::known(
            "AzureUsGovernment",
            "https://login.microsoftonline.us",
            "https://sts.windows.net/{tenantid}/",
            "microsoftonline.us",
        )
    }

    /// Azure in China operated by 21Vianet, `login.partner.microsoftonline.cn`.
    #[must_use]
    pub fn china() -> Self {
        Self::known(
            "AzureChina",
            "https://login.partner.microsoftonline.cn",
            "https://sts.chinacloudapi.cn/{tenantid}/",
            "partner.microsoftonline.cn",
        )
    }

    /// A cloud from configuration: national partner clouds, air-gapped clouds.
    ///
    /// # Errors
    ///
    /// An authority that is not `https://host`, or templates without one `{tenantid}`.
    pub fn custom(spec: CloudSpec<'_>) -> Result<Self, ParseError> {
        let origin = Origin::parse(spec.authority)?;
        if !origin.https {
            return Err(
                ParseError::new("authority", spec.authority, "https is needed")
                    .hint("a local Entra ID is a `Cloud::loopback`"),
            );
        }
        Ok(Self(Arc::new(Parts {
            name: spec.name.into(),
            authority: spec.authority.into(),
            issuer_v1: IssuerTemplate::parse(spec.issuer_v1)?,
            issuer_v2: IssuerTemplate::parse(spec.issuer_v2)?,
            key_cloud: spec.key_cloud.map(Into::into),
            loopback: false,
        })))
    }

    /// A local Entra ID: `http://127.0.0.1:PORT`, `http://localhost:PORT` or
    /// `http://[::1]:PORT`, with http or https.
    ///
    /// The one place where plain http is accepted for an authority.
    ///
    /// # Errors
    ///
    /// Any other host, a path, or a trailing slash.
    pub fn loopback(base: &str) -> Result<Self, ParseError> {
        let origin = Origin::parse(base)?;
        if !origin.is_loopback() {
            return Err(ParseError::new(
                "loopback authority",
                base,
                "only 127.0.0.1, [::1] and localhost are loopback",
            ));
        }
        Ok(Self(Arc::new(Parts {
            name: "Loopback".into(),
            authority: base.into(),
            issuer_v1: IssuerTemplate::parse(&format!("{base}/{{tenantid}}/"))?,
            issuer_v2: IssuerTemplate::parse(&format!("{base}/{{tenantid}}/v2.0"))?,
            key_cloud: Some("microsoftonline.com".into()),
            loopback: true,
        })))
    }

    /// The cloud's name, for messages.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Base URL of the authority: scheme and host, no trailing slash.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.0.authority
    }

    /// Issuer of v1 tokens (Entra doc "Access tokens": v1.0 and v2.0 tokens).
    #[must_use]
    pub fn issuer_v1(&self) -> &IssuerTemplate {
        &self.0.issuer_v1
    }

    /// Issuer of v2 tokens.
    #[must_use]
    pub fn issuer_v2(&self) -> &IssuerTemplate {
        &self.0.issuer_v2
    }

    /// `cloud_instance_name` that the cloud's signing keys carry, if it publishes one.
    ///
    /// The public key set also lists keys of another cloud, so this is what keeps a
    /// token of that cloud out.
    #[must_use]
    pub fn key_cloud(&self) -> Option<&str> {
        self.0.key_cloud.as_deref()
    }

    /// Whether this is a local Entra ID.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.0.loopback
    }

    /// The three public clouds; their texts are constants, and a test parses each.
    fn known(name: &str, authority: &str, issuer_v1: &str, key_cloud: &str) -> Self {
        let template = |text: &str| {
            IssuerTemplate::parse(text).unwrap_or_else(|_| IssuerTemplate::unmatchable())
        };
        Self(Arc::new(Parts {
            name: name.into(),
            authority: authority.into(),
            issuer_v1: template(issuer_v1),
            issuer_v2: template(&format!("{authority}/{{tenantid}}/v2.0")),
            key_cloud: Some(key_cloud.into()),
            loopback: false,
        }))
    }
}

/// Scheme, host and port of a base URL, without the `url` crate: this tier has none.
struct Origin<'a> {
    https: bool,
    host: &'a str,
}

impl<'a> Origin<'a> {
    fn parse(text: &'a str) -> Result<Self, ParseError> {
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
            Some((host, "")) => (host, None),
            Some((host, port)) => match port.strip_prefix(':') {
                Some(port) => (host, Some(port)),
                None => return Err(refuse("text follows the address without a colon")),
            },
            None => match rest.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (rest, None),
            },
        };
        let clean = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.:".contains(&b);
        if host.is_empty() || !host.bytes().all(clean) {
            return Err(refuse(
                "a lower-case host without path, query or user is needed",
            ));
        }
        if port.is_some_and(|p| p.is_empty() || p.parse::<u16>().is_err()) {
            return Err(refuse("the port is not a number up to 65535"));
        }
        Ok(Self { https, host })
    }

    fn is_loopback(&self) -> bool {
        matches!(self.host, "127.0.0.1" | "::1" | "localhost")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TenantId;

    #[test]
    fn the_known_clouds_have_the_published_issuers() {
        let tenant = TenantId::parse("f645ad92-e38d-4d1a-b510-d1b09a74a8ca").unwrap();
        let issuers = |cloud: Cloud| {
            (
                cloud.issuer_v1().render(tenant),
                cloud.issuer_v2().render(tenant),
            )
        };
        assert_eq!(
            issuers(Cloud::public()),
            (
                format!("https://sts.windows.net/{tenant}/"),
                format!("https://login.microsoftonline.com/{tenant}/v2.0")
            )
        );
        assert_eq!(
            issuers(Cloud::us_government()),
            (
                format!("https://sts.windows.net/{tenant}/"),
                format!("https://login.microsoftonline.us/{tenant}/v2.0")
            )
        );
        assert_eq!(
            issuers(Cloud::china()),
            (
                format!("https://sts.chinacloudapi.cn/{tenant}/"),
                format!("https://login.partner.microsoftonline.cn/{tenant}/v2.0")
            )
        );
    }

    #[test]
    fn plain_http_is_for_loopback_only() {
        for good in [
            "http://127.0.0.1:1",
            "http://localhost:65535",
            "https://localhost",
            "http://[::1]:80",
        ] {
            assert!(Cloud::loopback(good).unwrap().is_loopback(), "{good}");
        }
        for bad in [
            "http://127.0.0.2:1",
            "http://localhost.evil.example:1",
            "http://localhost:1/",
            "http://localhost:1/x",
            "http://u@localhost:1",
            "http://localhost:99999",
            "http://localhost:",
            "http://[::1]x",
            "http://LOCALHOST:1",
            "ftp://localhost:1",
            "localhost:1",
            "http://",
            "http://login.microsoftonline.com",
        ] {
            assert!(Cloud::loopback(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_custom_cloud_needs_https() {
        let spec = CloudSpec {
            name: "Test",
            authority: "http://login.example",
            issuer_v1: "https://sts.example/{tenantid}/",
            issuer_v2: "https://login.example/{tenantid}/v2.0",
            key_cloud: None,
        };
        assert!(Cloud::custom(spec.clone()).is_err());
        let cloud = Cloud::custom(CloudSpec {
            authority: "https://login.example",
            ..spec
        })
        .unwrap();
        assert_eq!(cloud.authority(), "https://login.example");
        assert_eq!(cloud.key_cloud(), None);
    }
}
