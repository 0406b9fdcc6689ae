//! The clouds that the tables know.

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
