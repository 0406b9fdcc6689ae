//! Known clouds, by name and by sign-in host.

use std::fmt;

/// A cloud whose resources and hosts are documented.
///
/// ```
/// use foundry_scopes::{Cloud, KnownCloud};
///
/// assert_eq!(Cloud::us_government().known(), Some(KnownCloud::UsGovernment));
/// assert_eq!(KnownCloud::China.to_string(), "AzureChina");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum KnownCloud {
    /// The public cloud.
    Public,
    /// Azure for US Government.
    UsGovernment,
    /// Azure in China operated by 21Vianet.
    China,
    /// Bleu, in France.
    Bleu,
    /// Delos, in Germany.
    Delos,
    /// The cloud of the government of Singapore.
    GovSg,
    /// The German cloud that was closed in 2021; only old texts name it.
    Germany,
}

impl KnownCloud {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Public,
        Self::UsGovernment,
        Self::China,
        Self::Bleu,
        Self::Delos,
        Self::GovSg,
        Self::Germany,
    ];

    /// The hosts of its Entra ID, the one to use first, then the aliases that tokens, caches
    /// and old texts carry (as the instance metadata of Microsoft's libraries lists them).
    ///
    /// ```
    /// use foundry_scopes::KnownCloud;
    ///
    /// assert_eq!(KnownCloud::Bleu.authority_hosts(), ["login.sovcloud-identity.fr"]);
    /// assert!(KnownCloud::Public.authority_hosts().contains(&"login.windows.net"));
    /// ```
    #[must_use]
    pub const fn authority_hosts(self) -> &'static [&'static str] {
        match self {
            Self::Public => &[
                "login.microsoftonline.com",
                "login.windows.net",
                "login.microsoft.com",
                "sts.windows.net",
            ],
            Self::UsGovernment => &[
                "login.microsoftonline.us",
                "login.usgovcloudapi.net",
                "login-us.microsoftonline.com",
            ],
            Self::China => &["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"],
            Self::Bleu => &["login.sovcloud-identity.fr"],
            Self::Delos => &["login.sovcloud-identity.de"],
            Self::GovSg => &["login.sovcloud-identity.sg"],
            Self::Germany => &["login.microsoftonline.de"],
        }
    }

    /// The cloud whose Entra ID answers at this host, in lower case.
    ///
    /// ```
    /// use foundry_scopes::KnownCloud;
    ///
    /// assert_eq!(KnownCloud::from_host("login.chinacloudapi.cn"), Some(KnownCloud::China));
    /// assert_eq!(KnownCloud::from_host("login.chinacloudapi.cn.example"), None);
    /// ```
    #[must_use]
    pub fn from_host(host: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|cloud| cloud.authority_hosts().contains(&host))
    }

    /// The cloud of that name, in any case, as the tools around it spell it: `public`,
    /// `AzureCloud`, `AzurePublicCloud`, `usgov`, `AzureUSGovernment`, `china`,
    /// `AzureChinaCloud`, `AzureBleuCloud`, ...
    ///
    /// ```
    /// use foundry_scopes::KnownCloud;
    ///
    /// assert_eq!(KnownCloud::from_name("AzureUSGovernment"), Some(KnownCloud::UsGovernment));
    /// assert_eq!(KnownCloud::from_name("mars"), None);
    /// ```
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let name = name.strip_prefix("azure").unwrap_or(&name);
        Some(match name.strip_suffix("cloud").unwrap_or(name) {
            "" | "public" | "global" => Self::Public,
            "usgov" | "usgovernment" => Self::UsGovernment,
            "china" => Self::China,
            "bleu" => Self::Bleu,
            "delos" => Self::Delos,
            "govsg" => Self::GovSg,
            "german" | "germany" => Self::Germany,
            _ => return None,
        })
    }

    /// Its name, in the style of Microsoft's libraries.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "AzurePublic",
            Self::UsGovernment => "AzureUsGovernment",
            Self::China => "AzureChina",
            Self::Bleu => "AzureBleu",
            Self::Delos => "AzureDelos",
            Self::GovSg => "AzureGovSg",
            Self::Germany => "AzureGermany",
        }
    }
}

impl fmt::Display for KnownCloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
