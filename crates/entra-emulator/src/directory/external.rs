//! External ID tenants: their hosts, and the issuers of every tenant.

use serde::{Deserialize, Serialize};

use super::Tenant;

/// What makes a tenant one of External ID: its own host, as `contoso.ciamlogin.com` is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExternalId {
    pub(crate) subdomain: String,
}

impl Tenant {
    /// Makes it an External ID tenant. It answers at `<subdomain>.ciam.<host>` too, where Entra
    /// has `<subdomain>.ciamlogin.com`, and the issuer of its v2 tokens is
    /// `https://<id>.ciam.<host>:<port>/<id>/v2.0`.
    ///
    /// The host is `localhost` unless the emulator has another name; browsers know names below
    /// `localhost` as this machine, other programs have to be told.
    ///
    /// ```
    /// use entra_emulator::{Directory, Tenant};
    ///
    /// let tenant = Tenant::new("0a1b2c3d-0000-4000-8000-00000000e1d0", "shop.onmicrosoft.com")
    ///     .external_id("shop");
    /// assert!(Directory::new().tenant(tenant).check().is_ok());
    /// ```
    #[must_use]
    pub fn external_id(mut self, subdomain: impl Into<String>) -> Self {
        self.external_id = Some(ExternalId {
            subdomain: subdomain.into(),
        });
        self
    }

    /// The issuer of its v1 tokens, with a trailing slash.
    pub(crate) fn issuer_v1(&self, base_url: &str) -> String {
        format!("{base_url}/{}/", self.id)
    }

    /// The issuer of its v2 tokens.
    pub(crate) fn issuer_v2(&self, base_url: &str) -> String {
        let base = match &self.external_id {
            Some(_) => external_base(base_url, &self.id),
            None => base_url.to_owned(),
        };
        format!("{base}/{}/v2.0", self.id)
    }

    /// Whether a token's issuer is this tenant, in either version.
    pub(crate) fn issued(&self, base_url: &str, issuer: &str) -> bool {
        issuer == self.issuer_v1(base_url) || issuer == self.issuer_v2(base_url)
    }

    /// Where an External ID tenant answers besides the emulator's own base URL.
    pub(crate) fn own_base(&self, base_url: &str) -> Option<String> {
        let external = self.external_id.as_ref()?;
        Some(external_base(base_url, &external.subdomain))
    }
}

/// The names below which External ID tenants are, for the certificate.
pub(crate) fn external_names(host: &str) -> String {
    format!("*.ciam.{}", named(host))
}

fn external_base(base_url: &str, label: &str) -> String {
    let (scheme, authority) = base_url.split_once("://").unwrap_or(("http", base_url));
    let (host, port) = authority.rsplit_once(':').unwrap_or((authority, "80"));
    format!("{scheme}://{label}.ciam.{}:{port}", named(host))
}

/// An address has no names below it.
fn named(host: &str) -> &str {
    let address = host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok();
    if address { "localhost" } else { host }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_below_the_emulators_own() {
        let base = |b: &str| external_base(b, "shop");
        assert_eq!(
            base("https://localhost:8080"),
            "https://shop.ciam.localhost:8080"
        );
        assert_eq!(base("http://[::1]:1"), "http://shop.ciam.localhost:1");
        assert_eq!(base("http://127.0.0.1:1"), "http://shop.ciam.localhost:1");
        assert_eq!(external_names("entra.test"), "*.ciam.entra.test");
    }
}
