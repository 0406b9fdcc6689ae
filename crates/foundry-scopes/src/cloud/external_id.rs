//! External ID: one tenant's authority, on hosts of its own.

use std::sync::Arc;

use super::known::KnownCloud;
use super::origin::Origin;
use super::{Cloud, Parts};
use crate::error::ParseError;
use crate::id::TenantId;
use crate::issuer::IssuerTemplate;

/// The hosts of External ID end like this.
const SUFFIX: &str = ".ciamlogin.com";
/// The issuer that its tokens have (seen in tokens and metadata of several tenants; the
/// documents of Microsoft show the tenant's name as host as well).
const ISSUER: &str = "https://{tenantid}.ciamlogin.com/{tenantid}/v2.0";

/// What External ID has beside an authority and an issuer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct ExternalId {
    /// Beside the authority's and the tenant's own, as they were given.
    hosts: Box<[Box<str>]>,
    issuers: Box<[IssuerTemplate]>,
}

impl ExternalId {
    pub(super) fn issuers(&self) -> &[IssuerTemplate] {
        &self.issuers
    }
}

impl Cloud {
    /// Microsoft Entra External ID, where customers sign in: `https://contoso.ciamlogin.com`,
    /// or a custom domain.
    ///
    /// Its hosts are a set that is pinned here: the one of `authority`, `<tenant
    /// id>.ciamlogin.com`, and `hosts`, to be given where the authority is a custom domain
    /// and the tenant's name is used too, or the other way round. The discovery document says
    /// which issuer on these hosts tokens have (`https://<tenant id>.ciamlogin.com/<tenant
    /// id>/v2.0` as a rule), and neither an issuer nor a key set elsewhere is believed. There
    /// are no v1 tokens, and no authority that tenants share.
    ///
    /// ```
    /// use foundry_scopes::{Cloud, TenantAuthority, TenantId};
    ///
    /// let cloud = Cloud::external_id("https://login.contoso.com", ["contoso.ciamlogin.com"])?;
    /// let tenant = TenantId::parse("8eaef023-2b34-4da1-9baa-8bc8c9d6a490")?;
    /// let authority = TenantAuthority::new(cloud.clone(), tenant);
    /// assert_eq!(
    ///     authority.token_endpoint(),
    ///     format!("https://login.contoso.com/{tenant}/oauth2/v2.0/token")
    /// );
    /// assert_eq!(
    ///     authority.issuer_v2(),
    ///     format!("https://{tenant}.ciamlogin.com/{tenant}/v2.0")
    /// );
    /// assert_eq!(authority.issuer_v1(), None);
    /// assert!(cloud.pins(Some(tenant), "https://contoso.ciamlogin.com/keys"));
    /// assert!(!cloud.pins(Some(tenant), "https://fabrikam.ciamlogin.com/keys"));
    /// # Ok::<(), foundry_scopes::ParseError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// An authority that is not `https://` and a domain, or a malformed host: no scheme, port
    /// or path. Addresses and hosts of Microsoft's clouds are refused: the tokens of the latter
    /// are another service's.
    pub fn external_id<'h>(
        authority: &str,
        hosts: impl IntoIterator<Item = &'h str>,
    ) -> Result<Self, ParseError> {
        let mut issuers = vec![IssuerTemplate::of(&format!("{ISSUER}/"))];
        let mut pin = |origin: &str, given: &str| {
            let refuse = |reason| ParseError::new("host of External ID", given, reason);
            let read = Origin::parse(origin)?;
            if !read.https {
                return Err(refuse("https is needed"));
            }
            if !read.is_domain() {
                return Err(refuse("a domain is needed, and no address"));
            }
            if read.is_microsofts() {
                return Err(refuse("this is a host of Entra ID and not of External ID")
                    .hint("use Cloud::public(), us_government() or china()"));
            }
            for end in ["", "/"] {
                let issuer = format!("{origin}/{{tenantid}}/v2.0{end}");
                issuers.push(IssuerTemplate::of(&issuer));
            }
            Ok(())
        };
        pin(authority, authority)?;
        let mut own: Vec<Box<str>> = Vec::new();
        for host in hosts {
            let bare = !host.contains([':', '/', '[']);
            if !bare {
                let error = ParseError::new("host of External ID", host, "a host alone is needed");
                return Err(error.hint("leave scheme, port and path out"));
            }
            pin(&format!("https://{host}"), host)?;
            own.push(host.into());
        }
        Ok(Self(Arc::new(Parts {
            name: "ExternalId".into(),
            authority: authority.into(),
            issuer_v1: None,
            issuer_v2: IssuerTemplate::of(ISSUER),
            key_cloud: None,
            known: Some(KnownCloud::Public),
            loopback: false,
            external_id: Some(ExternalId {
                hosts: own.into(),
                issuers: issuers.into(),
            }),
        })))
    }

    /// Whether this is External ID: one tenant per authority, and the issuer from discovery.
    #[must_use]
    pub fn is_external_id(&self) -> bool {
        self.0.external_id.is_some()
    }

    /// Whether `url` is on one of this authority's own hosts, to be asked for `tenant`. No other
    /// address that its metadata names may be called.
    ///
    /// Compared byte for byte up to the slash behind the host: no other port, no user, no longer
    /// host fits.
    ///
    /// ```
    /// use foundry_scopes::Cloud;
    ///
    /// let cloud = Cloud::public();
    /// assert!(cloud.pins(None, "https://login.microsoftonline.com/common/discovery/v2.0/keys"));
    /// assert!(!cloud.pins(None, "https://login.microsoftonline.com.evil.example/keys"));
    /// ```
    #[must_use]
    pub fn pins(&self, tenant: Option<TenantId>, url: &str) -> bool {
        let on = |origin: &str| {
            url.strip_prefix(origin)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        if on(self.authority()) {
            return true;
        }
        let Some(external_id) = &self.0.external_id else {
            return false;
        };
        let further = |host: &str| on(&format!("https://{host}"));
        external_id.hosts.iter().any(|host| further(host))
            || tenant.is_some_and(|tenant| further(&format!("{tenant}{SUFFIX}")))
    }

    /// The further hosts, as they were given.
    #[cfg(feature = "serde")]
    pub(super) fn external_hosts(&self) -> Option<&[Box<str>]> {
        self.0.external_id.as_ref().map(|own| &*own.hosts)
    }
}

/// The cloud of an authority of External ID, by its host alone.
pub(crate) fn of_host(host: &str) -> Option<Cloud> {
    let name = host.strip_suffix(SUFFIX)?;
    if name.is_empty() || name.contains('.') {
        return None;
    }
    Cloud::external_id(&format!("https://{host}"), []).ok()
}
