//! Clouds: authority, issuers, and the name that signing keys carry.

use std::sync::{Arc, LazyLock};

use self::origin::Origin;
use crate::error::ParseError;
use crate::issuer::IssuerTemplate;

#[cfg(feature = "serde")]
mod config;
mod external_id;
mod known;
mod origin;

use external_id::ExternalId;
pub(crate) use external_id::of_host as external_id_of_host;
pub use known::KnownCloud;
pub use origin::is_loopback_host;

/// One Microsoft cloud, as opaque data: the authority's base URL, the issuers of its
/// tokens, and the name its signing keys carry.
///
/// The known clouds have constructors; any other comes from configuration with
/// [`Cloud::custom`], External ID with [`Cloud::external_id`], and a local Entra ID with
/// [`Cloud::loopback`]. All take the same path through the code.
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
    issuer_v1: Option<IssuerTemplate>,
    issuer_v2: IssuerTemplate,
    key_cloud: Option<Box<str>>,
    known: Option<KnownCloud>,
    loopback: bool,
    /// What External ID has beside.
    external_id: Option<ExternalId>,
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
        static CLOUD: LazyLock<Cloud> = LazyLock::new(|| {
            Cloud::of_known(
                KnownCloud::Public,
                "https://login.microsoftonline.com",
                "https://sts.windows.net/",
                "microsoftonline.com",
            )
        });
        CLOUD.clone()
    }

    /// Azure for US Government, `login.microsoftonline.us`.
    ///
    /// Its v1 issuer is the public cloud's; what tells its tokens apart is the signing
    /// key's `cloud_instance_name`, which validation therefore checks.
    #[must_use]
    pub fn us_government() -> Self {
        static CLOUD: LazyLock<Cloud> = LazyLock::new(|| {
            Cloud::of_known(
                KnownCloud::UsGovernment,
                "https://login.microsoftonline.us",
                "https://sts.windows.net/",
                "microsoftonline.us",
            )
        });
        CLOUD.clone()
    }

    /// Azure in China operated by 21Vianet, `login.partner.microsoftonline.cn`.
    #[must_use]
    pub fn china() -> Self {
        static CLOUD: LazyLock<Cloud> = LazyLock::new(|| {
            Cloud::of_known(
                KnownCloud::China,
                "https://login.partner.microsoftonline.cn",
                "https://sts.chinacloudapi.cn/",
                "partner.microsoftonline.cn",
            )
        });
        CLOUD.clone()
    }

    /// A cloud from configuration: national partner clouds, air-gapped clouds.
    ///
    /// # Errors
    ///
    /// An authority that is not `https://host`, or templates without `{tenantid}`.
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
            issuer_v1: Some(IssuerTemplate::parse(spec.issuer_v1)?),
            issuer_v2: IssuerTemplate::parse(spec.issuer_v2)?,
            key_cloud: spec.key_cloud.map(Into::into),
            known: None,
            loopback: false,
            external_id: None,
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
            let error = ParseError::new(
                "loopback authority",
                base,
                "only 127.0.0.1, [::1] and localhost are loopback",
            );
            return Err(if origin.is_microsofts() {
                error.hint("for Microsoft's clouds use Cloud::public(), us_government() or china()")
            } else {
                error
            });
        }
        Ok(Self(Arc::new(Parts {
            name: "Loopback".into(),
            authority: base.into(),
            issuer_v1: Some(IssuerTemplate::parse(&format!("{base}/{{tenantid}}/"))?),
            issuer_v2: IssuerTemplate::parse(&format!("{base}/{{tenantid}}/v2.0"))?,
            key_cloud: Some("microsoftonline.com".into()),
            known: Some(KnownCloud::Public),
            loopback: true,
            external_id: None,
        })))
    }

    /// The cloud of that name, as far as its issuers are documented: the public cloud, US
    /// Government and China. The others come from configuration.
    ///
    /// ```
    /// use foundry_scopes::{Cloud, KnownCloud};
    ///
    /// assert_eq!(Cloud::from_known(KnownCloud::China), Some(Cloud::china()));
    /// assert_eq!(Cloud::from_known(KnownCloud::Bleu), None);
    /// ```
    #[must_use]
    pub fn from_known(known: KnownCloud) -> Option<Self> {
        Some(match known {
            KnownCloud::Public => Self::public(),
            KnownCloud::UsGovernment => Self::us_government(),
            KnownCloud::China => Self::china(),
            _ => return None,
        })
    }

    /// The same cloud with the resources and hosts that are documented for `known`.
    ///
    /// ```
    /// use foundry_scopes::{Cloud, CloudSpec, KnownCloud, catalogue};
    ///
    /// let bleu = Cloud::custom(CloudSpec {
    ///     name: "Bleu",
    ///     authority: "https://login.sovcloud-identity.fr",
    ///     issuer_v1: "https://sts.example.fr/{tenantid}/", // from the cloud's own metadata
    ///     issuer_v2: "https://login.sovcloud-identity.fr/{tenantid}/v2.0",
    ///     key_cloud: None,
    /// })?
    /// .with_catalogue_of(KnownCloud::Bleu);
    /// let scope = catalogue::GRAPH.default_scope(&bleu).unwrap();
    /// assert_eq!(scope.as_str(), "https://graph.svc.sovcloud.fr/.default");
    /// # Ok::<(), foundry_scopes::ParseError>(())
    /// ```
    #[must_use]
    pub fn with_catalogue_of(self, known: KnownCloud) -> Self {
        let parts = &*self.0;
        Self(Arc::new(Parts {
            name: parts.name.clone(),
            authority: parts.authority.clone(),
            issuer_v1: parts.issuer_v1.clone(),
            issuer_v2: parts.issuer_v2.clone(),
            key_cloud: parts.key_cloud.clone(),
            known: Some(known),
            loopback: parts.loopback,
            external_id: parts.external_id.clone(),
        }))
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

    /// Issuer of v1 tokens (Entra doc "Access tokens": v1.0 and v2.0 tokens). External ID
    /// has none.
    #[must_use]
    pub fn issuer_v1(&self) -> Option<&IssuerTemplate> {
        self.0.issuer_v1.as_ref()
    }

    /// Issuer of v2 tokens.
    #[must_use]
    pub fn issuer_v2(&self) -> &IssuerTemplate {
        &self.0.issuer_v2
    }

    /// Every issuer that v2 tokens may have, [`issuer_v2`](Self::issuer_v2) first. It is the
    /// only one but for [External ID](Self::external_id), where the discovery document says
    /// which of these it is.
    pub fn issuers_v2(&self) -> impl Iterator<Item = &IssuerTemplate> {
        let others = self.0.external_id.as_ref();
        let others = others.into_iter().flat_map(ExternalId::issuers);
        std::iter::once(&self.0.issuer_v2).chain(others)
    }

    /// `cloud_instance_name` that the cloud's signing keys carry, if it publishes one.
    ///
    /// The public key set also lists keys of another cloud, so this is what keeps a
    /// token of that cloud out.
    #[must_use]
    pub fn key_cloud(&self) -> Option<&str> {
        self.0.key_cloud.as_deref()
    }

    /// The documented cloud whose resources and hosts apply.
    ///
    /// A local Entra ID stands in for the public cloud; a custom cloud has none unless
    /// [`Cloud::with_catalogue_of`] names it.
    #[must_use]
    pub fn known(&self) -> Option<KnownCloud> {
        self.0.known
    }

    /// Whether this is a local Entra ID.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.0.loopback
    }

    fn of_known(known: KnownCloud, authority: &str, sts: &str, key_cloud: &str) -> Self {
        Self(Arc::new(Parts {
            name: known.as_str().into(),
            authority: authority.into(),
            issuer_v1: Some(IssuerTemplate::of(&format!("{sts}{{tenantid}}/"))),
            issuer_v2: IssuerTemplate::of(&format!("{authority}/{{tenantid}}/v2.0")),
            key_cloud: Some(key_cloud.into()),
            known: Some(known),
            loopback: false,
            external_id: None,
        }))
    }
}

#[cfg(test)]
mod tests;
